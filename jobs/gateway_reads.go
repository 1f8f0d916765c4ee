package jobs

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/alarm"
	"patapay/tenants/apply"
	"patapay/tenants/connection"
	"patapay/tenants/vault"
)

// Gateway reads entities as the gateway has them, with a clinic's own key.
type Gateway interface {
	// Read returns the entity; Found is false when the gateway does not know it. Of a
	// checkout, which has no read, it returns what its payments prove, and further those.
	// why is the reason of the read: which share of the account's quota it may use up.
	Read(ctx context.Context, env domain.Environment, key vault.Secret, kind domain.Kind, id string, why domain.ReadReason) (Reading, error)
}

// Reading is one answer, and other entities that came with it.
type Reading struct {
	apply.GatewayAnswer
	Nothing  bool // the gateway has no such read, and proves nothing: ask no more
	Payments map[string]apply.GatewayAnswer
}

// Refusal is an error of the gateway that decides when to ask again.
type Refusal interface {
	error
	KeyRefused() bool          // the key is dead: the clinic must act
	RetryAfter() time.Duration // how long the gateway asks to be left alone; 0: it did not say
}

// GatewayReads asks the gateway for what only it can know: unverified deliveries, contradictions, orphans, and
// whether money that a webhook told of is there (docs/architecture.md, gateway snapshots). While the gateway
// is away the read requests wait.
type GatewayReads struct {
	DB      *tenants.DB // the worker role's
	Gateway Gateway
	Vault   *vault.Vault
	Now     func() time.Time
	Log     *slog.Logger
}

const (
	readClinics = 50 // clinics looked at in one round
	readBatch   = 20 // entities of one clinic in one round
	readsAtOnce = 8  // clinics asked at once
)

// reads are the clinics whose entities are being read.
type reads struct {
	group sync.WaitGroup
	slots chan struct{}
	under sync.Map // domain.ClinicID: one at a time for a clinic
}

// beginReads begins reads for the clinics that have read requests and are not being asked already;
// it waits for a slot, and not for answers: a clinic whose gateway is slow holds up nobody.
func (w *Worker) beginReads(ctx context.Context) error {
	clinics, err := apply.ClinicsToRead(w.Sweeper, ctx, w.Now(), readClinics)
	for _, clinic := range clinics {
		if _, asked := w.reads.under.LoadOrStore(clinic, true); asked {
			continue
		}
		w.reads.slots <- struct{}{}
		w.reads.group.Go(func() {
			defer func() { w.reads.under.Delete(clinic); <-w.reads.slots }()
			if err := w.GatewayReads.ask(ctx, clinic); err != nil {
				w.Log.WarnContext(ctx, "reads of a clinic failed", "clinic", clinic, "err", err)
			}
			w.Notify(clinic)
		})
	}
	return err
}

// ask reads a clinic's due entities from the gateway and stores the answers.
func (t *GatewayReads) ask(ctx context.Context, clinic domain.ClinicID) error {
	var tasks []apply.ReadTask
	var conn connection.Connection
	var key vault.Secret
	err := t.DB.In(ctx, clinic, func(tx *tenants.Tx) (err error) {
		if tasks, err = apply.TakeReads(tx, t.Now().UTC(), readBatch); err != nil || len(tasks) == 0 {
			return err
		}
		if tasks, err = t.weigh(tx, tasks); err != nil || len(tasks) == 0 {
			return err
		}
		if conn, err = connection.Load(tx); err == nil {
			key, err = connection.APIKey(tx, t.Vault)
		}
		if domain.CodeOf(err) == domain.NotFound {
			return t.forget(tx, tasks)
		}
		return err
	})
	if err != nil || key.Empty() {
		return err
	}
	for _, task := range tasks {
		if err := t.one(ctx, clinic, conn, key, task); err != nil {
			return err
		}
	}
	return nil
}

