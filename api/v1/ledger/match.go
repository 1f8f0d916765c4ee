package ledger

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"patapay/api/rest"
	"patapay/domain"
	"patapay/domain/asaas"
	"patapay/tenants"
	"patapay/tenants/ledger"
)

func (s *Handler) registerLedgerMatch(api huma.API) {
	const path = "/v1/tenants/{tenant}/ledger"
	rest.Register(
		api,
		rest.NewOperation(
			http.MethodGet, path+"/differences", "getLedgerDifferences",
			"The ledger against Asaas's statement, day by day, as last read", "Ledger", rest.LedgerRead,
		),
		s.getDifferences,
	)
	rest.Register(
		api,
		rest.NewOperation(
			http.MethodPost, path+"/match", "matchLedger",
			"Read Asaas's statement and balance now and compare; the first time it opens the ledger", "Ledger",
			rest.LedgerWrite,
		),
		s.matchLedger,
	)
}

// differencesView compares the ledger with the gateway's own statement. Nothing is made to
// fit: what differs is shown.
type differencesView struct {
	LedgerFrom *string                    `json:"ledgerFrom" doc:"Day on which the ledger begins; null: it was never compared"`
	Through    *string                    `json:"through" doc:"Last day whose lines were read"`
	CheckedAt  *time.Time                 `json:"checkedAt" doc:"When the balance was read; null: never"`
	Balance    rest.Maybe[rest.MoneyView] `json:"balance" doc:"At Asaas, then"`
	Available  rest.Maybe[rest.MoneyView] `json:"available" doc:"On asaas_available, then"`
	Difference rest.Maybe[rest.MoneyView] `json:"difference" doc:"Balance less available"`
	Since      *string                    `json:"since" doc:"First day that differs"`
	Days       []dayView                  `json:"days" doc:"On which anything moved, oldest first"`
}

type dayView struct {
	Day        string         `json:"day"`
	Statement  rest.MoneyView `json:"statement" doc:"Sum of Asaas's lines"`
	Ledger     rest.MoneyView `json:"ledger" doc:"Moved on asaas_available"`
	Difference rest.MoneyView `json:"difference" doc:"Statement less ledger"`
	Found      []foundView    `json:"found" doc:"Of a day that differs: what the statement and the ledger say otherwise, the greatest difference first, at most 200 in all"`
}

// foundView is one thing for which the statement moved other money on a day than the ledger.
type foundView struct {
	Kind       string         `json:"kind" doc:"What subject is" enum:"payment,anticipation,opening,statement,work_item"`
	Subject    string         `json:"subject" doc:"asaasId of the invoice or anticipation, Asaas's id of a statement line, or our work item"`
	Type       *string        `json:"type" doc:"Asaas's word for its line; null when the statement has none"`
	Statement  rest.MoneyView `json:"statement" doc:"What Asaas's lines moved"`
	Ledger     rest.MoneyView `json:"ledger" doc:"What was moved on asaas_available"`
	Difference rest.MoneyView `json:"difference" doc:"Statement less ledger"`
}

func foundOf(f ledger.Found) foundView {
	return foundView{
		string(f.Kind), f.Subject, rest.TextOrNull(f.Type),
		rest.MoneyOf(f.Statement), rest.MoneyOf(f.Ledger), rest.MoneyOf(f.Statement - f.Ledger),
	}
}

// comparedDays are days with what was found on those that differ.
type comparedDays struct {
	days  []ledger.StatementDay
	found map[domain.Day][]ledger.Found
}

// findDifferences opens the days that differ.
func findDifferences(tx *tenants.Tx, days []ledger.StatementDay) (comparedDays, error) {
	var differing []domain.Day
	for _, d := range days {
		if d.Difference() != 0 {
			differing = append(differing, d.Day)
		}
	}
	found, err := ledger.FoundOn(tx, differing)
	return comparedDays{days, found}, err
}

func differencesOf(check ledger.StatementCheck, compared comparedDays) differencesView {
	v := differencesView{
		LedgerFrom: rest.TextOrNull(check.From),
		Through:    rest.TextOrNull(check.Through),
		CheckedAt:  rest.TimeOrNull(check.CheckedAt),
		Days:       []dayView{},
	}
	if !check.CheckedAt.IsZero() {
		v.Balance, v.Available, v.Difference = rest.Present(rest.MoneyOf(check.Balance)),
			rest.Present(rest.MoneyOf(check.Available)), rest.Present(rest.MoneyOf(check.Difference()))
	}
	for _, d := range compared.days {
		v.Days = append(v.Days, dayView{
			string(d.Day), rest.MoneyOf(d.Statement), rest.MoneyOf(d.Ledger), rest.MoneyOf(d.Difference()),
			rest.Map(compared.found[d.Day], foundOf),
		})
		if v.Since == nil && d.Difference() != 0 {
			v.Since = rest.TextOrNull(d.Day)
		}
	}
	return v
}

type differencesInput struct {
	rest.TenantPath
	From string `query:"from" format:"date" doc:"First day; absent: 30 days ago"`
	To   string `query:"to" format:"date" doc:"Last day; absent: today"`
}

type differencesOutput struct{ Body differencesView }

func (s *Handler) getDifferences(ctx context.Context, in *differencesInput) (out *differencesOutput, err error) {
	from, to := s.days(30)
	if in.From != "" {
		from = domain.Day(in.From)
	}
	if in.To != "" {
		to = domain.Day(in.To)
	}
	err = s.WithVisibility(ctx, in.Tenant, func(tx *tenants.Tx, _ rest.ClinicView) error {
		check, err := ledger.LastStatementCheck(tx)
		if err != nil {
			return err
		}
		days, err := ledger.StatementDays(tx, max(from, check.From), to)
		if err != nil {
			return err
		}
		compared, err := findDifferences(tx, days)
		out = &differencesOutput{differencesOf(check, compared)}
		return err
	})
	return out, err
}

// days returns today in São Paulo and the day n days before.
func (s *Handler) days(n int) (from, to domain.Day) {
	today := s.Instant().In(asaas.SaoPaulo)
	return domain.Day(today.AddDate(0, 0, -n).Format(time.DateOnly)), domain.Day(today.Format(time.DateOnly))
}

type matchInput struct {
	rest.TenantPath
	Body *struct {
		Days int `json:"days,omitempty" minimum:"1" maximum:"90" doc:"How far back the lines are read again; 3 when absent"`
	}
}

func (s *Handler) matchLedger(ctx context.Context, in *matchInput) (*differencesOutput, error) {
	c, err := s.ChangeableClinic(ctx, in.Tenant)
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
		return nil, rest.GatewayProblemKeyless(err)
	}
	var compared comparedDays
	err = s.DB.In(ctx, c.ID, func(tx *tenants.Tx) error {
		if compared, err = findDifferences(tx, m.Days); err != nil {
			return err
		}
		return tx.Audit(
			s.Chain,
			s.AuditEntry(
				ctx, "ledger.match", c.PublicID.Public("ten"),
				map[string]any{"lines": m.Fresh, "differenceCents": int64(m.Difference())},
			),
		)
	})
	return &differencesOutput{differencesOf(m.StatementCheck, compared)}, err
}
