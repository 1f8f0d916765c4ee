package feed

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"patapay/api/problem"
	"patapay/api/rest"
	"patapay/api/v1/agenda"
	"patapay/api/v1/connection"
	"patapay/api/v1/invoices"
	"patapay/api/v1/ledger"
	"patapay/domain"
	"patapay/domain/endpoint"
	"patapay/tenants"
	store "patapay/tenants/agenda"
	connections "patapay/tenants/connection"
	books "patapay/tenants/ledger"
	"patapay/tenants/query"
)

func (s *Handler) registerFeed(api huma.API) {
	rest.Register(
		api,
		rest.NewOperation(
			http.MethodGet, "/v1/tenants/{tenant}/feed", "getFeed",
			"The clinic's changes behind a number, in order, without a gap", "Feed", rest.FeedRead,
		),
		s.getFeed,
	)
	rest.Register(
		api,
		rest.NewOperation(
			http.MethodGet, "/v1/feed", "getPlatformFeed", "All clinics' changes behind a cursor; for the platform",
			"Feed", rest.FeedRead,
		),
		s.getPlatformFeed,
	)
}

// FeedInput is what both feeds take.
type FeedInput struct {
	Limit int `query:"limit" minimum:"0" maximum:"500" default:"100" doc:"How many at most; 0: only where the feed ends, whatever after or cursor say"`
	Wait  int `query:"wait" minimum:"0" maximum:"30" default:"0" doc:"Seconds to wait for a change when there is none"`
}

type feedInput struct {
	rest.TenantPath
	FeedInput
	After int64 `query:"after" minimum:"0" default:"0" doc:"seq of the last entry that was read; 0: from the first"`
}

type platformFeedInput struct {
	FeedInput
	Cursor string `query:"cursor" maxLength:"200" doc:"cursor of the last entry that was read, or head; left out: from the oldest that is kept"`
}

// entryView is one entry of the feed: an object after one change.
type entryView struct {
	Seq        int64     `json:"seq" doc:"1, 2 … in its clinic, without a gap"`
	Cursor     string    `json:"cursor,omitempty" doc:"In the platform's feed: hand it in to read what follows"`
	TenantID   string    `json:"tenantId"`
	Type       string    `json:"type" doc:"New ones may come" enum:"invoice.updated,checkout.updated,anticipation.updated,deadline.opened,deadline.changed,deadline.closed,work_item.opened,work_item.changed,work_item.closed,connection.changed"`
	ObjectID   string    `json:"objectId"`
	AsaasID    string    `json:"asaasId"`
	Version    int       `json:"version" doc:"Of the object; an entry may come twice, so keep the greatest"`
	OccurredAt time.Time `json:"occurredAt" doc:"When we changed it"`
	Object     objectAny `json:"object" doc:"The object as its own address shows it, as of this version; an invoice's anticipation is null here, it has entries of its own; of a connection what its state is"`
}

// objectAny is an invoice, a checkout, an anticipation, a deadline, a work item, or the state of a connection.
type objectAny struct{ v any }

// MarshalJSON writes the object.
func (o objectAny) MarshalJSON() ([]byte, error) { return json.Marshal(o.v) }

// Schema says that it is one of them.
func (objectAny) Schema(r huma.Registry) *huma.Schema {
	one := func(t reflect.Type) *huma.Schema { return r.Schema(t, true, t.Name()) }
	return &huma.Schema{
		AnyOf: []*huma.Schema{
			one(reflect.TypeFor[invoices.InvoiceView]()),
			one(reflect.TypeFor[invoices.CheckoutView]()),
			one(reflect.TypeFor[invoices.AnticipationView]()),
			one(reflect.TypeFor[agenda.DeadlineView]()),
			one(reflect.TypeFor[ledger.WorkItemView]()),
			one(reflect.TypeFor[connection.ConnectionStateView]()),
		},
	}
}

type feedOutput struct {
	Body struct {
		Data    []entryView `json:"data" nullable:"false"`
		HasMore bool        `json:"hasMore" doc:"Whether more is there to be read now"`
		Newest  int64       `json:"newest" doc:"seq of the clinic's newest entry: read everything else, then follow from here"`
	}
}

type platformFeedOutput struct {
	Body struct {
		Data    []entryView `json:"data" nullable:"false"`
		HasMore bool        `json:"hasMore" doc:"Whether more is there to be read now"`
		Head    string      `json:"head" doc:"A cursor at the present end: read everything else, then follow from here"`
	}
}

