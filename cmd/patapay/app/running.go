package app

import (
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"fmt"
	"os"
	"time"

	"patapay/api/auth"
	"patapay/domain"
	"patapay/migrations"
	"patapay/tenants"
)

// runningEvery is how often a running process notes that it runs: three times before it counts as ended.
const runningEvery = tenants.ProcessKept / 4

// MasterMark names the primary key of MASTER_KEYSET, and tells nothing of it.
func (a *App) MasterMark() string { return fmt.Sprintf("master:%08x", a.Vault.Primary()) }

// PepperMark names the newest pepper of TOKEN_PEPPER, and tells nothing of it.
func (a *App) PepperMark() string {
	id := a.Config.Peppers.Newest()
	return "pepper:" + hex.EncodeToString(id[:])
}

// SigningMark names JWT_SIGNING_KEY, and tells nothing of it.
func (a *App) SigningMark() string {
	return "jwt:" + auth.KeyID(a.Config.SigningKey.Public().(ed25519.PublicKey))
}

// NoteRunning notes that a process with this one's keys and schema runs: a rotation waits for the last one without the
// new key, and a contract step for the last one that needs what it takes away.
func (a *App) NoteRunning(ctx context.Context, id domain.UUID, name string) error {
	p := tenants.Process{
		ID: id, Name: name, SeenAt: a.wall().UTC(),
		Marks: []string{a.MasterMark(), a.PepperMark(), a.SigningMark(), migrations.SchemaMark()},
	}
	return a.APIDB.Platform(ctx, func(tx *tenants.Tx) error { return tenants.NoteProcess(tx, p) })
}

// EndRunning forgets a process that NoteRunning noted.
func (a *App) EndRunning(ctx context.Context, id domain.UUID) error {
	return a.APIDB.Platform(ctx, func(tx *tenants.Tx) error { return tenants.EndProcess(tx, id) })
}

// keepRunning notes that this process runs until ctx ends. What it returns waits for that and forgets the process.
func (a *App) keepRunning(ctx context.Context, what string) (forget func(context.Context)) {
	host, err := os.Hostname()
	if err != nil {
		host = "a host without a name"
	}
	id, ended := tenants.NewID(a.wall()), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(runningEvery)
		defer tick.Stop()
		for {
			if err := a.NoteRunning(ctx, id, what+" on "+host); err != nil && ctx.Err() == nil {
				a.log.Warn("that this process runs was not noted", "err", err)
			}
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
		}
	}()
	return func(ctx context.Context) {
		<-ended
		_ = a.EndRunning(ctx, id) // without Postgres the note ends by its age
	}
}

// Without returns the running processes that lack the key of a mark.
func (a *App) Without(ctx context.Context, mark string) (lacking []tenants.Process, err error) {
	err = a.APIDB.Platform(ctx, func(tx *tenants.Tx) error {
		list, err := tenants.Processes(tx, a.wall().UTC())
		for _, p := range list {
			if !p.Has(mark) {
				lacking = append(lacking, p)
			}
		}
		return err
	})
	return lacking, err
}
