package endpoints

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"patapay/api/problem"
	"patapay/api/rest"
	"patapay/domain"
	"patapay/domain/endpoint"
	"patapay/tenants"
	store "patapay/tenants/endpoints"
)

// endpointView is an endpoint: never its secret, but in the answer that made it.
type endpointView struct {
	ID            string     `json:"id" example:"end_06a1…"`
	URL           string     `json:"url"`
	Description   string     `json:"description"`
	Types         []string   `json:"types" nullable:"false" doc:"Of the entries that are sent; none: all"`
	Payload       string     `json:"payload" enum:"whole,thin" doc:"thin: an entry without its object"`
	PersonalData  bool       `json:"personalData" doc:"Whether names and documents of people are sent unmasked: as whoever gave the address saw them"`
	State         string     `json:"state" enum:"active,paused"`
	Reason        string     `json:"reason,omitempty" doc:"Why it is paused; new ones may come" enum:"by_request,failing,gone,cursor_expired,new_epoch"`
	StateSince    time.Time  `json:"stateSince"`
	Cursor        string     `json:"cursor,omitempty" doc:"Of the platform's feed: behind the last entry that was handed out"`
	Seq           int64      `json:"seq" doc:"Of the last entry that was handed out; in the platform's, that of its clinic"`
	Waiting       int        `json:"waiting" doc:"Entries that are not acknowledged yet; at 1000 the endpoint waits"`
	Failures      int        `json:"failures" doc:"Deliveries that failed in a row"`
	NextAttemptAt *time.Time `json:"nextAttemptAt" doc:"It is left alone until then; null: it is not"`
	SucceededAt   *time.Time `json:"succeededAt" doc:"Null: never"`
	FailedAt      *time.Time `json:"failedAt" doc:"Null: never"`
	Version       int        `json:"version"`
	CreatedAt     time.Time  `json:"createdAt"`
	CreatedBy     string     `json:"createdBy"`
	Secret        string     `json:"secret,omitempty" doc:"whsec_…: in the answer that made it only"`
}

func (s *Handler) view(e store.Endpoint) endpointView {
	v := endpointView{
		ID: store.Name(e.ID), URL: e.URL, Description: e.Description, Types: rest.OrEmpty(e.Types), Payload: e.Payload,
		PersonalData: e.Personal, State: e.State, Reason: e.Reason, StateSince: e.StateSince, Seq: e.Place.Seq,
		Waiting: e.Waiting, Failures: e.Failures, SucceededAt: rest.TimeOrNull(e.SucceededAt),
		FailedAt: rest.TimeOrNull(e.FailedAt), Version: e.Version, CreatedAt: e.CreatedAt, CreatedBy: e.CreatedBy,
	}
	if e.NextAt.After(s.Instant()) {
		v.NextAttemptAt = &e.NextAt
	}
	if e.Place.Clinic > 0 || e.Place.Tx != "" && e.Place.Tx != "0" {
		v.Cursor = e.Place.String()
	}
	return v
}

// NewEndpoint says what an endpoint is for.
type NewEndpoint struct {
	URL         string   `json:"url" minLength:"1" maxLength:"2000" doc:"https, port 443 or above 1024, on the internet" example:"https://faturamento.example.com/patapay"`
	Description string   `json:"description,omitempty" example:"Baixa no módulo de faturamento" maxLength:"200"`
	Types       []string `json:"types,omitempty" maxItems:"20" enum:"invoice.updated,checkout.updated,anticipation.updated,deadline.opened,deadline.changed,deadline.closed,work_item.opened,work_item.changed,work_item.closed,connection.changed" doc:"Left out or empty: all"`
	Payload     string   `json:"payload,omitempty" enum:"whole,thin" default:"whole"`
}

// CreateInput asks for an endpoint.
type CreateInput struct{ Body NewEndpoint }

type clinicCreate struct {
	rest.TenantPath
	CreateInput
}

type clinicList struct {
	rest.TenantPath
	rest.ListInput
}

// checkURL fails with the problem that names the address.
func (s *Handler) checkURL(text string) error {
	_, err := s.Rule.Check(text)
	var wrong *domain.Error
	if errors.As(err, &wrong) {
		return &problem.Error{
			Code: string(domain.Invalid), Detail: wrong.Detail,
			Fields: []problem.Field{{Pointer: "/url", Code: "invalid", Detail: wrong.Detail}},
		}
	}
	return err
}

