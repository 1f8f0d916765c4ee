package events

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"patapay/api/rest"
	v1ledger "patapay/api/v1/ledger"
	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/query"
)

func (s *Handler) registerTimeline(api huma.API) {
	const path = "/v1/tenants/{tenant}"
	rest.Register(
		api,
		rest.NewOperation(
			http.MethodGet, path+"/invoices/{id}/timeline", "getInvoiceTimeline",
			"Why an invoice is as it is: all that happened, oldest first", "Invoices", rest.InvoicesRead,
		),
		s.invoiceTimeline,
	)
	rest.Register(
		api,
		rest.NewOperation(
			http.MethodGet, path+"/checkouts/{id}/timeline", "getCheckoutTimeline", "Why a checkout is as it is",
			"Checkouts", rest.CheckoutsRead,
		),
		s.checkoutTimeline,
	)
	rest.Register(
		api,
		rest.NewOperation(
			http.MethodGet, path+"/anticipations/{id}/timeline", "getAnticipationTimeline",
			"Why an anticipation is as it is", "Anticipations", rest.AnticipationsRead,
		),
		s.anticipationTimeline,
	)
	rest.Register(
		api,
		rest.NewOperation(
			http.MethodGet, path+"/events/{id}/timeline", "getEventTimeline",
			"What became of an event, within the story of its object", "Events", rest.EventsRead,
		),
		s.eventTimeline,
	)
}

// timelineInput names one object or event, also one that only a quarantined event or an
// unproved delivery named.
type timelineInput struct {
	rest.TenantPath
	ID          string `path:"id" doc:"Ours, or Asaas's; also one we only heard of"`
	IfNoneMatch string `header:"If-None-Match"`
}

// timelineView is the timeline of one object.
type timelineView struct {
	Kind      string       `json:"kind" enum:"payment,checkout,anticipation,other"`
	AsaasID   *string      `json:"asaasId"`
	ID        *string      `json:"id" doc:"Ours; null: there is no such object yet"`
	Event     *string      `json:"event" doc:"The event that was asked for"`
	Moments   []momentView `json:"moments" doc:"By time; at one instant as one thing leads to the next" nullable:"false"`
	Truncated bool         `json:"truncated" doc:"Only the newest 500 events are told of"`
}

// momentView is one thing that happened.
type momentView struct {
	At       time.Time                        `json:"at" doc:"Of waiting and read_wanted: when it is due"`
	What     string                           `json:"what" doc:"New words may come" enum:"received,deduplicated,variant,quarantined,hint,read,read_wanted,waiting,applied,no_effect,held,dead,booked,changed,person"`
	Reason   *string                          `json:"reason" doc:"Why; of a hint the type it claims"`
	Event    rest.Maybe[eventRefView]         `json:"event"`
	Delivery rest.Maybe[deliveryView]         `json:"delivery" doc:"Of deduplicated and hint"`
	Booking  rest.Maybe[v1ledger.BookingView] `json:"booking" doc:"Of booked"`
	Change   rest.Maybe[changeRefView]        `json:"change" doc:"Of changed: an entry of the feed"`
	Person   rest.Maybe[personView]           `json:"person" doc:"Of person: an entry of the audit log"`
	Tries    int                              `json:"tries" doc:"Of waiting and read_wanted: that failed"`
}

type eventRefView struct {
	ID         string     `json:"id"`
	AsaasID    string     `json:"asaasId"`
	Type       string     `json:"type"`
	OccurredAt *time.Time `json:"occurredAt"`
}

type changeRefView struct {
	Seq     int64   `json:"seq" doc:"In the clinic's feed"`
	Version int     `json:"version" doc:"Of the object"`
	Status  *string `json:"status"`
}

type personView struct {
	Action string  `json:"action" example:"event.replay"`
	Role   string  `json:"role"`
	Actor  *string `json:"actor" doc:"Null without the scope audit:read"`
}

func (s *Handler) invoiceTimeline(ctx context.Context, in *timelineInput) (*rest.Object[timelineView], error) {
	return s.timeline(ctx, in, domain.KindPayment, func(tx *tenants.Tx) (string, error) {
		return named(tx, "ivc", in.ID, query.Invoice, func(i domain.Invoice) string { return i.ID })
	})
}

func (s *Handler) checkoutTimeline(ctx context.Context, in *timelineInput) (*rest.Object[timelineView], error) {
	return s.timeline(ctx, in, domain.KindCheckout, func(tx *tenants.Tx) (string, error) {
		return named(tx, "chk", in.ID, query.Checkout, func(c domain.Checkout) string { return c.ID })
	})
}

