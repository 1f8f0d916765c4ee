package app

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/vault"
)

// keyFitEvery is how long an answer about the deployment's secrets holds.
const keyFitEvery = time.Minute

// keyFitClinics is how many clinics are asked: one whose rows were damaged is no wrong secret.
const keyFitClinics = 5

// keyFit knows whether the deployment's secrets are those that its rows were made with. With a wrong pepper no token
// would be found, and each authentic delivery be told 401, as if it were forged; with a wrong keyset nothing could be
// sealed or opened.
type keyFit struct {
	ask func(context.Context) error // a *RoleFault: they are not; another error: nobody knows

	wrong atomic.Bool // as fault says, for receivers, who wait for nobody

	mu    sync.Mutex
	asked time.Time
	fault error // of the last answer that was one
}

// check returns the fault of an answer that is at most a minute old at now.
func (k *keyFit) check(ctx context.Context, now time.Time) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if now.Sub(k.asked) < keyFitEvery {
		return k.fault
	}
	var fault *RoleFault
	switch err := k.ask(ctx); {
	case err == nil:
		k.asked, k.fault = now, nil
	case errors.As(err, &fault):
		k.asked, k.fault = now, fault
	}
	k.wrong.Store(k.fault != nil)
	return k.fault
}

// fits tells whether the last answer was good, or there was none yet.
func (k *keyFit) fits() bool { return !k.wrong.Load() }

// watch asks again each minute until ctx ends.
func (k *keyFit) watch(ctx context.Context) {
	tick := time.NewTicker(keyFitEvery)
	defer tick.Stop()
	for {
		_ = k.check(ctx, time.Now()) // told by /readyz and by the receiver's answers
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// askKeys opens the data keys of a few clinics and proves the newest entry of their audit logs. It returns a
// *RoleFault when none of those that are there can be opened or proved; a deployment that holds nothing yet fits any
// secret.
func (a *App) askKeys(ctx context.Context) error {
	chain := tenants.NewChain(a.Config.Pepper)
	var sealed, opened, entries, proved int
	err := a.APIDB.EachClinic(ctx, keyFitClinics, func(tx *tenants.Tx) error {
		switch _, err := tx.Opener(a.Vault); {
		case err == nil:
			sealed, opened = sealed+1, opened+1
		case errors.Is(err, vault.ErrSealed):
			sealed++
		case domain.CodeOf(err) != domain.NotFound:
			return err
		}
		there, holds, err := tx.NewestAuditHolds(chain)
		if there {
			entries++
		}
		if holds {
			proved++
		}
		return err
	})
	switch {
	case err != nil:
		return err
	case sealed > 0 && opened == 0:
		return &RoleFault{"MASTER_KEYSET", "it opens no data key of this database", "give the keyset that wrapped them"}
	case entries > 0 && proved == 0:
		return &RoleFault{"TOKEN_PEPPER", "it proves no entry of this database's audit log", "give the pepper that made it"}
	}
	return nil
}