func (s *Handler) create(
	ctx context.Context, in rest.Transaction, asked *CreateInput,
) (*rest.Object[endpointView], error) {
	if err := s.checkURL(asked.Body.URL); err != nil {
		return nil, err
	}
	e := store.Endpoint{
		URL: asked.Body.URL, Description: asked.Body.Description, Types: sorted(asked.Body.Types),
		Payload: cmp.Or(asked.Body.Payload, endpoint.Whole), Personal: rest.SeesPersonal(ctx),
		CreatedBy: rest.CallerOf(ctx).Subject,
	}
	var view endpointView
	err := in(ctx, func(tx *tenants.Tx) error {
		place, err := store.PresentEnd(tx)
		if err != nil {
			return err
		}
		e.Place = place
		made, secret, err := store.Add(tx, s.Vault, e, s.Instant())
		if errors.Is(err, store.ErrTooMany) {
			return &problem.Error{
				Code: string(domain.Conflict), Detail: "Já há 20 endereços. Remova um que não usa mais.", Err: err,
			}
		}
		if err != nil {
			return err
		}
		view = s.view(made)
		view.Secret = secret.Reveal()
		return s.audit(ctx, tx, "create", view.ID, map[string]any{"payload": made.Payload, "personal": made.Personal})
	})
	out := rest.Show("", rest.VersionTag(view.Version), view)
	out.Status = http.StatusCreated
	return out, err
}

func sorted(types []string) []string { return slices.Compact(slices.Sorted(slices.Values(types))) }

func (s *Handler) list(
	ctx context.Context, in rest.Transaction, asked *rest.ListInput,
) (out *rest.PageOf[endpointView], err error) {
	err = in(ctx, func(tx *tenants.Tx) error {
		found, err := store.List(tx, asked.Page(""))
		if err != nil {
			return rest.CursorProblem(err)
		}
		out, err = rest.PageView(asked, found, func(e store.Endpoint) (endpointView, error) { return s.view(e), nil })
		return err
	})
	return out, err
}

func (s *Handler) get(ctx context.Context, in rest.Transaction, asked *OneInput) (*rest.Object[endpointView], error) {
	return s.with(ctx, in, asked, false, func(*tenants.Tx, store.Endpoint) error { return nil })
}

// with runs fn on the endpoint that is named, and shows it as it is afterwards.
func (s *Handler) with(
	ctx context.Context, in rest.Transaction, asked *OneInput, lock bool, fn func(*tenants.Tx, store.Endpoint) error,
) (*rest.Object[endpointView], error) {
	id, err := asked.id()
	if err != nil {
		return nil, err
	}
	var e store.Endpoint
	err = in(ctx, func(tx *tenants.Tx) (err error) {
		if e, err = store.Find(tx, id, lock); err != nil {
			return err
		}
		if err = fn(tx, e); err != nil || !lock {
			return err
		}
		e, err = store.Find(tx, id, false)
		return err
	})
	if err != nil {
		return nil, err
	}
	return rest.Show("", rest.VersionTag(e.Version), s.view(e)), nil
}

// ChangeInput says what of an endpoint is to be another way; what is left out stays.
type ChangeInput struct {
	OneInput
	IfMatch string `header:"If-Match" doc:"ETag of the version you saw"`
	Body    struct {
		URL         *string   `json:"url,omitempty" minLength:"1" maxLength:"2000" example:"https://faturamento.example.com/patapay"`
		Description *string   `json:"description,omitempty" example:"Baixa no módulo de faturamento" maxLength:"200"`
		Types       *[]string `json:"types,omitempty" maxItems:"20" enum:"invoice.updated,checkout.updated,anticipation.updated,deadline.opened,deadline.changed,deadline.closed,work_item.opened,work_item.changed,work_item.closed,connection.changed"`
		Payload     *string   `json:"payload,omitempty" enum:"whole,thin"`
	}
}

type clinicChange struct {
	rest.TenantPath
	ChangeInput
}

// change lets nobody send elsewhere what they may not see themselves.
func (s *Handler) change(
	ctx context.Context, in rest.Transaction, asked *ChangeInput,
) (*rest.Object[endpointView], error) {
	if asked.Body.URL != nil {
		if err := s.checkURL(*asked.Body.URL); err != nil {
			return nil, err
		}
	}
	return s.with(ctx, in, &asked.OneInput, true, func(tx *tenants.Tx, e store.Endpoint) error {
		if err := rest.RequireMatch(asked.IfMatch, rest.VersionTag(e.Version)); err != nil {
			return err
		}
		if b := asked.Body; b.URL != nil && *b.URL != e.URL {
			e.URL, e.Personal = *b.URL, e.Personal && rest.SeesPersonal(ctx)
		}
		if asked.Body.Description != nil {
			e.Description = *asked.Body.Description
		}
		if asked.Body.Types != nil {
			e.Types = sorted(*asked.Body.Types)
		}
		if asked.Body.Payload != nil {
			e.Payload = *asked.Body.Payload
		}
		if err := store.Save(tx, e); err != nil {
			return err
		}
		return s.audit(
			ctx, tx, "change", store.Name(e.ID), map[string]any{"url": asked.Body.URL != nil, "payload": e.Payload},
		)
	})
}

func (s *Handler) remove(ctx context.Context, in rest.Transaction, asked *OneInput) (*struct{}, error) {
	id, err := asked.id()
	if err != nil {
		return nil, err
	}
	return nil, in(ctx, func(tx *tenants.Tx) error {
		if err := store.Delete(tx, id, s.Instant()); err != nil {
			return err
		}
		return s.audit(ctx, tx, "delete", store.Name(id), nil)
	})
}
