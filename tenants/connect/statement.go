package connect

import (
	"context"
	"errors"
	"slices"
	"time"

	"patapay/domain"
	"patapay/domain/asaas"
	"patapay/tenants"
	"patapay/tenants/apply"
	"patapay/tenants/asaasapi"
	"patapay/tenants/connection"
	"patapay/tenants/ledger"
)

// Match is what a comparison of the ledger with the gateway's statement found.
type Match struct {
	ledger.StatementCheck
	Fresh     int                   // lines that were not read before
	Days      []ledger.StatementDay // of the window, on which anything moved
	Unmatched []ledger.Unmatched    // entities for which the statement moved other money
}

// stableReads is how often the balance is read again when lines come meanwhile.
const stableReads = 3

// MatchStatement reads the account's statement from day from until today, and what was not
// read before it, books what no event tells of, and compares day by day and with the balance
// (docs/architecture.md, reconciliation). What differs is asked of the gateway anew and shown as
// a work item; nothing is ever made to fit. The clinic's first comparison opens its ledger.
// It fails with an *Error of the gateway, and with NotFound for a clinic without a key.
func (c *Connector) MatchStatement(ctx context.Context, clinic domain.ClinicID, from domain.Day) (m Match, err error) {
	b := bookkeeping{c, clinic}
	conn, cred, err := b.credential(ctx)
	if err != nil {
		return m, err
	}
	if err := c.readFees(ctx, clinic, cred); err != nil {
		return m, err
	}
	m.Through = today(c.Now())
	opened := false
	if m.From, opened, err = b.begin(ctx, conn, cred); err != nil {
		return m, err
	}
	first, last := b.window(ctx, m.From, from)
	lines, balance, err := b.movements(ctx, cred, first, m.Through)
	if err != nil {
		return m, err
	}
	m.Balance, m.CheckedAt = balance, c.Now().UTC()
	chain := c.Ledger
	if err := c.DB.In(
		ctx, clinic,
		func(tx *tenants.Tx) (err error) { m.Fresh, err = b.keep(tx, chain, m, first, lines); return err },
	); err != nil {
		return m, err
	}
	if c.Crash != nil {
		c.Crash("opening-rebook")
	}
	// What was booked before the cut-off was known. Until a first comparison has come to its end nobody knows that this
	// was done: a process may have been killed in between.
	if opened || last.Through == "" {
		if _, err := apply.Rebook(c.DB, ctx, clinic, chain, c.Now()); err != nil {
			return m, err
		}
	}
	return m, c.DB.In(ctx, clinic, func(tx *tenants.Tx) error { return b.compare(tx, &m, max(from, m.From)) })
}

// MatchAfter is MatchStatement behind a comparison of entities. A key that may not read
// the statement is no failure of that.
func (c *Connector) MatchAfter(ctx context.Context, clinic tenants.Clinic, w Window) error {
	_, err := c.MatchStatement(ctx, clinic.ID, max(w.From, today(c.Now().AddDate(0, 0, -nightlyDays))))
	var failed *asaasapi.Error
	if errors.As(err, &failed) && failed.Code == asaasapi.PermissionLacks {
		return nil
	}
	return err
}

// today returns the day of t in São Paulo, by which the gateway dates its lines.
func today(t time.Time) domain.Day { return domain.Day(t.In(asaas.SaoPaulo).Format(time.DateOnly)) }

// bookkeeping reads the statement of a clinic's account and books it.
type bookkeeping struct {
	*Connector
	clinic domain.ClinicID
}

// credential reads what the gateway is asked with.
func (b bookkeeping) credential(ctx context.Context) (conn connection.Connection, cred asaasapi.Credential, err error) {
	err = b.DB.In(ctx, b.clinic, func(tx *tenants.Tx) error {
		if conn, err = connection.Load(tx); err != nil {
			return err
		}
		key, err := connection.APIKey(tx, b.Vault)
		cred = asaasapi.Credential{Environment: conn.Environment, Key: key}
		return err
	})
	return conn, cred, err
}

// window returns the first day to read, so that nothing between two comparisons is left out, and the comparison before.
func (b bookkeeping) window(
	ctx context.Context, begins, from domain.Day,
) (first domain.Day, last ledger.StatementCheck) {
	err := b.DB.In(
		ctx, b.clinic, func(tx *tenants.Tx) (err error) { last, err = ledger.LastStatementCheck(tx); return err },
	)
	if err != nil || last.Through == "" {
		return begins, ledger.StatementCheck{}
	}
	return max(begins, min(from, last.Through)), last
}

