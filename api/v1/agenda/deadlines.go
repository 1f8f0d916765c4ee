package agenda

import (
	"context"
	"time"

	"patapay/api/rest"
	"patapay/domain"
	rule "patapay/domain/agenda"
	"patapay/domain/asaas"
	"patapay/tenants"
	"patapay/tenants/agenda"
)

// DeadlineView is one entry of a clinic's agenda. It ends by itself when the fact behind it is gone.
type DeadlineView struct {
	ID        string                     `json:"id" example:"ddl_06a1…"`
	Kind      rest.Word[rule.Kind]       `json:"kind"`
	State     string                     `json:"state" enum:"open,closed"`
	Subject   *string                    `json:"subject" doc:"Asaas's id of the payment or anticipation, id of the work item, or the day whose invoices are counted; null: the clinic's connection"`
	Since     *time.Time                 `json:"since" doc:"When the fact behind it began; null: unknown"`
	DueAt     *time.Time                 `json:"dueAt" doc:"Last instant to act; null: nobody told one"`
	DueOn     *string                    `json:"dueOn" doc:"The day of dueAt in São Paulo" format:"date"`
	Amount    rest.Maybe[rest.MoneyView] `json:"amount" doc:"At stake; null: it is about no amount"`
	Count     int                        `json:"count" doc:"Of what it is about: cards and boletos are one entry a day"`
	Actor     rest.Word[rule.Actor]      `json:"actor" doc:"Who has to act"`
	Action    rest.Word[rule.Action]     `json:"action" doc:"The one thing to do"`
	Ends      rest.Word[rule.Ending]     `json:"ends" doc:"How it ends"`
	Version   int                        `json:"version"`
	OpenedAt  time.Time                  `json:"openedAt" doc:"When it came into the agenda"`
	UpdatedAt time.Time                  `json:"updatedAt"`
	ClosedAt  *time.Time                 `json:"closedAt" doc:"null: it stands"`
}

// DeadlineOf shows an entry of the agenda.
func DeadlineOf(e agenda.Entry) DeadlineView {
	v := DeadlineView{
		ID: e.ID.Public("ddl"), Kind: rest.Word[rule.Kind](e.Kind), State: "open", Subject: rest.TextOrNull(e.Subject),
		Since: rest.TimeOrNull(e.Since), DueAt: rest.TimeOrNull(e.Due), Amount: rest.MoneyOrNull(e.Amount), Count: e.Count,
		Actor: rest.Word[rule.Actor](e.Actor), Action: rest.Word[rule.Action](e.Action), Ends: rest.Word[rule.Ending](e.Ends),
		Version: e.Version, OpenedAt: e.OpenedAt, UpdatedAt: e.UpdatedAt, ClosedAt: rest.TimeOrNull(e.ClosedAt),
	}
	if !e.Due.IsZero() {
		v.DueOn = rest.TextOrNull(asaas.DayOf(e.Due))
	}
	if v.ClosedAt != nil {
		v.State = "closed"
	}
	return v
}

// Filter is what narrows a list of deadlines.
type Filter struct {
	Kind   []rest.Word[rule.Kind]   `query:"kind" doc:"Any of these"`
	State  string                   `query:"state" enum:"open,closed,all" default:"open"`
	DueGTE rest.Given[rest.DayText] `query:"due[gte]" doc:"Due on this day of São Paulo or later; what has no day is left out"`
	DueLTE rest.Given[rest.DayText] `query:"due[lte]" doc:"Due on this day of São Paulo or sooner: what is late is among it"`
}

func (f Filter) filter() agenda.Filter {
	out := agenda.Filter{
		Kinds: rest.Map(f.Kind, func(k rest.Word[rule.Kind]) string { return string(k) }), Open: f.State == "open",
		Closed: f.State == "closed",
	}
	bound := func(given rest.Given[rest.DayText], at func(domain.Day) time.Time) *string {
		if !given.OK {
			return nil
		}
		text := at(given.V.Domain()).Format(time.RFC3339)
		return &text
	}
	out.DueGTE, out.DueLTE = bound(f.DueGTE, rule.StartOf), bound(f.DueLTE, rule.EndOf)
	return out
}

type listDeadlinesInput struct {
	rest.TenantPath
	rest.ListInput
	Filter
}

func (s *Handler) listDeadlines(
	ctx context.Context, in *listDeadlinesInput,
) (out *rest.PageOf[DeadlineView], err error) {
	err = s.WithVisibility(ctx, in.Tenant, func(tx *tenants.Tx, _ rest.ClinicView) error {
		list, err := agenda.List(tx, in.filter(), in.Page(""))
		if err != nil {
			return rest.CursorProblem(err)
		}
		out, err = rest.PageView(&in.ListInput, list, func(e agenda.Entry) (DeadlineView, error) {
			return DeadlineOf(e), nil
		})
		return err
	})
	return out, err
}

// deadlineSumView is what all clinics' open entries of a kind come to.
type deadlineSumView struct {
	Kind    rest.Word[rule.Kind]       `json:"kind"`
	Count   int                        `json:"count" doc:"Open entries"`
	Clinics int                        `json:"clinics" doc:"Of how many clinics"`
	Late    int                        `json:"late" doc:"Of them, those whose time is over"`
	Amount  rest.Maybe[rest.MoneyView] `json:"amount" doc:"At stake; null: they are about no amount"`
	NextDue *time.Time                 `json:"nextDue" doc:"The first that is not over; null: none"`
}

type deadlineSumsOutput struct {
	Body struct {
		Data []deadlineSumView `json:"data" nullable:"false"`
	}
}

// sumDeadlines is for the platform only, and names no clinic.
func (s *Handler) sumDeadlines(ctx context.Context, _ *struct{}) (*deadlineSumsOutput, error) {
	if err := s.RequirePlatform(ctx); err != nil {
		return nil, err
	}
	sums, err := agenda.Sums(s.DB, ctx, s.Instant())
	out := &deadlineSumsOutput{}
	out.Body.Data = rest.Map(sums, func(sum agenda.Sum) deadlineSumView {
		return deadlineSumView{
			Kind: rest.Word[rule.Kind](sum.Kind), Count: sum.Count, Clinics: sum.Clinics, Late: sum.Late,
			Amount: rest.MoneyOrNull(sum.Amount), NextDue: rest.TimeOrNull(sum.NextDue),
		}
	})
	return out, err
}
