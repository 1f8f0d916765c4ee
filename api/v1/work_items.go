package v1

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"patapay/api/problem"
	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/ledger"
)

func (s *Server) registerWorkItems(api huma.API) {
	const path = "/v1/tenants/{tenant}/work-items"
	add(api, operation(http.MethodGet, path, "listWorkItems", "What somebody must look at in the clinic's money, newest first", "Ledger", ledgerRead), s.listWorkItems)
	add(api, operation(http.MethodGet, path+"/{id}", "getWorkItem", "One work item", "Ledger", ledgerRead), s.getWorkItem)
	add(api, operation(http.MethodPost, path+"/{id}/assign", "assignWorkItem", "Say who looks into it", "Ledger", ledgerWrite), s.assignWorkItem)
	add(api, operation(http.MethodPost, path+"/{id}/resolve", "resolveWorkItem", "Decide what the money was; what it moves is booked and audited", "Ledger", ledgerWrite), s.resolveWorkItem)
}

// workItemView is something about money that a person must look at.
type workItemView struct {
	ID         string     `json:"id" example:"wki_…"`
	Kind       string     `json:"kind" enum:"unexpected_money,second_payment,cancelled_charge,deleted_charge,amount_differs,conflict,negative_receivable,statement_line"`
	Title      string     `json:"title" doc:"For people, in Portuguese"`
	State      string     `json:"state" enum:"open,resolved"`
	Subject    string     `json:"subject" doc:"asaasId of an invoice or anticipation, or Asaas's id of a statement line"`
	AsaasID    *string    `json:"asaasId" doc:"Of the invoice that a statement line names"`
	Amount     moneyView  `json:"amount" doc:"In question, by sign"`
	Detail     *string    `json:"detail" doc:"Asaas's own word"`
	Owner      *string    `json:"owner" doc:"Who looks into it"`
	AgeSeconds int64      `json:"ageSeconds" doc:"Open for how long, or how long it was"`
	Outcome    *string    `json:"outcome" enum:"gone,income,refunded,returned,expense,explained" doc:"null: open; gone: it is no longer so"`
	Note       *string    `json:"note"`
	ResolvedBy *string    `json:"resolvedBy"`
	OpenedAt   time.Time  `json:"openedAt"`
	UpdatedAt  time.Time  `json:"updatedAt"`
	ResolvedAt *time.Time `json:"resolvedAt"`
	Version    int        `json:"version"`
}

// itemTitles is what people read of an item's kind.
var itemTitles = map[string]string{
	domain.ConcernUnexpected: "Dinheiro sem cobrança conhecida", domain.ConcernSecond: "Segundo pagamento da mesma cobrança",
	domain.ConcernCancelled: "Pagamento de cobrança cancelada", domain.ConcernDeleted: "Pagamento de cobrança removida",
	domain.ConcernAmount: "Valor diferente do esperado", domain.ConcernConflict: "O Asaas desmentiu um aviso",
	domain.ConcernNegative: "Recebível abaixo de zero", domain.ConcernLine: "Lançamento do extrato sem explicação",
}

func (s *Server) workItemOf(w ledger.WorkItem) workItemView {
	v := workItemView{ID: w.ID.Public("wki"), Kind: w.Kind, Title: itemTitles[w.Kind], State: "open", Subject: w.Subject, AsaasID: some(w.Payment), Amount: moneyOf(w.Amount),
		Detail: some(w.Detail), Owner: some(w.Owner), Outcome: some(w.Outcome), Note: some(w.Note), ResolvedBy: some(w.ResolvedBy),
		OpenedAt: w.OpenedAt, UpdatedAt: w.UpdatedAt, ResolvedAt: moment(w.ResolvedAt), Version: w.Version}
	end := s.now()
	if !w.ResolvedAt.IsZero() {
		v.State, end = "resolved", w.ResolvedAt
	}
	v.AgeSeconds = int64(end.Sub(w.OpenedAt) / time.Second)
	return v
}

type listWorkItemsInput struct {
	TenantPath
	PageInput
	State string `query:"state" enum:"open,all" default:"open"`
	Kind  string `query:"kind" maxLength:"40" doc:"Of this kind"`
	Owner string `query:"owner" maxLength:"200" doc:"Of this person"`
}

