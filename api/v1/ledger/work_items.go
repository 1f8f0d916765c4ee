package ledger

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"patapay/api/problem"
	"patapay/api/rest"
	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/ledger"
)

func (s *Handler) registerWorkItems(api huma.API) {
	const path = "/v1/tenants/{tenant}/work-items"
	rest.Register(
		api,
		rest.NewOperation(
			http.MethodGet, path, "listWorkItems", "What somebody must look at in the clinic's money, newest first",
			"Ledger", rest.LedgerRead,
		),
		s.listWorkItems,
	)
	rest.Register(
		api,
		rest.NewOperation(http.MethodGet, path+"/{id}", "getWorkItem", "One work item", "Ledger", rest.LedgerRead),
		s.getWorkItem,
	)
	rest.Register(
		api,
		rest.NewOperation(
			http.MethodPost, path+"/{id}/assign", "assignWorkItem", "Say who looks into it", "Ledger",
			rest.LedgerWrite,
		),
		s.assignWorkItem,
	)
	rest.Register(
		api,
		rest.NewOperation(
			http.MethodPost, path+"/{id}/resolve", "resolveWorkItem",
			"Decide what the money was; what it moves is booked and audited", "Ledger", rest.LedgerWrite,
		),
		s.resolveWorkItem,
	)
}

// WorkItemView is something about money that a person must look at.
type WorkItemView struct {
	ID         string         `json:"id" example:"wki_…"`
	Kind       string         `json:"kind" enum:"unexpected_money,second_payment,cancelled_charge,deleted_charge,amount_differs,conflict,negative_receivable,statement_line,unbooked_money,unclear_discount,unexplained_difference"`
	Title      string         `json:"title" doc:"For people, in Portuguese"`
	State      string         `json:"state" enum:"open,resolved"`
	Subject    string         `json:"subject" doc:"asaasId of an invoice or anticipation, or Asaas's id of a statement line"`
	AsaasID    *string        `json:"asaasId" doc:"Of the invoice that a statement line names"`
	Amount     rest.MoneyView `json:"amount" doc:"In question, by sign"`
	Detail     *string        `json:"detail" doc:"Asaas's own word"`
	Owner      *string        `json:"owner" doc:"Who looks into it"`
	AgeSeconds int64          `json:"ageSeconds" doc:"Open for how long, or how long it was"`
	Outcome    *string        `json:"outcome" enum:"gone,income,refunded,returned,expense,explained" doc:"null: open; gone: it is no longer so"`
	Note       *string        `json:"note"`
	ResolvedBy *string        `json:"resolvedBy"`
	OpenedAt   time.Time      `json:"openedAt"`
	UpdatedAt  time.Time      `json:"updatedAt"`
	ResolvedAt *time.Time     `json:"resolvedAt"`
	Version    int            `json:"version"`
	Decisions  []decisionView `json:"decisions" nullable:"true" doc:"What can be decided of it now, with what each would book; null: in a list, or it is resolved"`
}

// decisionView is one outcome that an item may be resolved with.
type decisionView struct {
	Outcome string    `json:"outcome" enum:"income,refunded,returned,expense,explained"`
	Legs    []LegView `json:"legs" nullable:"false" doc:"The lines that it would book; none: nothing is moved"`
}

func decisionOf(d ledger.Decision) decisionView {
	return decisionView{Outcome: d.Outcome, Legs: rest.Map(d.Legs, legOf)}
}

// itemTitles is what people read of an item's kind.
var itemTitles = map[string]string{
	domain.ConcernUnexpected: "Dinheiro sem cobrança conhecida",
	domain.ConcernSecond:     "Segundo pagamento da mesma cobrança",
	domain.ConcernCancelled:  "Pagamento de cobrança cancelada",
	domain.ConcernDeleted:    "Pagamento de cobrança removida",
	domain.ConcernAmount:     "Valor diferente do esperado",
	domain.ConcernConflict:   "O Asaas desmentiu um aviso",
	domain.ConcernNegative:   "Recebível abaixo de zero",
	domain.ConcernLine:       "Lançamento do extrato sem explicação",
	domain.ConcernUnbooked:   "Dinheiro que não foi lançado",
	domain.ConcernDiscount:   "Desconto: no valor ou na taxa?",
	domain.ConcernDifference: "Diferença não explicada",
}

