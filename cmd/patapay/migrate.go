package main

import (
	"context"
	"fmt"
	"os"

	"patapay/cmd/patapay/app"
	"patapay/migrations"
	"patapay/tenants/vault"
)

type migrateStatusCmd struct{}

// Run lists the migrations, applied or not.
func (migrateStatusCmd) Run(ctx context.Context) error {
	url, err := app.MigratorURL(os.Environ())
	if err != nil {
		return err
	}
	states, err := migrations.Status(ctx, url.Reveal())
	for _, s := range states {
		applied := "pending"
		if !s.AppliedAt.IsZero() {
			applied = s.AppliedAt.Format("2006-01-02 15:04:05Z")
		}
		fmt.Printf("%4d  %-28s %s\n", s.Version, s.File, applied)
	}
	return err
}

type migrateCmd struct {
	Up     migrateUpCmd     `cmd:"" default:"1" help:"Apply the migrations the database lacks."`
	Status migrateStatusCmd `cmd:"" help:"List the migrations, applied or not."`
	Epoch  migrateEpochCmd  `cmd:"" name:"new-epoch" help:"Begin a new epoch of the feed, after a copy of the data files was put back: its readers begin anew."`
}

type migrateUpCmd struct{}

// Run applies the migrations; DATABASE_URL is the migrator's, a direct connection.
func (migrateUpCmd) Run(ctx context.Context) error {
	url, err := app.MigratorURL(os.Environ())
	if err != nil {
		return err
	}
	if err := migrations.Up(ctx, url.Reveal()); err != nil {
		return err
	}
	waiting, err := migrations.Deferred(ctx, url.Reveal())
	if err != nil {
		return err
	}
	for _, w := range waiting {
		fmt.Printf(
			"%s waits for older programs, which have %d connections: end them, then run migrate again\n",
			w.File, w.Connections,
		)
	}
	return beginEpoch(ctx, url, false)
}

type migrateEpochCmd struct{}

// Run begins the epoch, whatever the database knows of its history.
func (migrateEpochCmd) Run(ctx context.Context) error {
	url, err := app.MigratorURL(os.Environ())
	if err != nil {
		return err
	}
	return beginEpoch(ctx, url, true)
}

// beginEpoch says so when another history is told than before: a restore, or a failover.
func beginEpoch(ctx context.Context, url vault.Secret, byHand bool) error {
	no, err := migrations.BeginEpoch(ctx, url.Reveal(), byHand)
	if err == nil && no > 0 {
		fmt.Printf(
			"epoch %d of the feed begins: readers who stand elsewhere are told to begin anew (410), endpoints are paused\n",
			no,
		)
	}
	return err
}
