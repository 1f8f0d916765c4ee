package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"

	"patapay/cmd/patapay/app"
	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/apply"
	"patapay/tenants/ledger"
)

// rebuildCmd folds a clinic's records anew.
type rebuildCmd struct {
	Clinic string `arg:"" help:"ten_… or ext: and the platform's id."`
	Shadow bool   `help:"Beside the stored values, which stay as they are: what --apply would change." xor:"how" required:""`
	Apply  bool   `help:"Store what differs, as applying the events anew does: bookings are added, never changed." xor:"how" required:""`
}

// Run prints what differs, and ends with 5 when anything does at its end.
func (c rebuildCmd) Run(ctx context.Context) error {
	return withApp(func(a *app.App) error {
		if c.Apply {
			return rebuildAndStore(a, ctx, c.Clinic, os.Stdout)
		}
		return rebuildShadow(a, ctx, c.Clinic, os.Stdout)
	})
}

// rebuildShadow prints how stored and rebuilt values differ.
func rebuildShadow(a *app.App, ctx context.Context, name string, out io.Writer) error {
	c, err := a.Clinic(ctx, name)
	if err != nil {
		return err
	}
	_, err = shadow(a, ctx, c.ID, out)
	return err
}

// shadow returns one event of each entity that differs, and fails with unhealthy when there are any.
func shadow(a *app.App, ctx context.Context, clinic domain.ClinicID, out io.Writer) ([]domain.EventKey, error) {
	r, err := apply.Shadow(a.APIDB, ctx, clinic)
	if err != nil {
		return nil, err
	}
	for _, d := range r.Differences {
		fmt.Fprintln(out, d)
	}
	fmt.Fprintf(out, "%d rebuilt, %d waiting, %d differ\n", r.Entities, r.Waiting, len(r.Differences))
	if len(r.Differences) > 0 {
		return r.Anew, unhealthy(len(r.Differences))
	}
	return nil, nil
}

// rebuildAndStore stores what differs, each entity in the transaction that applies events, and looks again.
// Broken off, it has stored what it had come to; run again, it does the rest.
func rebuildAndStore(a *app.App, ctx context.Context, name string, out io.Writer) error {
	c, err := a.Clinic(ctx, name)
	if err != nil {
		return err
	}
	keys, err := shadow(a, ctx, c.ID, out)
	if len(keys) == 0 {
		return err
	}
	applier := &apply.Applier{DB: a.WorkerDB, Vault: a.Vault, Ledger: ledger.ChainOf(a.Chains), Now: a.Now}
	stored := 0
	for chunk := range slices.Chunk(keys, apply.ReplayMost) {
		told, err := applier.Replay(ctx, c.ID, chunk, false)
		if err != nil {
			return err
		}
		for _, o := range told.Objects {
			fmt.Fprintf(out, "stored %s %s: version %d, %d bookings more\n", o.Kind, o.AsaasID, o.To, len(o.Facts))
		}
		stored += len(told.Objects)
	}
	chain := tenants.ChainOf(a.Chains)
	err = a.APIDB.In(ctx, c.ID, func(tx *tenants.Tx) error {
		return tx.Audit(chain, tenants.AuditEntry{
			At: a.Now().UTC(), Actor: "patapay rebuild", Role: "cli", Action: "rebuild.apply", Subject: c.PublicID.Public("ten"),
			Detail: map[string]any{"differed": len(keys), "stored": stored},
		})
	})
	if err != nil {
		return err
	}
	_, err = shadow(a, ctx, c.ID, out)
	return err
}