// weigh drops the reads for bodies that came under one id and differ in nothing that
// counts; of the others a person is told, once.
func (t *GatewayReads) weigh(tx *tenants.Tx, tasks []apply.ReadTask) (kept []apply.ReadTask, err error) {
	for _, task := range tasks {
		matters := true
		if task.Reason == domain.ReadVariant {
			if matters, err = apply.VariantMatters(tx, task.Kind, task.Entity, t.Vault); err != nil {
				return nil, err
			}
		}
		switch {
		case !matters:
			err = apply.EndRead(tx, task)
		case task.Reason == domain.ReadVariant && task.Tries == 1:
			err = alarm.RaiseIn(tx, domain.AlarmEventVariant, t.Now().UTC())
		}
		if err != nil {
			return nil, err
		}
		if matters {
			kept = append(kept, task)
		}
	}
	return kept, nil
}

// forget ends the tasks of a clinic without a key: nobody can be asked.
func (t *GatewayReads) forget(tx *tenants.Tx, tasks []apply.ReadTask) error {
	for _, task := range tasks {
		if err := apply.EndRead(tx, task); err != nil {
			return err
		}
	}
	return nil
}

// one reads one entity. An answer is stored, a refusal puts the task off; only trouble of
// our own is an error.
func (t *GatewayReads) one(ctx context.Context, clinic domain.ClinicID, c connection.Connection, key vault.Secret, task apply.ReadTask) error {
	answer, err := t.Gateway.Read(ctx, c.Environment, key, task.Kind, task.Entity, task.Reason)
	if err == nil {
		err = t.keep(ctx, clinic, c, task, answer)
		if err != nil && domain.CodeOf(err) != domain.Invalid {
			return err
		}
	}
	if err != nil { // an answer that makes no sense is a refusal too: it must not hold up the clinic's other reads
		return t.refused(ctx, clinic, task, err)
	}
	return nil
}

// keep stores an answer and what came with it.
func (t *GatewayReads) keep(ctx context.Context, clinic domain.ClinicID, c connection.Connection, task apply.ReadTask, answer Reading) error {
	return t.DB.In(ctx, clinic, func(tx *tenants.Tx) error {
		now := t.Now().UTC()
		for id, payment := range answer.Payments {
			if err := apply.KeepAnswer(tx, apply.ReadTask{Kind: domain.KindPayment, Entity: id}, payment, c.Environment, t.Vault, now); err != nil {
				return err
			}
		}
		if answer.Nothing {
			return apply.EndRead(tx, task)
		}
		return apply.KeepAnswer(tx, task, answer.GatewayAnswer, c.Environment, t.Vault, now)
	})
}

// refused puts the task off, longer each time, up to an hour. A dead key is the clinic's
// to mend, and said so.
func (t *GatewayReads) refused(ctx context.Context, clinic domain.ClinicID, task apply.ReadTask, cause error) error {
	wait := min(time.Minute<<min(task.Tries, 6), time.Hour)
	var refusal Refusal
	if errors.As(cause, &refusal) {
		wait = max(wait, refusal.RetryAfter())
		if refusal.KeyRefused() {
			if err := t.keyRefused(ctx, clinic); err != nil {
				return err
			}
		}
	}
	t.Log.WarnContext(ctx, "read refused", "clinic", clinic, "kind", task.Kind, "err", cause, "again_in", wait)
	return t.delay(ctx, clinic, task, t.Now().UTC().Add(wait), cause.Error())
}

func (t *GatewayReads) keyRefused(ctx context.Context, clinic domain.ClinicID) error {
	now := t.Now().UTC()
	return t.DB.In(ctx, clinic, func(tx *tenants.Tx) error {
		moved, err := connection.SetState(tx, domain.ConnectionKeyRefused, "key_refused", "replace_key", now)
		if err != nil || !moved {
			return err
		}
		return alarm.RaiseIn(tx, domain.AlarmKeyRefused, now)
	})
}

func (t *GatewayReads) delay(ctx context.Context, clinic domain.ClinicID, task apply.ReadTask, at time.Time, why string) error {
	return t.DB.In(ctx, clinic, func(tx *tenants.Tx) error { return apply.DelayRead(tx, task, at, why) })
}