func (s *Handler) anticipationTimeline(ctx context.Context, in *timelineInput) (*rest.Object[timelineView], error) {
	return s.timeline(ctx, in, domain.KindAnticipation, func(tx *tenants.Tx) (string, error) {
		return named(tx, "ant", in.ID, query.Anticipation, func(a domain.Anticipation) string { return a.ID })
	})
}

// named returns the gateway's id of what a path names: ours must be there, the gateway's
// own may be one that we only know by name.
func named[T any](
	tx *tenants.Tx, prefix, id string, ours func(*tenants.Tx, domain.UUID) (query.Stored[T], error),
	theirs func(T) string,
) (string, error) {
	uuid, ok := domain.ParseUUID(prefix, id)
	if !ok && !rest.IsGatewayID(id) {
		return "", domain.Errorf(domain.NotFound, "")
	}
	if !ok {
		return id, nil
	}
	found, err := ours(tx, uuid)
	return theirs(found.Value), err
}

func (s *Handler) timeline(
	ctx context.Context, in *timelineInput, kind domain.Kind, find func(*tenants.Tx) (string, error),
) (out *rest.Object[timelineView], err error) {
	err = s.WithVisibility(ctx, in.Tenant, func(tx *tenants.Tx, l rest.ClinicView) error {
		id, err := find(tx)
		if err != nil {
			return err
		}
		timeline, err := query.LoadTimeline(tx, kind, id)
		if err != nil {
			return err
		}
		out, err = told(in, timelineOf(ctx, timeline))
		return err
	})
	return out, err
}

// eventTimeline returns the timeline of the event's object, or of the event alone when it
// speaks of none that we keep.
func (s *Handler) eventTimeline(ctx context.Context, in *timelineInput) (out *rest.Object[timelineView], err error) {
	err = s.WithVisibility(ctx, in.Tenant, func(tx *tenants.Tx, l rest.ClinicView) error {
		e, err := eventBy(tx, in.ID)
		if err != nil {
			return err
		}
		var timeline query.Timeline
		if folders[e.Kind] != "" && e.Entity != "" {
			timeline, err = query.LoadTimeline(tx, e.Kind, e.Entity)
		} else {
			timeline, err = query.LoadTimelineOfEvent(tx, e.Key)
		}
		if err != nil {
			return err
		}
		view := timelineOf(ctx, timeline)
		view.Event = rest.EventIDOrNull(e.Key)
		out, err = told(in, view)
		return err
	})
	return out, err
}

func told(in *timelineInput, view timelineView) (*rest.Object[timelineView], error) {
	text, err := json.Marshal(view)
	return rest.Show(in.IfNoneMatch, rest.ContentTag(text), view), err
}

func timelineOf(ctx context.Context, timeline query.Timeline) timelineView {
	v := timelineView{Kind: string(timeline.Kind), AsaasID: rest.TextOrNull(timeline.AsaasID), Truncated: timeline.Cut}
	if timeline.Kind == domain.KindOther {
		v.Kind = "other"
	}
	if timeline.ID != nil {
		v.ID = rest.TextOrNull(
			timeline.ID.Public(
				map[domain.Kind]string{
					domain.KindPayment: "ivc", domain.KindCheckout: "chk", domain.KindAnticipation: "ant",
				}[timeline.Kind],
			),
		)
	}
	names := rest.May(rest.CallerOf(ctx).Principal, rest.AuditRead)
	v.Moments = rest.Map(timeline.Entries, func(m query.TimelineEntry) momentView { return entryOf(m, names) })
	return v
}

// entryOf shows who did something only to those who may read the audit log.
func entryOf(m query.TimelineEntry, names bool) momentView {
	v := momentView{At: m.At, What: m.What, Reason: rest.TextOrNull(m.Reason), Tries: m.Tries}
	if e := m.Event; e != nil {
		v.Event = rest.Present(eventRefView{e.Key.Public(), e.AsaasID, string(e.Type), rest.LocalTimeOrNull(e.At)})
	}
	if d := m.Delivery; d != nil {
		v.Delivery = rest.Present(deliveryOf(*d))
	}
	if m.Booking != nil {
		v.Booking = rest.Present(v1ledger.BookingOf(*m.Booking))
	}
	if m.Change != nil {
		v.Change = rest.Present(changeRefView{m.Change.Seq, m.Change.Version, m.Change.Status})
	}
	if p := m.Person; p != nil {
		v.Person = rest.Present(personView{Action: p.Action, Role: p.Role})
		if names {
			v.Person.V.Actor = rest.TextOrNull(p.Actor)
		}
	}
	return v
}