// WorkItemOf shows an item at an instant, which its age goes by. What can be decided of it is left out.
func WorkItemOf(w ledger.WorkItem, at time.Time) WorkItemView {
	v := WorkItemView{
		ID:         w.ID.Public("wki"),
		Kind:       w.Kind,
		Title:      itemTitles[w.Kind],
		State:      "open",
		Subject:    w.Subject,
		AsaasID:    rest.TextOrNull(w.Payment),
		Amount:     rest.MoneyOf(w.Amount),
		Detail:     rest.TextOrNull(w.Detail),
		Owner:      rest.TextOrNull(w.Owner),
		Outcome:    rest.TextOrNull(w.Outcome),
		Note:       rest.TextOrNull(w.Note),
		ResolvedBy: rest.TextOrNull(w.ResolvedBy),
		OpenedAt:   w.OpenedAt,
		UpdatedAt:  w.UpdatedAt,
		ResolvedAt: rest.TimeOrNull(w.ResolvedAt),
		Version:    w.Version,
	}
	end := at
	if !w.ResolvedAt.IsZero() {
		v.State, end = "resolved", w.ResolvedAt
	}
	v.AgeSeconds = int64(end.Sub(w.OpenedAt) / time.Second)
	return v
}

type listWorkItemsInput struct {
	rest.TenantPath
	rest.PageInput
	State string `query:"state" enum:"open,all" default:"open"`
	Kind  string `query:"kind" maxLength:"40" doc:"Of this kind"`
	Owner string `query:"owner" maxLength:"200" doc:"Of this person"`
}

func (s *Handler) listWorkItems(
	ctx context.Context, in *listWorkItemsInput,
) (out *rest.ListOutput[WorkItemView], err error) {
	err = s.WithVisibility(ctx, in.Tenant, func(tx *tenants.Tx, _ rest.ClinicView) error {
		filter := strings.Join([]string{"work items", in.Tenant, in.State, in.Kind, in.Owner}, "\x00")
		at, err := in.At(filter)
		if err != nil {
			return err
		}
		after, _ := domain.ParseUUID("wki", at)
		list, err := ledger.WorkItems(
			tx, ledger.WorkItemFilter{Kind: in.Kind, Owner: in.Owner, Open: in.State == "open", After: after},
			in.Limit+1,
		)
		views := rest.Map(list, func(w ledger.WorkItem) WorkItemView { return WorkItemOf(w, s.Instant()) })
		out = rest.Paged(in.PageInput, filter, views, func(v WorkItemView) string { return v.ID })
		return err
	})
	return out, err
}

type getWorkItemInput struct {
	rest.TenantPath
	ID          string `path:"id"`
	IfNoneMatch string `header:"If-None-Match"`
}

func (s *Handler) getWorkItem(ctx context.Context, in *getWorkItemInput) (out *rest.Object[WorkItemView], err error) {
	err = s.WithVisibility(ctx, in.Tenant, func(tx *tenants.Tx, _ rest.ClinicView) error {
		w, err := workItem(tx, in.ID)
		if err != nil {
			return err
		}
		v, err := s.oneItem(tx, w)
		if v.State == "open" { // what it would book changes without a version of the item, so no copy of it is good
			in.IfNoneMatch = ""
		}
		out = rest.Show(in.IfNoneMatch, rest.VersionTag(w.Version), v)
		return err
	})
	return out, err
}

// oneItem returns an item with what can be decided of it.
func (s *Handler) oneItem(tx *tenants.Tx, w ledger.WorkItem) (WorkItemView, error) {
	v := WorkItemOf(w, s.Instant())
	decisions, err := ledger.Decisions(tx, w)
	if decisions != nil {
		v.Decisions = rest.Map(decisions, decisionOf)
	}
	return v, err
}

