package app

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/connection"
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

// KeysFit asks at once whether the deployment's secrets are those that its rows were made with.
func (a *App) KeysFit(ctx context.Context) error { return a.askKeys(ctx) }

// askKeys opens the data keys of a few clinics, and asks for the peppers that the webhook tokens' digests are made
// with. It returns a *RoleFault when no key can be opened or the oldest of those peppers is not configured; a
// deployment that holds nothing yet fits any secret. What fits it notes: the peppers' names, and the chains' keys.
func (a *App) askKeys(ctx context.Context) error {
	var known []vault.PepperID
	if err := a.APIDB.Platform(ctx, func(tx *tenants.Tx) (err error) {
		known, err = connection.Peppers(tx)
		return err
	}); err != nil {
		return err
	}
	chain := tenants.ChainOf(a.Chains)
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
		if len(known) > 0 {
			return nil // the peppers' names say more than a chain that may have its own key
		}
		there, holds, err := tenants.NewestAuditHolds(tx, chain)
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
	case len(known) > 0 && !a.Config.Peppers.Has(known[0]):
		return &RoleFault{
			"TOKEN_PEPPER", "it lacks the pepper that this database's webhook tokens are kept under",
			"give that pepper, behind a new one if it is being retired (`patapay keys rotate pepper --finish`)",
		}
	}
	return a.notePeppers(ctx, known)
}

// notePeppers notes the newest pepper when it is new here. At the first time it notes the oldest one too, which has
// made the chains' keys and every digest so far. One that was retired is never noted again in the second place.
func (a *App) notePeppers(ctx context.Context, known []vault.PepperID) error {
	if slices.Contains(known, a.Config.Peppers.Newest()) {
		return nil
	}
	return a.APIDB.Platform(ctx, func(tx *tenants.Tx) error {
		fresh := []vault.PepperID{a.Config.Peppers.Newest()}
		if len(known) == 0 {
			fresh = a.Config.Peppers.IDs()
			if err := tenants.KeepChainKeys(tx, a.Vault, a.Config.Peppers.Oldest()); err != nil {
				return err
			}
		}
		return connection.NotePeppers(tx, fresh, a.wall().UTC())
	})
}
