package dev

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"patapay/api/problem"
	"patapay/cmd/patapay/app"
	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/connection"
	"patapay/tenants/vault"
)

// DemoCmd fills a development database.
type DemoCmd struct {
	Clinics DemoClinicsCmd `cmd:"" help:"Create connected clinics in bulk: bound, active, their money facts not confirmed."`
	Seed    DemoSeedCmd    `cmd:"" help:"Let 120 days of every kind of story pass in a running patapay dev."`
}

// DemoClinicsCmd makes invented clinics with a login, a connection and a webhook token each.
type DemoClinicsCmd struct {
	Tokens string `required:"" type:"existingfile" help:"File of account,token lines: one clinic each."`
}

// ErrProduction refuses to fill the database of a deployment with invented clinics.
var ErrProduction = errors.New("this fills a database with invented clinics: it runs with ENVIRONMENT=development only")

// Run creates a clinic for each line and prints account,tenant id lines. A second run
// prints the same clinics again.
func (c DemoClinicsCmd) Run(ctx context.Context) error {
	cfg, err := app.Load(os.Environ())
	if err != nil {
		return err
	}
	if !cfg.Development() {
		return ErrProduction
	}
	a, err := app.New(cfg, app.NewLogger(os.Stderr, cfg, problem.RequestID))
	if err != nil {
		return err
	}
	defer a.Close()
	file, err := os.Open(c.Tokens)
	if err != nil {
		return err
	}
	defer file.Close()
	return demoClinics(a, ctx, file, os.Stdout)
}

func demoClinics(a *app.App, ctx context.Context, lines io.Reader, out io.Writer) error {
	scan := bufio.NewScanner(lines)
	for n := 1; scan.Scan(); n++ {
		account, token, ok := strings.Cut(strings.TrimSpace(scan.Text()), ",")
		if !ok || account == "" || len(token) < 8 {
			return fmt.Errorf("line %d is not account,token", n)
		}
		clinic, created, err := a.APIDB.AddClinic(
			ctx, tenants.Clinic{Name: fmt.Sprintf("Clínica %03d", n), ExternalID: "demo-" + account, Sandbox: true},
			a.Vault, a.Now().UTC(),
		)
		if err == nil && created {
			err = demoConnection(a, ctx, clinic.ID, account, token)
		}
		if err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
		fmt.Fprintf(out, "%s,%s\n", account, clinic.PublicID.Public("ten"))
	}
	return scan.Err()
}

func demoConnection(a *app.App, ctx context.Context, clinic domain.ClinicID, account, token string) error {
	now := a.Now().UTC()
	return a.APIDB.In(ctx, clinic, func(tx *tenants.Tx) error {
		c := connection.Connection{
			PublicID:     tenants.NewID(now),
			Environment:  domain.Sandbox,
			Account:      account,
			State:        domain.ConnectionActive,
			Since:        now,
			FirstEventAt: now,
			Version:      1,
		}
		if err := connection.Save(tx, c, vault.Secret{}, a.Vault, now); err != nil {
			return err
		}
		return connection.AddToken(tx, a.Config.Peppers.Digest(token), domain.Sandbox, token[len(token)-4:], now)
	})
}
