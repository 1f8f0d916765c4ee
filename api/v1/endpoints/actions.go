package endpoints

import (
	"context"
	"errors"
	"strings"
	"time"
	"unicode/utf8"

	"patapay/api/problem"
	"patapay/api/rest"
	"patapay/domain"
	"patapay/domain/endpoint"
	"patapay/tenants"
	store "patapay/tenants/endpoints"
	"patapay/tenants/query"
)

func (s *Handler) pause(ctx context.Context, in rest.Transaction, asked *OneInput) (*rest.Object[endpointView], error) {
	return s.with(ctx, in, asked, true, func(tx *tenants.Tx, e store.Endpoint) error {
		if err := store.Pause(tx, e.ID, endpoint.ByRequest, s.Instant()); err != nil {
			return err
		}
		return s.audit(ctx, tx, "pause", store.Name(e.ID), nil)
	})
}

func (s *Handler) resume(
	ctx context.Context, in rest.Transaction, asked *OneInput,
) (*rest.Object[endpointView], error) {
	return s.with(ctx, in, asked, true, func(tx *tenants.Tx, e store.Endpoint) error {
		if err := store.Resume(tx, e.ID, s.Instant()); err != nil {
			return err
		}
		return s.audit(ctx, tx, "resume", store.Name(e.ID), nil)
	})
}

func (s *Handler) rotate(
	ctx context.Context, in rest.Transaction, asked *OneInput,
) (*rest.Object[endpointView], error) {
	fresh := ""
	out, err := s.with(ctx, in, asked, true, func(tx *tenants.Tx, e store.Endpoint) error {
		secret, err := store.Rotate(tx, s.Vault, e, s.Instant())
		if err != nil {
			return err
		}
		fresh = secret.Reveal()
		return s.audit(ctx, tx, "secret.rotate", store.Name(e.ID), nil)
	})
	if err == nil {
		out.Body.Secret = fresh
	}
	return out, err
}

func (s *Handler) test(ctx context.Context, in rest.Transaction, asked *OneInput) (*rest.Object[endpointView], error) {
	return s.with(ctx, in, asked, true, func(tx *tenants.Tx, e store.Endpoint) error {
		if err := store.RequestTest(tx, e.ID, s.Instant()); err != nil {
			return err
		}
		return s.audit(ctx, tx, "test", store.Name(e.ID), nil)
	})
}

// ReplayInput says from where: exactly one of its members.
type ReplayInput struct {
	OneInput
	Body struct {
		After  *int64     `json:"after,omitempty" minimum:"0" doc:"A clinic's: seq of the last entry that is not to come again"`
		Cursor *string    `json:"cursor,omitempty" maxLength:"200" doc:"The platform's: cursor of that entry"`
		Since  *time.Time `json:"since,omitempty" doc:"Everything from then on, and perhaps a little before"`
	}
}

type clinicReplay struct {
	rest.TenantPath
	ReplayInput
}

// place returns where a replay begins, and the member that named it.
func (in *ReplayInput) place(tx *tenants.Tx) (p query.Place, member string, err error) {
	b, given := in.Body, 0
	for _, is := range []bool{b.After != nil, b.Cursor != nil, b.Since != nil} {
		if is {
			given++
		}
	}
	switch {
	case given != 1, b.After != nil && tx.Clinic() == 0, b.Cursor != nil && tx.Clinic() > 0:
		return p, "", &problem.Error{
			Code:   string(domain.Invalid),
			Detail: "Informe de onde repetir: after (de uma clínica), cursor (da plataforma) ou since.",
		}
	case b.After != nil:
		return query.Place{Tx: "0", Seq: *b.After}, "after", nil
	case b.Cursor != nil:
		p, err = query.ParsePlace(*b.Cursor)
		return p, "cursor", err
	}
	p, err = store.PlaceSince(tx, b.Since.UTC())
	return p, "since", err
}

