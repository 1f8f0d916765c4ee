package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"patapay/api/problem"
	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/connection"
	"patapay/tenants/inbox"
	"patapay/tenants/vault"
)

// demoCmd fills a development database.
type demoCmd struct {
	Clinics demoClinicsCmd `cmd:"" help:"Create connected clinics in bulk: bound, active, their money facts not confirmed."`
	Seed    demoSeedCmd    `cmd:"" help:"Let 120 days of every kind of story pass in a running patapay dev."`
}

type demoClinicsCmd struct {
	Tokens string `required:"" type:"existingfile" help:"File of account,token lines: one clinic each."`
}

var errProduction = errors.New("this fills a database with invented clinics: it runs with ENVIRONMENT=development only")

// Run creates a clinic for each line and prints account,tenant id lines. A second run
// prints the same clinics again.
func (c demoClinicsCmd) Run(ctx context.Context) error {
	cfg, err := Load(os.Environ())
	if err != nil {
		return err
	}
	if !cfg.Development() {
		return errProduction
	}
	a, err := newApp(cfg, newLogger(os.Stderr, cfg, problem.RequestID))
	if err != nil {
		return err
	}
	defer a.close()
	file, err := os.Open(c.Tokens)
	if err != nil {
		return err
	}
	defer file.Close()
	return a.demoClinics(ctx, file, os.Stdout)
}

func (a *app) demoClinics(ctx context.Context, lines io.Reader, out io.Writer) error {
	scan := bufio.NewScanner(lines)
	for n := 1; scan.Scan(); n++ {
		account, token, ok := strings.Cut(strings.TrimSpace(scan.Text()), ",")
		if !ok || account == "" || len(token) < 8 {
			return fmt.Errorf("line %d is not account,token", n)
		}
		clinic, created, err := a.api.AddClinic(ctx, tenants.Clinic{Name: fmt.Sprintf("Clínica %03d", n), ExternalID: "demo-" + account, Sandbox: true}, a.vault, a.now().UTC())
		if err == nil && created {
			err = a.demoConnection(ctx, clinic.ID, account, token)
		}
		if err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
		fmt.Fprintf(out, "%s,%s\n", account, clinic.PublicID.Public("ten"))
	}
	return scan.Err()
}

func (a *app) demoConnection(ctx context.Context, clinic domain.ClinicID, account, token string) error {
	now := a.now().UTC()
	return a.api.In(ctx, clinic, func(tx *tenants.Tx) error {
		c := connection.Connection{PublicID: tenants.NewID(now), Environment: domain.Sandbox, Account: account, State: "active", Since: now, FirstEventAt: now, Version: 1}
		if err := connection.Save(tx, c, vault.Secret{}, a.vault, now); err != nil {
			return err
		}
		return connection.AddToken(tx, inbox.Digest(a.cfg.Pepper, token), domain.Sandbox, token[len(token)-4:], now)
	})
}