func (s *Server) listWorkItems(ctx context.Context, in *listWorkItemsInput) (out *listOutput[workItemView], err error) {
	err = s.looked(ctx, in.Tenant, func(tx *tenants.Tx, _ lens) error {
		filter := strings.Join([]string{"work items", in.Tenant, in.State, in.Kind, in.Owner}, "\x00")
		at, err := in.at(filter)
		if err != nil {
			return err
		}
		after, _ := domain.ParseUUID("wki", at)
		list, err := ledger.WorkItems(tx, ledger.WorkItemFilter{Kind: in.Kind, Owner: in.Owner, Open: in.State == "open", After: after}, in.Limit+1)
		out = paged(in.PageInput, filter, each(list, s.workItemOf), func(v workItemView) string { return v.ID })
		return err
	})
	return out, err
}

type getWorkItemInput struct {
	TenantPath
	ID          string `path:"id"`
	IfNoneMatch string `header:"If-None-Match"`
}

func (s *Server) getWorkItem(ctx context.Context, in *getWorkItemInput) (out *object[workItemView], err error) {
	err = s.looked(ctx, in.Tenant, func(tx *tenants.Tx, _ lens) error {
		w, err := workItem(tx, in.ID)
		out = show(in.IfNoneMatch, etagOf(w.Version), s.workItemOf(w))
		return err
	})
	return out, err
}

func workItem(tx *tenants.Tx, id string) (ledger.WorkItem, error) {
	uuid, ok := domain.ParseUUID("wki", id)
	if !ok {
		return ledger.WorkItem{}, domain.Errorf(domain.NotFound, "no such work item")
	}
	return ledger.FindWorkItem(tx, uuid)
}

type assignInput struct {
	TenantPath
	ID      string `path:"id"`
	IfMatch string `header:"If-Match" doc:"ETag of the version you saw"`
	Body    struct {
		Owner string `json:"owner" maxLength:"200" doc:"E-mail or name; empty: nobody"`
	}
}

func (s *Server) assignWorkItem(ctx context.Context, in *assignInput) (*object[workItemView], error) {
	return s.changeItem(ctx, in.Tenant, in.ID, in.IfMatch, "work_item.assign", map[string]any{}, func(tx *tenants.Tx, w ledger.WorkItem) (ledger.WorkItem, error) {
		return ledger.AssignWorkItem(tx, w, strings.TrimSpace(in.Body.Owner), s.now())
	})
}

type resolveInput struct {
	TenantPath
	ID      string `path:"id"`
	IfMatch string `header:"If-Match" doc:"ETag of the version you saw"`
	Body    struct {
		Outcome string `json:"outcome" enum:"income,refunded,returned,expense,explained" doc:"income: the clinic's; refunded: given back through Asaas; returned: given back from, or moved to, the bank; expense: a cost of Asaas; explained: it stands right as it is"`
		Note    string `json:"note" minLength:"10" maxLength:"500" doc:"Why; read by the next person"`
	}
}

// resolveWorkItem books what the outcome moves. What is booked names the item, so that the
// ledger tells who decided it.
func (s *Server) resolveWorkItem(ctx context.Context, in *resolveInput) (*object[workItemView], error) {
	return s.changeItem(ctx, in.Tenant, in.ID, in.IfMatch, "work_item.resolve", map[string]any{"outcome": in.Body.Outcome}, func(tx *tenants.Tx, w ledger.WorkItem) (ledger.WorkItem, error) {
		return ledger.ResolveWorkItem(tx, s.Ledger, w, in.Body.Outcome, in.Body.Note, callerOf(ctx).Subject, s.now())
	})
}

// changeItem changes an item that the caller has seen, and writes that down.
func (s *Server) changeItem(ctx context.Context, tenant, id, ifMatch, action string, detail map[string]any, change func(*tenants.Tx, ledger.WorkItem) (ledger.WorkItem, error)) (*object[workItemView], error) {
	c, err := s.changeableClinic(ctx, tenant)
	if err != nil {
		return nil, err
	}
	var w ledger.WorkItem
	err = s.DB.In(ctx, c.ID, func(tx *tenants.Tx) error {
		if err := tx.Lock(); err != nil {
			return err
		}
		if w, err = workItem(tx, id); err != nil {
			return err
		}
		if err := match(ifMatch, etagOf(w.Version)); err != nil {
			return err
		}
		if w, err = change(tx, w); err != nil {
			return err
		}
		return tx.Audit(s.Chain, s.entry(ctx, action, w.ID.Public("wki"), detail))
	})
	if domain.CodeOf(err) == domain.Conflict {
		return nil, &problem.Error{Code: string(domain.Conflict), Detail: "Este item já foi resolvido, ou não há valor em suspenso para mover. Atualize e tente de novo."}
	}
	return show("", etagOf(w.Version), s.workItemOf(w)), err
}