func workItem(tx *tenants.Tx, id string) (ledger.WorkItem, error) {
	uuid, ok := domain.ParseUUID("wki", id)
	if !ok {
		return ledger.WorkItem{}, domain.Errorf(domain.NotFound, "no such work item")
	}
	return ledger.FindWorkItem(tx, uuid)
}

type assignInput struct {
	rest.TenantPath
	ID      string `path:"id"`
	IfMatch string `header:"If-Match" doc:"ETag of the version you saw"`
	Body    struct {
		Owner string `json:"owner" example:"ana@clinica.example" maxLength:"200" doc:"E-mail or name; empty: nobody"`
	}
}

func (s *Handler) assignWorkItem(ctx context.Context, in *assignInput) (*rest.Object[WorkItemView], error) {
	return s.changeItem(
		ctx, in.Tenant, in.ID, in.IfMatch, "work_item.assign", map[string]any{},
		func(tx *tenants.Tx, w ledger.WorkItem) (ledger.WorkItem, error) {
			return ledger.AssignWorkItem(tx, w, strings.TrimSpace(in.Body.Owner), s.Instant())
		},
	)
}

type resolveInput struct {
	rest.TenantPath
	ID      string `path:"id"`
	IfMatch string `header:"If-Match" doc:"ETag of the version you saw"`
	Body    struct {
		Outcome string `json:"outcome" enum:"income,refunded,returned,expense,explained" doc:"income: the clinic's; refunded: given back through Asaas; returned: given back from, or moved to, the bank; expense: a cost of Asaas; explained: it stands right as it is"`
		Note    string `json:"note" example:"Conferido com a clínica por telefone." minLength:"10" maxLength:"500" doc:"Why; read by the next person"`
	}
}

// resolveWorkItem books what the outcome moves. What is booked names the item, so that the
// ledger tells who decided it.
func (s *Handler) resolveWorkItem(ctx context.Context, in *resolveInput) (*rest.Object[WorkItemView], error) {
	return s.changeItem(
		ctx, in.Tenant, in.ID, in.IfMatch, "work_item.resolve", map[string]any{"outcome": in.Body.Outcome},
		func(tx *tenants.Tx, w ledger.WorkItem) (ledger.WorkItem, error) {
			return ledger.ResolveWorkItem(
				tx, s.Ledger, w, in.Body.Outcome, in.Body.Note, rest.CallerOf(ctx).Subject, s.Instant(),
			)
		},
	)
}

// changeItem changes an item that the caller has seen, and writes that down.
func (s *Handler) changeItem(
	ctx context.Context, tenant, id, ifMatch, action string, detail map[string]any,
	change func(*tenants.Tx, ledger.WorkItem) (ledger.WorkItem, error),
) (*rest.Object[WorkItemView], error) {
	c, err := s.ChangeableClinic(ctx, tenant)
	if err != nil {
		return nil, err
	}
	var w ledger.WorkItem
	var v WorkItemView
	err = s.DB.In(ctx, c.ID, func(tx *tenants.Tx) error {
		if err := tx.Lock(); err != nil {
			return err
		}
		if w, err = workItem(tx, id); err != nil {
			return err
		}
		if err := rest.RequireMatch(ifMatch, rest.VersionTag(w.Version)); err != nil {
			return err
		}
		if w, err = change(tx, w); err != nil {
			return err
		}
		if v, err = s.oneItem(tx, w); err != nil {
			return err
		}
		return tx.Audit(s.Chain, s.AuditEntry(ctx, action, w.ID.Public("wki"), detail))
	})
	if domain.CodeOf(err) == domain.Conflict {
		return nil, &problem.Error{
			Code:   string(domain.Conflict),
			Detail: "Este item já foi resolvido, ou não há valor em suspenso para mover. Atualize e tente de novo.",
		}
	}
	return rest.Show("", rest.VersionTag(w.Version), v), err
}