func (s *Handler) replay(
	ctx context.Context, in rest.Transaction, asked *ReplayInput,
) (*rest.Object[endpointView], error) {
	return s.with(ctx, in, &asked.OneInput, true, func(tx *tenants.Tx, e store.Endpoint) error {
		to, member, err := asked.place(tx)
		if err == nil {
			err = store.Replay(tx, e, to, s.Instant())
		}
		code := ""
		switch {
		case errors.Is(err, query.ErrExpired):
			code = "cursor_expired"
		case errors.Is(err, tenants.ErrCursor):
			code = "cursor_mismatch"
		case err != nil:
			return err
		default:
			return s.audit(ctx, tx, "replay", store.Name(e.ID), map[string]any{"from": member})
		}
		return &problem.Error{Code: code, Fields: []problem.Field{{Pointer: "/" + member, Code: code}}, Err: err}
	})
}

// endpointDeliveryView is one try.
type endpointDeliveryView struct {
	ID        string    `json:"id" example:"dlv_06a1…"`
	WebhookID string    `json:"webhookId" doc:"webhook-id: the same at every try of an entry"`
	Type      string    `json:"type"`
	ObjectID  *string   `json:"objectId" doc:"Null: a test"`
	Try       int       `json:"try" doc:"1: the first"`
	At        time.Time `json:"at"`
	Code      *int      `json:"code" doc:"HTTP status of the answer; null: there was none"`
	Reason    string    `json:"reason,omitempty" doc:"Why it failed: refused (the answer was no 2xx), redirect, timeout, connection_failed, certificate_refused, lookup_failed, refused_address (not on the internet), cursor_expired; left out: it arrived. New ones may come"`
	LatencyMs int64     `json:"latencyMs"`
	Answer    string    `json:"answer,omitempty" doc:"The first KiB of what was answered"`
}

func viewDelivery(d store.Delivery) (endpointDeliveryView, error) {
	v := endpointDeliveryView{
		ID: d.ID.Public("dlv"), WebhookID: d.Message, Type: d.Type, Try: d.Try, At: d.At, Reason: d.Reason,
		LatencyMs: d.Latency.Milliseconds(), Answer: strings.ToValidUTF8(string(d.Answer), string(utf8.RuneError)),
	}
	if d.Code > 0 {
		v.Code = &d.Code
	}
	if prefix := prefixes[d.Type]; prefix != "" {
		v.ObjectID = rest.TextOrNull(d.ObjectID.Public(prefix))
	}
	return v, nil
}

// prefixes are those of the objects that entries of a type are about.
var prefixes = map[string]string{
	"invoice.updated": "ivc", "checkout.updated": "chk", "anticipation.updated": "ant",
	"deadline.opened": "ddl", "deadline.changed": "ddl", "deadline.closed": "ddl",
	"work_item.opened": "wki", "work_item.changed": "wki", "work_item.closed": "wki", "connection.changed": "con",
}

// DeliveriesInput says which tries of an endpoint are wanted.
type DeliveriesInput struct {
	OneInput
	rest.ListInput
	State string `query:"state" enum:"all,failed" default:"all"`
}

type clinicDeliveries struct {
	rest.TenantPath
	DeliveriesInput
}

func (s *Handler) deliveries(
	ctx context.Context, in rest.Transaction, asked *DeliveriesInput,
) (out *rest.PageOf[endpointDeliveryView], err error) {
	id, err := asked.id()
	if err != nil {
		return nil, err
	}
	err = in(ctx, func(tx *tenants.Tx) error {
		if _, err := store.Find(tx, id, false); err != nil {
			return err
		}
		found, err := store.Deliveries(tx, s.Vault, id, store.DeliveryFilter{Failed: asked.State == "failed"}, asked.Page(""))
		if err != nil {
			return rest.CursorProblem(err)
		}
		out, err = rest.PageView(&asked.ListInput, found, viewDelivery)
		return err
	})
	return out, err
}
