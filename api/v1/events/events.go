package events

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"patapay/api/rest"
	"patapay/api/v1/invoices"
	"patapay/domain"
	"patapay/domain/asaas"
	"patapay/tenants"
	"patapay/tenants/inbox"
	"patapay/tenants/query"
)

func (s *Handler) registerEvents(api huma.API) {
	rest.Register(
		api,
		rest.NewOperation(
			http.MethodGet, "/v1/tenants/{tenant}/events", "listEvents",
			"What Asaas told of the clinic, newest first", "Events", rest.EventsRead,
		),
		s.listEvents,
	)
	rest.Register(
		api,
		rest.NewOperation(
			http.MethodGet, "/v1/tenants/{tenant}/events/summary", "getEventSummary",
			"Deliveries by hour or day, and what became of them", "Events", rest.EventsRead,
		),
		s.getEventSummary,
	)
	rest.Register(
		api,
		rest.NewOperation(
			http.MethodGet, "/v1/tenants/{tenant}/events/{id}", "getEvent", "One event and what became of it",
			"Events", rest.EventsRead,
		),
		s.getEvent,
	)
	rest.Register(
		api,
		rest.NewOperation(
			http.MethodGet, "/v1/tenants/{tenant}/events/{id}/payload", "getEventPayload",
			"An event's body as it came, personal data masked", "Events", rest.EventsRead,
		),
		s.getPayload,
	)
}

type listEventsInput struct {
	rest.TenantPath
	rest.ListInput
	EventQuery
	Sort string `query:"sort" enum:"receivedAt,-receivedAt" default:"-receivedAt" doc:"With - in front: the newest first"`
}

// EventQuery has a filter for each thing that people look for in events.
type EventQuery struct {
	Type         []string              `query:"type" doc:"Any of these names of Asaas's, such as PAYMENT_RECEIVED"`
	Source       []string              `query:"source" doc:"Any of these: sent by Asaas, an answer of Asaas's to a read of ours, a try of our own door" enum:"webhook,api,test"`
	Tests        string                `query:"tests" enum:"without,only" doc:"The tries of our own door, and what Asaas told of the checkouts by which a connection is tried: without them, or they alone"`
	Kind         []string              `query:"kind" doc:"Any of these" enum:"payment,checkout,anticipation,other"`
	Outcome      []string              `query:"outcome" doc:"Any of these" enum:"received,applied,no_effect,held,quarantined,dead"`
	Reason       string                `query:"reason" doc:"Any of these, separated by commas" maxLength:"100"`
	Entity       string                `query:"entity" doc:"asaasId of an invoice, checkout or anticipation" maxLength:"200"`
	AsaasID      string                `query:"asaasId" doc:"Asaas's own id of the event" maxLength:"500"`
	Q            string                `query:"q" doc:"One thing to look for: the value of an object as it is now (R$ 310,00), a day of receipt (30/11/2026 or 2026-11-30), or a name, letter for letter: an event's id (evt_…&…, rev_…), an object's (pay_…, ivc_…), a payer's (cus_…), an externalReference whatever its form, an invoiceNumber, a nossoNumero, or with personal:read words of a payer's name as in customerName of the invoices. Beside filters of the same attribute it decides" maxLength:"500"`
	ReceivedFrom rest.Given[time.Time] `query:"receivedAt[gte]"`
	ReceivedTo   rest.Given[time.Time] `query:"receivedAt[lte]"`
	Tries        int                   `query:"tries[gte]" doc:"Of those that still wait or were given up: tries that failed" minimum:"0" maximum:"1000"`
}

// Filter reads the query; a name in it is looked up.
func (in *EventQuery) Filter(tx *tenants.Tx, l rest.ClinicView) (f query.EventFilter, err error) {
	kinds := rest.Map(in.Kind, func(k string) string {
		if k == "other" {
			return string(domain.KindOther)
		}
		return k
	})
	f = query.EventFilter{
		Types:    in.Type,
		Sources:  in.Source,
		Tests:    in.Tests,
		Kinds:    kinds,
		Outcomes: in.Outcome,
		Reasons:  strings.FieldsFunc(in.Reason, func(r rune) bool { return r == ',' }),
		Entity:   in.Entity,
		AsaasID:  in.AsaasID,
		Tries:    in.Tries,
		Received: rest.RangeOf(in.ReceivedFrom, in.ReceivedTo, func(t time.Time) time.Time { return t }),
	}
	is := func(text string) (bool, error) { return query.Names(tx, text) }
	name, err := searchEvent(is, strings.TrimSpace(in.Q), &f)
	if err == nil && name != "" {
		f.Named, err = invoices.TypedName(l, tx, name)
	}
	return f, err
}