// noteTypes counts the types of lines that no list has.
func (b bookkeeping) noteTypes(found []asaasapi.Movement) {
	var types []string
	for _, m := range found {
		types = append(types, m.Type)
	}
	b.Radar.Note(b.clinic, asaas.UnknownInStatement(types))
}

// movements reads the statement day by day, and the balance behind its last line.
func (b bookkeeping) movements(
	ctx context.Context, cred asaasapi.Credential, from, to domain.Day,
) (lines []domain.Line, balance domain.Money, err error) {
	for day := from; day <= to; day = next(day) {
		var found []asaasapi.Movement
		if found, err = b.Client.Statement(ctx, cred, day, day); err != nil {
			return nil, 0, err
		}
		b.noteTypes(found)
		lines = append(lines, linesOf(found)...)
	}
	for range stableReads {
		if balance, err = b.Client.Balance(ctx, cred); err != nil {
			return nil, 0, err
		}
		found, err := b.Client.Statement(ctx, cred, to, to)
		if err != nil {
			return nil, 0, err
		}
		before := len(lines)
		for _, l := range linesOf(found) {
			if !slices.ContainsFunc(lines, func(have domain.Line) bool { return have.ID == l.ID }) {
				lines = append(lines, l)
			}
		}
		if len(lines) == before {
			break
		}
	}
	return lines, balance, nil
}

func linesOf(found []asaasapi.Movement) (lines []domain.Line) {
	for _, m := range found {
		lines = append(
			lines,
			domain.Line{
				ID:           m.ID,
				Day:          m.Date,
				Value:        m.Value,
				Type:         m.Type,
				Payment:      m.Payment,
				Anticipation: m.Anticipation,
				Split:        m.Split,
			},
		)
	}
	return lines
}

// next returns the day after d.
func next(d domain.Day) domain.Day {
	t, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return "9999-12-31" // ends every loop over days
	}
	return domain.Day(t.AddDate(0, 0, 1).Format(time.DateOnly))
}

// keep stores and books the lines, and what the account held before the first of them. A
// comparison beside this one may have read lines that this balance does not know of: then
// the next one looks at what was held before.
func (b bookkeeping) keep(
	tx *tenants.Tx, chain ledger.Chain, m Match, first domain.Day, lines []domain.Line,
) (fresh int, err error) {
	if fresh, err = ledger.AddLines(tx, chain, lines, b.Now()); err != nil {
		return fresh, err
	}
	since, known, err := ledger.StatementSum(tx, first)
	if err != nil || known != len(lines) {
		return fresh, err
	}
	return fresh, ledger.OpenBalance(tx, chain, m.From, m.Balance-since, b.Now())
}

// compare compares what is booked with what was read. Entities that differ are
// read anew, and have a work item until they no longer do.
func (b bookkeeping) compare(tx *tenants.Tx, m *Match, from domain.Day) (err error) {
	if m.StatementCheck, err = ledger.SaveStatementCheck(tx, m.StatementCheck); err != nil {
		return err
	}
	if m.Days, err = ledger.StatementDays(tx, from, m.Through); err != nil {
		return err
	}
	if m.Unmatched, err = ledger.UnmatchedLines(tx, m.From); err != nil {
		return err
	}
	for _, u := range m.Unmatched {
		if err := apply.RequestRead(tx, u.Kind, u.ID, domain.ReadStatement, b.Now().UTC()); err != nil {
			return err
		}
	}
	return ledger.KeepUnmatched(tx, m.Unmatched, b.Now())
}

// feesAge is how old the account's fees may be before they are read again.
const feesAge = 20 * time.Hour

// readFees keeps the account's fees, once a day. That they cannot be read stops nothing: then what
// the gateway keeps is not judged by them.
func (c *Connector) readFees(ctx context.Context, clinic domain.ClinicID, cred asaasapi.Credential) error {
	var at time.Time
	err := c.DB.In(ctx, clinic, func(tx *tenants.Tx) (err error) { at, err = ledger.FeesReadAt(tx); return err })
	if err != nil || c.Now().Sub(at) < feesAge {
		return err
	}
	fees, err := c.Client.Fees(ctx, cred)
	if err != nil || len(fees) == 0 {
		return nil //nolint:nilerr // the next comparison asks again
	}
	return c.DB.In(ctx, clinic, func(tx *tenants.Tx) error { return ledger.SaveFees(tx, fees, c.Now()) })
}
