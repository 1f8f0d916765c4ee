package v1

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"patapay/domain"
	"patapay/domain/asaas"
	"patapay/tenants"
	"patapay/tenants/ledger"
)

func (s *Server) registerLedgerMatch(api huma.API) {
	const path = "/v1/tenants/{tenant}/ledger"
	add(api, operation(http.MethodGet, path+"/differences", "getLedgerDifferences", "The ledger against Asaas's statement, day by day, as last read", "Ledger", ledgerRead), s.getDifferences)
	add(api, operation(http.MethodPost, path+"/match", "matchLedger", "Read Asaas's statement and balance now and compare; the first time it opens the ledger", "Ledger", ledgerWrite), s.matchLedger)
}

// differencesView compares the ledger with the gateway's own statement. Nothing is made to
// fit: what differs is shown.
type differencesView struct {
	LedgerFrom *string          `json:"ledgerFrom" doc:"Day on which the ledger begins; null: it was never compared"`
	Through    *string          `json:"through" doc:"Last day whose lines were read"`
	CheckedAt  *time.Time       `json:"checkedAt" doc:"When the balance was read; null: never"`
	Balance    maybe[moneyView] `json:"balance" doc:"At Asaas, then"`
	Available  maybe[moneyView] `json:"available" doc:"On asaas_available, then"`
	Difference maybe[moneyView] `json:"difference" doc:"Balance less available"`
	Since      *string          `json:"since" doc:"First day that differs"`
	Days       []dayView        `json:"days" doc:"On which anything moved, oldest first"`
}

type dayView struct {
	Day        string    `json:"day"`
	Statement  moneyView `json:"statement" doc:"Sum of Asaas's lines"`
	Ledger     moneyView `json:"ledger" doc:"Moved on asaas_available"`
	Difference moneyView `json:"difference" doc:"Statement less ledger"`
}

func differencesOf(check ledger.StatementCheck, days []ledger.StatementDay) differencesView {
	v := differencesView{LedgerFrom: some(check.From), Through: some(check.Through), CheckedAt: moment(check.CheckedAt), Days: []dayView{}}
	if !check.CheckedAt.IsZero() {
		v.Balance, v.Available, v.Difference = has(moneyOf(check.Balance)), has(moneyOf(check.Available)), has(moneyOf(check.Difference()))
	}
	for _, d := range days {
		v.Days = append(v.Days, dayView{string(d.Day), moneyOf(d.Statement), moneyOf(d.Ledger), moneyOf(d.Difference())})
		if v.Since == nil && d.Difference() != 0 {
			v.Since = some(d.Day)
		}
	}
	return v
}

type differencesInput struct {
	TenantPath
	From string `query:"from" format:"date" doc:"First day; absent: 30 days ago"`
	To   string `query:"to" format:"date" doc:"Last day; absent: today"`
}

type differencesOutput struct{ Body differencesView }

func (s *Server) getDifferences(ctx context.Context, in *differencesInput) (out *differencesOutput, err error) {
	from, to := s.days(30)
	if in.From != "" {
		from = domain.Day(in.From)
	}
	if in.To != "" {
		to = domain.Day(in.To)
	}
	err = s.looked(ctx, in.Tenant, func(tx *tenants.Tx, _ lens) error {
		check, err := ledger.LastStatementCheck(tx)
		if err != nil {
			return err
		}
		days, err := ledger.StatementDays(tx, max(from, check.From), to)
		out = &differencesOutput{differencesOf(check, days)}
		return err
	})
	return out, err
}

// days returns today in São Paulo and the day n days before.
func (s *Server) days(n int) (from, to domain.Day) {
	today := s.now().In(asaas.SaoPaulo)
	return domain.Day(today.AddDate(0, 0, -n).Format(time.DateOnly)), domain.Day(today.Format(time.DateOnly))
}

type matchInput struct {
	TenantPath
	Body *struct {
		Days int `json:"days,omitempty" minimum:"1" maximum:"90" doc:"How far back the lines are read again; 3 when absent"`
	}
}

func (s *Server) matchLedger(ctx context.Context, in *matchInput) (*differencesOutput, error) {
	c, err := s.changeableClinic(ctx, in.Tenant)
	if err != nil {
		return nil, err
	}
	days := 3
	if in.Body != nil && in.Body.Days > 0 {
		days = in.Body.Days
	}
	from, _ := s.days(days)
	m, err := s.Connector.MatchStatement(ctx, c.ID, from)
	if err != nil {
		return nil, stalled(err)
	}
	err = s.DB.In(ctx, c.ID, func(tx *tenants.Tx) error {
		return tx.Audit(s.Chain, s.entry(ctx, "ledger.match", c.PublicID.Public("ten"), map[string]any{"lines": m.Fresh, "differenceCents": int64(m.Difference())}))
	})
	return &differencesOutput{differencesOf(m.StatementCheck, m.Days)}, err
}
