package jobs

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"patapay/domain"
	"patapay/domain/asaas"
	"patapay/tenants"
	"patapay/tenants/alarm"
	"patapay/tenants/apply"
	"patapay/tenants/connection"
	"patapay/tenants/radar"
	"patapay/tenants/vault"
)

// Gateway reads entities as the gateway has them, with a clinic's own key.
type Gateway interface {
	// Read returns the entity; Found is false when the gateway does not know it. Of a
	// checkout, which has no read, it returns what its payments prove, and further those.
	// why is the reason of the read: which share of the account's quota it may use up.
	Read(
		ctx context.Context, env domain.Environment, key vault.Secret, kind domain.Kind, id string,
		why domain.ReadReason,
	) (Reading, error)
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
	AboutEntity() bool         // it speaks of the object that was asked for, not of the account or the way to it
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
	Radar   *radar.Recorder // counts what no list of ours has; nil: nobody does
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
			w.told.add(clinic)
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
		conn, key, err = connection.LoadWithKey(tx, t.Vault)
		if domain.CodeOf(err) == domain.NotFound {
			return t.forget(tx, tasks)
		}
		return err
	})
	if err != nil || key.Empty() {
		return err
	}
	for i, task := range tasks {
		if goOn, err := t.one(ctx, clinic, conn, key, task); err != nil {
			return err
		} else if !goOn {
			return t.DB.In(ctx, clinic, func(tx *tenants.Tx) error { return apply.GiveBackReads(tx, tasks[i:]) })
		}
	}
	if !tasks[0].IsProbe {
		return nil
	}
	return t.DB.In(ctx, clinic, apply.ResumeReads)
}

// weigh drops the reads for bodies that came under one id and mean the same; each other one raises an alarm, once.
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

// one reads one entity, and tells whether the clinic's next may be asked for. An answer about the entity is stored or
// used up; one about the account pauses the account's reads. Only trouble of our own is an error.
func (t *GatewayReads) one(
	ctx context.Context, clinic domain.ClinicID, c connection.Connection, key vault.Secret, task apply.ReadTask,
) (bool, error) {
	answer, err := t.Gateway.Read(ctx, c.Environment, key, task.Kind, task.Entity, task.Reason)
	if err != nil {
		return t.refused(ctx, clinic, c, task, err)
	}
	t.Radar.Note(clinic, asaas.UnknownInAnswer(task.Kind, answer.Body))
	for _, payment := range answer.Payments {
		t.Radar.Note(clinic, asaas.UnknownInAnswer(domain.KindPayment, payment.Body))
	}
	err = t.keep(ctx, clinic, c, task, answer)
	if domain.CodeOf(err) == domain.Invalid { // it makes no sense: it must not hold up the clinic's other reads
		return true, t.usedUp(ctx, clinic, task, err)
	}
	return true, err
}

// keep stores an answer and what came with it.
func (t *GatewayReads) keep(
	ctx context.Context, clinic domain.ClinicID, c connection.Connection, task apply.ReadTask, answer Reading,
) error {
	return t.DB.In(ctx, clinic, func(tx *tenants.Tx) error {
		now := t.Now().UTC()
		for id, payment := range answer.Payments {
			if err := apply.KeepAnswer(
				tx, apply.ReadTask{Kind: domain.KindPayment, Entity: id}, payment, c.Environment, t.Vault, now,
			); err != nil {
				return err
			}
		}
		if answer.Nothing {
			return apply.EndRead(tx, task)
		}
		return apply.KeepAnswer(tx, task, answer.GatewayAnswer, c.Environment, t.Vault, now)
	})
}

// accountPause is how often an account that answers no reads is asked whether it does again.
const accountPause = 5 * time.Minute

// refused judges an answer that is none: about the entity it uses one of its reads up, else it pauses the account. A
// dead key is the clinic's to mend, and said so.
func (t *GatewayReads) refused(
	ctx context.Context, clinic domain.ClinicID, asked connection.Connection, task apply.ReadTask, cause error,
) (goOn bool, err error) {
	wait := accountPause
	var refusal Refusal
	if errors.As(cause, &refusal) {
		if refusal.AboutEntity() {
			return true, t.usedUp(ctx, clinic, task, cause)
		}
		wait = max(wait, refusal.RetryAfter())
		if refusal.KeyRefused() {
			if replaced, err := t.keyRefused(ctx, clinic, asked); err != nil || replaced {
				return false, err
			}
		}
	}
	t.Log.WarnContext(ctx, "reads of an account paused", "clinic", clinic, "err", cause, "for", wait)
	return false, t.DB.In(ctx, clinic, func(tx *tenants.Tx) error {
		return apply.PauseReads(tx, t.Now().UTC().Add(wait), cause.Error())
	})
}

// usedUp notes an answer that tells nothing of the entity, whoever asks.
func (t *GatewayReads) usedUp(ctx context.Context, clinic domain.ClinicID, task apply.ReadTask, cause error) error {
	return t.DB.In(ctx, clinic, func(tx *tenants.Tx) error {
		again, err := apply.UseUpRead(tx, task, t.Now().UTC(), cause.Error())
		t.Log.WarnContext(ctx, "read refused", "clinic", clinic, "kind", task.Kind, "err", cause, "again_at", again)
		return err
	})
}

// keyRefused says of the connection that was asked with that its key is dead. One that changed meanwhile was not asked
// with: nothing is said of it, and it is asked.
func (t *GatewayReads) keyRefused(
	ctx context.Context, clinic domain.ClinicID, asked connection.Connection,
) (replaced bool, err error) {
	now := t.Now().UTC()
	err = t.DB.In(ctx, clinic, func(tx *tenants.Tx) error {
		moved, err := connection.SetState(tx, asked, domain.ConnectionKeyRefused, "key_refused", "replace_key", now)
		if err != nil {
			return err
		}
		if moved {
			return alarm.RaiseIn(tx, domain.AlarmKeyRefused, now)
		}
		is, err := connection.Load(tx)
		if domain.CodeOf(err) == domain.NotFound {
			return nil
		}
		replaced = is.Version != asked.Version && is.State != domain.ConnectionKeyRefused
		return err
	})
	return replaced && err == nil, err
}
