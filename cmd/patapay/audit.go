package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"os"
	"time"

	"patapay/cmd/patapay/app"
	"patapay/domain"
	"patapay/tenants"
)

// auditCmd looks at the audit logs.
type auditCmd struct {
	Verify auditVerifyCmd `cmd:"" help:"Check the sealed chain of one clinic's audit log, or of all and the platform's."`
}

type auditVerifyCmd struct {
	Tenant string `help:"ten_… or ext: and the platform's id; none: every clinic, deleted ones too, and the platform."`
}

// Run prints a line a log as each is read, and ends with 5 when one is not what was written.
func (c auditVerifyCmd) Run(ctx context.Context) error {
	return withApp(func(a *app.App) error { return verifyAudit(a, ctx, c.Tenant, os.Stdout) })
}

// verifyAudit writes a line a log.
func verifyAudit(a *app.App, ctx context.Context, name string, out io.Writer) error {
	bad := 0
	report := func(log string, entries, broken int64) error {
		if broken == 0 {
			_, err := fmt.Fprintf(out, "ok    %s %d entries\n", log, entries)
			return err
		}
		bad++
		_, err := fmt.Fprintf(out, "WRONG %s entry %d is not what was written, or is missing\n", log, broken)
		return err
	}
	var err error
	if name == "" {
		err = eachAuditLog(a, ctx, math.MaxInt32, report)
	} else {
		var c tenants.Clinic
		if c, err = a.Clinic(ctx, name); err == nil {
			err = a.APIDB.In(ctx, c.ID, auditLog(a, c.PublicID.Public("ten"), report))
		}
	}
	if err == nil && bad > 0 {
		return unhealthy(bad)
	}
	return err
}

// auditReport is told what the chain of one log shows: its entries, and the number of the
// first that is not what was written, 0 for none.
type auditReport func(log string, entries, broken int64) error

// eachAuditLog reads the platform's log and those of up to most clinics, the newest first. A
// clinic that was deleted keeps its log, so its chain is checked as well.
func eachAuditLog(a *app.App, ctx context.Context, most int, report auditReport) error {
	if err := a.APIDB.Platform(ctx, auditLog(a, "platform", report)); err != nil {
		return err
	}
	var list []tenants.Clinic
	err := a.APIDB.Platform(ctx, func(tx *tenants.Tx) (err error) {
		list, err = tx.Clinics(domain.UUID{}, "", most)
		return err
	})
	for _, c := range list {
		if err == nil {
			err = a.APIDB.In(ctx, c.ID, auditLog(a, c.PublicID.Public("ten"), report))
		}
	}
	return err
}

// auditLog returns what reads the log of a transaction's clinic.
func auditLog(a *app.App, log string, report auditReport) func(*tenants.Tx) error {
	chain := tenants.ChainOf(a.Chains)
	return func(tx *tenants.Tx) error {
		entries, broken, err := tx.VerifyAudit(chain)
		if err != nil {
			return err
		}
		return report(log, entries, broken)
	}
}

// auditTime is what the doctor gives to the chains: each is read from its first entry on.
const auditTime = 5 * time.Second

// audit checks the chains of the audit logs, as many as its time allows.
func (d *doctor) audit(ctx context.Context) {
	a, err := app.New(d.Config, slog.New(slog.DiscardHandler))
	if err != nil {
		return // the keys' finding says why
	}
	defer a.Close()
	limited, cancel := context.WithTimeout(ctx, auditTime)
	defer cancel()
	var first string
	whole, bad := 0, 0
	err = eachAuditLog(a, limited, 1000, func(log string, _, broken int64) error {
		if broken == 0 {
			whole++
			return nil
		}
		if bad++; first == "" {
			first = fmt.Sprintf("%s, entry %d", log, broken)
		}
		return nil
	})
	late := errors.Is(limited.Err(), context.DeadlineExceeded) && ctx.Err() == nil
	switch {
	case bad > 0:
		d.say("audit", fmt.Sprintf("%d log(s) are not what was written, first %s", bad, first),
			"Run `patapay audit verify`; compare the entry with a backup, and find who can write to the database as its owner")
	case err != nil && !late:
		d.say("audit", "not asked", "See the database's findings above")
	case late:
		d.say("audit", fmt.Sprintf("%d log(s) are what was written; no time for the rest: `patapay audit verify`", whole), "")
	default:
		d.say("audit", fmt.Sprintf("%d log(s) are what was written", whole), "")
	}
}