func (s *Handler) getFeed(ctx context.Context, in *feedInput) (*feedOutput, error) {
	if in.Limit == 0 {
		in.Wait = 0
	}
	leave, err := s.await(ctx, in.Tenant, in.Wait)
	if err != nil {
		return nil, err
	}
	defer leave()
	c, err := s.Clinic(ctx, in.Tenant)
	if err != nil {
		return nil, err
	}
	out := &feedOutput{}
	err = s.patiently(ctx, c.ID, in.Wait, func() (int, error) {
		out.Body.Data, out.Body.Newest, err = s.clinicFeed(ctx, c, in.After, in.Limit)
		return len(out.Body.Data), err
	})
	if n := len(out.Body.Data); n > 0 {
		out.Body.HasMore = out.Body.Data[n-1].Seq < out.Body.Newest
	}
	return out, err
}

func (s *Handler) getPlatformFeed(ctx context.Context, in *platformFeedInput) (*platformFeedOutput, error) {
	if in.Limit == 0 {
		in.Wait, in.Cursor = 0, ""
	}
	leave, err := s.await(ctx, "", in.Wait)
	if err != nil {
		return nil, err
	}
	defer leave()
	if err := s.RequirePlatform(ctx); err != nil {
		return nil, err
	}
	out := &platformFeedOutput{}
	err = s.patiently(ctx, 0, in.Wait, func() (n int, err error) {
		out.Body.Data, out.Body.Head, out.Body.HasMore, err = s.platformFeed(ctx, &keptViews{}, in.Cursor, in.Limit)
		return len(out.Body.Data), err
	})
	return out, err
}

// clinicFeed reads entries of one clinic, and the number of its newest.
func (s *Handler) clinicFeed(
	ctx context.Context, c tenants.Clinic, after int64, limit int,
) (views []entryView, newest int64, err error) {
	err = s.DB.In(ctx, c.ID, func(tx *tenants.Tx) error {
		var entries []query.Entry
		entries, newest, err = query.Feed(tx, after, max(1, limit))
		if limit == 0 && (err == nil || errors.Is(err, query.ErrExpired) || errors.Is(err, tenants.ErrCursor)) {
			views = []entryView{} // a new reader has no place yet that it could name
			return nil
		}
		if err != nil {
			return feedRefused(err, "after")
		}
		l, err := s.ClinicView(ctx, tx, c)
		if err != nil {
			return err
		}
		views, err = entriesOf(entries, func(domain.ClinicID) (rest.ClinicView, error) { return l, nil })
		return err
	})
	return views, newest, err
}

// platformFeed reads entries of all clinics, a cursor at the present end, and whether there may be
// more behind the entries.
func (s *Handler) platformFeed(
	ctx context.Context, kept *keptViews, cursor string, limit int,
) (views []entryView, head string, more bool, err error) {
	entries, head, err := query.PlatformFeed(s.DB, ctx, cursor, limit)
	if err != nil {
		return nil, "", false, feedRefused(err, "cursor")
	}
	views, err = entriesOf(entries, func(c domain.ClinicID) (rest.ClinicView, error) { return s.keptView(ctx, kept, c) })
	return views, head, limit > 0 && (len(entries) == limit || query.Full(entries)), err
}

// keptViews keeps what opens the clinics' texts for a reader that comes back at once: else each
// entry of a stream would cost a transaction of its own.
type keptViews struct {
	since time.Time
	open  map[domain.ClinicID]rest.ClinicView
}

// keepView is how long a stream believes that a clinic was not deleted meanwhile.
const keepView = 5 * time.Second

// find returns the view of a clinic that is kept at an instant.
func (k *keptViews) find(c domain.ClinicID, now time.Time) (l rest.ClinicView, known bool) {
	if k.open == nil || now.Sub(k.since) > keepView {
		k.since, k.open = now, map[domain.ClinicID]rest.ClinicView{}
	}
	l, known = k.open[c]
	return l, known
}

// keptView returns the view of a clinic that k keeps, or opens it.
func (s *Handler) keptView(ctx context.Context, k *keptViews, c domain.ClinicID) (rest.ClinicView, error) {
	l, known := k.find(c, time.Now())
	if known {
		return l, nil
	}
	l, err := viewOf(ctx, s.Service, c)
	if err == nil {
		k.open[c] = l
	}
	return l, err
}

// viewOf opens the texts of a clinic that entries speak of. One whose keys are destroyed
// shows none.
func viewOf(ctx context.Context, s *rest.Service, id domain.ClinicID) (l rest.ClinicView, err error) {
	err = s.DB.In(ctx, id, func(tx *tenants.Tx) error {
		c, err := tx.Self()
		if err != nil {
			return err
		}
		if l, err = s.ClinicView(ctx, tx, c); c.State == "deleted" {
			l.Texts = false
		}
		return err
	})
	return l, err
}

func entriesOf(entries []query.Entry, viewOf func(domain.ClinicID) (rest.ClinicView, error)) ([]entryView, error) {
	views := make([]entryView, len(entries))
	for i, e := range entries {
		l, err := viewOf(e.Clinic)
		if err != nil {
			return nil, err
		}
		if views[i], err = entryOf(l, e); err != nil {
			return nil, err
		}
	}
	return views, nil
}