func (s *Handler) listEvents(ctx context.Context, in *listEventsInput) (out *rest.PageOf[EventView], err error) {
	err = s.WithVisibility(ctx, in.Tenant, func(tx *tenants.Tx, l rest.ClinicView) error {
		filter, err := in.Filter(tx, l)
		if err != nil {
			return err
		}
		list, err := query.Events(tx, filter, in.Page(in.Sort))
		if err != nil {
			return rest.CursorProblem(err)
		}
		out, err = rest.PageView(&in.ListInput, list, func(e query.Event) (EventView, error) { return eventOf(l, e), nil })
		return err
	})
	return out, err
}

// EventView is one event as a list shows it.
type EventView struct {
	ID          string                `json:"id" doc:"Ours; opaque"`
	AsaasID     string                `json:"asaasId" doc:"As Asaas wrote it; it holds an &"`
	Environment string                `json:"environment" enum:"production,sandbox,unknown"`
	Source      string                `json:"source" doc:"api: Asaas's answer to a read of ours" enum:"webhook,api"`
	Type        string                `json:"type" example:"PAYMENT_RECEIVED"`
	Kind        string                `json:"kind" doc:"What it speaks of" enum:"payment,checkout,anticipation,other"`
	Entity      *string               `json:"entity" doc:"asaasId of what it speaks of"`
	OccurredAt  *time.Time            `json:"occurredAt" doc:"Asaas's dateCreated; null: malformed or in the future"`
	ReceivedAt  time.Time             `json:"receivedAt"`
	AppliedAt   *time.Time            `json:"appliedAt"`
	Outcome     string                `json:"outcome" enum:"received,applied,no_effect,held,quarantined,dead"`
	Reason      *string               `json:"reason" doc:"Why that outcome"`
	Tries       int                   `json:"tries" doc:"That failed; 0 for one that no longer waits"`
	Notes       []string              `json:"notes" doc:"What was odd about its delivery" nullable:"false"`
	Shows       rest.Maybe[factsView] `json:"shows" doc:"The object as this event shows it; null for one that was not folded"`
	Links       eventLinks            `json:"links"`
}

// factsView is what an event says of its object: null is what it does not say.
type factsView struct {
	AsaasStatus *string                    `json:"asaasStatus"`
	Value       rest.Maybe[rest.MoneyView] `json:"value"`
	NetValue    rest.Maybe[rest.MoneyView] `json:"netValue"`
	Fee         rest.Maybe[rest.MoneyView] `json:"fee" doc:"Of an anticipation"`
	DueDate     *string                    `json:"dueDate"`
	Reference   *string                    `json:"externalReference"`
}

type eventLinks struct {
	Self    string  `json:"self"`
	Payload string  `json:"payload"`
	Entity  *string `json:"entity" doc:"The object; there may be none yet"`
	Related *string `json:"related" doc:"Every event of the same object"`
}

func eventOf(l rest.ClinicView, e query.Event) EventView {
	v := EventView{
		ID:          e.Key.Public(),
		AsaasID:     e.AsaasID,
		Environment: e.Key.Environment.String(),
		Source:      "webhook",
		Type:        string(e.Type),
		Kind:        string(e.Kind),
		Entity:      rest.TextOrNull(e.Entity),
		OccurredAt:  rest.LocalTimeOrNull(e.At),
		ReceivedAt:  e.ReceivedAt,
		AppliedAt:   e.AppliedAt,
		Outcome:     string(e.Outcome),
		Reason:      rest.TextOrNull(e.Reason),
		Tries:       e.Tries,
		Notes:       rest.OrEmpty(e.Notes),
		Shows:       factsOf(e.Shows),
	}
	if e.GatewaySnapshot {
		v.Source = "api"
	}
	if e.Kind == domain.KindOther {
		v.Kind = "other"
	}
	v.Links = eventLinks{Self: l.Path("events/" + v.ID), Payload: l.Path("events/" + v.ID + "/payload")}
	if folder := folders[e.Kind]; folder != "" && e.Entity != "" {
		v.Links.Entity = rest.TextOrNull(l.Path(folder + "/" + url.PathEscape(e.Entity)))
		v.Links.Related = rest.TextOrNull(l.Path("events?entity=" + url.QueryEscape(e.Entity)))
	}
	return v
}

