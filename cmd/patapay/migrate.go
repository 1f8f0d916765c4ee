package main

import (
	"context"
	"fmt"
	"os"

	"patapay/cmd/patapay/app"
	"patapay/migrations"
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
}

type migrateUpCmd struct{}

// Run applies the migrations; DATABASE_URL is the migrator's, a direct connection.
func (migrateUpCmd) Run(ctx context.Context) error {
	url, err := app.MigratorURL(os.Environ())
	if err != nil {
		return err
	}
	return migrations.Up(ctx, url.Reveal())
}
