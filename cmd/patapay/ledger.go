package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"math"
	"os"
	"time"

	"patapay/api/problem"
	"patapay/cmd/patapay/app"
	"patapay/domain"
	"patapay/domain/asaas"
	"patapay/tenants"
	"patapay/tenants/ledger"
)

// ledgerCmd looks at the clinics' ledgers.
type ledgerCmd struct {
	Verify ledgerVerifyCmd `cmd:"" help:"Check the chain and the sums of one clinic's ledger, or of all."`
	Match  ledgerMatchCmd  `cmd:"" help:"Compare a clinic's ledger with Asaas's statement and balance, day by day."`
}

type ledgerVerifyCmd struct {
	Clinic string `arg:"" optional:"" help:"ten_… or ext: and the platform's id; none: every clinic."`
}

// Run prints a line a clinic, and ends with 5 when a ledger is not what was written.
func (c ledgerVerifyCmd) Run(ctx context.Context) error {
	return withApp(func(a *app.App) error { return verifyLedgers(a, ctx, c.Clinic, os.Stdout) })
}

type ledgerMatchCmd struct {
	Clinic string `arg:"" help:"ten_… or ext: and the platform's id."`
	Days   int    `help:"How far back the lines are read again, 1 to 90." default:"3"`
}

// Run prints the days that differ and the balance, and ends with 5 when anything differs.
func (c ledgerMatchCmd) Run(ctx context.Context) error {
	return withApp(func(a *app.App) error { return matchLedger(a, ctx, c.Clinic, c.Days, os.Stdout) })
}

// matchLedger reads the statement and writes what differs.
func matchLedger(a *app.App, ctx context.Context, name string, days int, out io.Writer) error {
	clinic, err := a.Clinic(ctx, name)
	if err != nil {
		return err
	}
	connector, err := a.MakeConnector()
	if err != nil {
		return err
	}
	from := domain.Day(a.Now().In(asaas.SaoPaulo).AddDate(0, 0, -min(max(days, 1), 90)).Format(time.DateOnly))
	m, err := connector.MatchStatement(ctx, clinic.ID, from)
	if err != nil {
		return err
	}
	bad := 0
	for _, d := range m.Days {
		if d.Difference() != 0 {
			bad++
			fmt.Fprintf(out, "WRONG %s Asaas %s, ledger %s\n", d.Day, d.Statement, d.Ledger)
		}
	}
	for _, u := range m.Unmatched {
		fmt.Fprintf(out, "      %s %s: Asaas %s, ledger %s; read again\n", u.Kind, u.ID, u.Statement, u.Ledger)
	}
	fmt.Fprintf(
		out, "since %s: %d new lines, balance %s, ledger %s, difference %s\n", m.From, m.Fresh, m.Balance,
		m.Available, m.Difference(),
	)
	if bad > 0 || m.Difference() != 0 {
		return unhealthy(max(bad, 1))
	}
	return nil
}

// withApp runs fn on the program that the environment describes.
func withApp(fn func(*app.App) error) error {
	cfg, err := app.Load(os.Environ())
	if err != nil {
		return err
	}
	a, err := app.New(cfg, app.NewLogger(os.Stderr, cfg, problem.RequestID))
	if err != nil {
		return err
	}
	defer a.Close()
	return fn(a)
}

// verifyLedgers writes a line a clinic.
func verifyLedgers(a *app.App, ctx context.Context, name string, out io.Writer) error {
	chain, bad := ledger.ChainOf(a.Chains), 0
	verify := func(tx *tenants.Tx) error {
		self, err := tx.Self()
		if err != nil {
			return err
		}
		p, err := ledger.Verify(tx, chain)
		if err != nil {
			return err
		}
		if p.Broken == 0 {
			_, err = fmt.Fprintf(out, "ok    %s %d bookings\n", self.PublicID.Public("ten"), p.Bookings)
			return err
		}
		bad++
		_, err = fmt.Fprintf(out, "WRONG %s booking %d: %s\n", self.PublicID.Public("ten"), p.Broken, p.Why)
		return err
	}
	var err error
	if name == "" {
		err = a.APIDB.EachClinic(ctx, math.MaxInt32, verify)
	} else {
		var c tenants.Clinic
		if c, err = a.Clinic(ctx, name); err == nil {
			err = a.APIDB.In(ctx, c.ID, verify)
		}
	}
	if err == nil && bad > 0 {
		return unhealthy(bad)
	}
	return err
}

// ledger looks for what SQL alone can see wrong with the clinics' ledgers and events.
func (d *doctor) ledger(ctx context.Context) {
	a, err := app.New(d.Config, slog.New(slog.DiscardHandler))
	if err != nil {
		return // the keys' finding says why
	}
	defer a.Close()
	var first string
	bad := 0
	err = a.APIDB.EachClinic(ctx, 1000, func(tx *tenants.Tx) error {
		faults, err := ledger.LedgerFaults(tx)
		if err == nil {
			var broken []string
			broken, err = ledger.Invariants(tx, a.Now())
			faults = append(faults, broken...)
		}
		if bad += len(faults); len(faults) > 0 && first == "" {
			first = faults[0]
		}
		return err
	})
	switch {
	case err != nil:
		d.say("ledger", "not asked", "See the database's findings above")
	case bad > 0:
		d.say(
			"ledger", fmt.Sprintf("%d fault(s): %s", bad, first),
			"Run `patapay ledger verify`, then `patapay rebuild CLINIC --shadow` for the clinic it names",
		)
	default:
		d.say("ledger", "every booking sums to zero, every event has an outcome", "")
	}
}