// entryOf shows an entry as its object's own address would have, right after the change.
func entryOf(l rest.ClinicView, e query.Entry) (v entryView, err error) {
	v = entryView{
		Seq:        e.Seq,
		Cursor:     e.Place,
		TenantID:   e.Tenant.Public("ten"),
		AsaasID:    e.AsaasID,
		Version:    e.Version,
		OccurredAt: e.At,
	}
	prefix := ""
	switch e.Kind {
	case domain.KindPayment:
		v.Type, prefix = "invoice.updated", "ivc"
		v.Object.v, err = shownObject(e, func(s query.Stored[domain.Invoice]) (invoices.InvoiceView, error) {
			return invoices.InvoiceOf(l, s, nil, nil)
		})
	case domain.KindCheckout:
		v.Type, prefix = "checkout.updated", "chk"
		v.Object.v, err = shownObject(e, func(s query.Stored[domain.Checkout]) (invoices.CheckoutView, error) {
			return invoices.CheckoutOf(l, s, nil)
		})
	case domain.KindWorkItemOpened, domain.KindWorkItemChanged, domain.KindWorkItemClosed:
		v.Type, prefix = endpoint.TypeOf(e.Kind), "wki"
		v.Object.v, err = shownObject(e, func(s query.Stored[books.WorkItem]) (ledger.WorkItemView, error) {
			s.Value.ID = s.ID
			return ledger.WorkItemOf(s.Value, e.At), nil
		})
	case domain.KindConnection:
		v.Type, prefix = endpoint.TypeOf(e.Kind), "con"
		type stored = query.Stored[connections.Connection]
		v.Object.v, err = shownObject(e, func(s stored) (connection.ConnectionStateView, error) {
			s.Value.PublicID = s.ID
			return connection.StateOf(s.Value), nil
		})
	case domain.KindDeadlineOpened, domain.KindDeadlineChanged, domain.KindDeadlineClosed:
		v.Type, prefix = endpoint.TypeOf(e.Kind), "ddl"
		v.Object.v, err = shownObject(e, func(s query.Stored[store.Entry]) (agenda.DeadlineView, error) {
			return agenda.DeadlineOf(s.Value), nil
		})
	default:
		v.Type, prefix = "anticipation.updated", "ant"
		v.Object.v, err = shownObject(e, func(s query.Stored[domain.Anticipation]) (invoices.AnticipationView, error) {
			return invoices.AnticipationOf(l, s, invoices.AdvancePayers{})
		})
	}
	v.ObjectID = e.ID.Public(prefix)
	return v, err
}

func shownObject[T, V any](e query.Entry, view func(query.Stored[T]) (V, error)) (any, error) {
	s, err := query.Object[T](e)
	if err != nil {
		return nil, err
	}
	return view(s)
}

// feedRefused turns the store's refusal of a place into the problem that names it.
func feedRefused(err error, parameter string) error {
	code := "cursor_mismatch"
	switch {
	case errors.Is(err, query.ErrExpired):
		code = "cursor_expired"
	case !errors.Is(err, tenants.ErrCursor):
		return err
	}
	return &problem.Error{Code: code, Fields: []problem.Field{{Parameter: parameter, Code: code}}, Err: err}
}

// next returns a channel that is closed at the clinic's next change; nil when nobody tells.
func (s *Handler) next(clinic domain.ClinicID) <-chan struct{} {
	if s.Changes == nil {
		return nil
	}
	return s.Changes.Next(clinic)
}

// pollEvery is how often a waiting reader looks by itself: a notification of a change may be lost.
const pollEvery = time.Second

// await takes a place among the long polls of a tenant, "" for the platform's, for a request that may wait some
// seconds, and returns what gives it back. It fails as places.take does.
func (s *Handler) await(ctx context.Context, tenant string, seconds int) (leave func(), err error) {
	if seconds == 0 {
		return func() {}, nil
	}
	return s.polls.take(ctx, tenant)
}

// patiently calls read until it has something, fails, or seconds are over.
func (s *Handler) patiently(ctx context.Context, clinic domain.ClinicID, seconds int, read func() (int, error)) error {
	until := time.Now().Add(time.Duration(seconds) * time.Second)
	if seconds > 0 {
		keepReading(ctx)
	}
	for nap := pollEvery; ; {
		next := s.next(clinic) // before the look, so that no change falls between
		n, err := read()
		left := time.Until(until)
		if n > 0 || err != nil || left <= 0 {
			return err
		}
		select {
		case <-next:
			nap = 20 * time.Millisecond // the platform's order may be held back a little
		case <-time.After(min(nap, left)):
			nap = min(2*nap, pollEvery)
		case <-s.Closing:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
		if !s.stands(ctx, rest.CallerOf(ctx).Principal) { // what came meanwhile is not for them any more
			return domain.Errorf(domain.Unauthenticated, "")
		}
	}
}