// folders are where the objects of each kind are read.
var folders = map[domain.Kind]string{
	domain.KindPayment:      "invoices",
	domain.KindCheckout:     "checkouts",
	domain.KindAnticipation: "anticipations",
}

func factsOf(s domain.Snapshot) rest.Maybe[factsView] {
	switch {
	case s.Payment != nil:
		p := s.Payment
		return rest.Present(
			factsView{
				AsaasStatus: rest.TextOrNull(p.Status.V),
				Value:       rest.MoneyOrNull(p.Value),
				NetValue:    rest.MoneyOrNull(p.NetValue),
				DueDate:     rest.TextOrNull(p.DueDate.V),
				Reference:   rest.TextOrNull(p.ExternalReference.V),
			},
		)
	case s.Checkout != nil:
		return rest.Present(
			factsView{
				AsaasStatus: rest.TextOrNull(s.Checkout.Status.V),
				Reference:   rest.TextOrNull(s.Checkout.ExternalReference.V),
			},
		)
	case s.Anticipation != nil:
		a := s.Anticipation
		return rest.Present(
			factsView{
				AsaasStatus: rest.TextOrNull(a.Status.V),
				Value:       rest.MoneyOrNull(a.Value),
				NetValue:    rest.MoneyOrNull(a.NetValue),
				Fee:         rest.MoneyOrNull(a.Fee),
				DueDate:     rest.TextOrNull(a.DueDate.V),
			},
		)
	}
	return rest.Maybe[factsView]{}
}

// eventDetailView is an event with its deliveries and effects.
type eventDetailView struct {
	EventView
	NextTryAt  *time.Time     `json:"nextTryAt"`
	LastError  *string        `json:"lastError"`
	Deliveries []deliveryView `json:"deliveries" nullable:"false" doc:"The last twenty, newest first"`
	Variants   int            `json:"variants" doc:"Other bodies that came under its id; the first was kept"`
	HasPayload bool           `json:"hasPayload" doc:"Whether its body is still kept"`
}

// deliveryView is one HTTP POST of an event.
type deliveryView struct {
	At       time.Time `json:"at"`
	Code     int       `json:"code" doc:"What we answered"`
	Micros   int64     `json:"micros" doc:"How long it took us, in microseconds; 0 unless timing is measured"`
	Timing   string    `json:"timing" enum:"measured,under_100_ms,unknown" doc:"What is known of how long it took: an ordinary first delivery is not measured"`
	SourceIP string    `json:"sourceIp"`
}

func deliveryOf(d inbox.Delivery) deliveryView {
	return deliveryView{d.At, d.Code, d.Took.Microseconds(), string(cmp.Or(d.Timing, inbox.Measured)), d.SourceIP}
}

func (s *Handler) getEvent(ctx context.Context, in *rest.ObjectInput) (out *rest.Object[eventDetailView], err error) {
	err = s.WithVisibility(ctx, in.Tenant, func(tx *tenants.Tx, l rest.ClinicView) error {
		e, err := eventBy(tx, in.ID)
		if err != nil {
			return err
		}
		view := eventDetailView{
			EventView:  eventOf(l, e.Event),
			NextTryAt:  e.NextTry,
			LastError:  rest.TextOrNull(e.LastError),
			Variants:   e.Variants,
			HasPayload: e.HasBody,
		}
		view.Deliveries = rest.Map(e.Deliveries, func(d inbox.Delivery) deliveryView {
			return deliveryOf(d)
		})
		text, err := json.Marshal(view)
		out = rest.Show(in.IfNoneMatch, rest.ContentTag(text), view)
		return err
	})
	return out, err
}

// eventBy returns the event that a path names, by our id or, in either environment, by
// the gateway's.
func eventBy(tx *tenants.Tx, id string) (e query.EventDetail, err error) {
	if key, ok := domain.ParseEventKey(id); ok {
		return query.FindEvent(tx, key)
	}
	for _, env := range []domain.Environment{domain.Production, domain.Sandbox} {
		key, _ := asaas.EventKeyOf(env, id, nil)
		e, err = query.FindEvent(tx, key)
		if domain.CodeOf(err) != domain.NotFound {
			return e, err
		}
	}
	return e, err
}
