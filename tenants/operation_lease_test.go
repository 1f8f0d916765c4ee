package tenants_test

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/tenantstest"
	"patapay/tenants/vault"
)

// operationWorld is a clinic with one operation that waits.
type operationWorld struct {
	t    *testing.T
	db   *tenants.DB
	base *tenantstest.Database
	c    tenants.Clinic
	id   domain.UUID
	now  time.Time
}

func newOperationWorld(t *testing.T) *operationWorld {
	t.Helper()
	w := &operationWorld{t: t, base: tenantstest.New(t), now: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)}
	var err error
	w.db, err = tenants.Open(w.base.URL(tenantstest.API), tenants.Options{Name: "api", Pooler: w.base.Pooled()})
	require.NoError(t, err)
	t.Cleanup(w.db.Close)
	master, err := vault.NewMaster()
	require.NoError(t, err)
	v, err := vault.New(master)
	require.NoError(t, err)
	w.c, _, err = w.db.AddClinic(t.Context(), tenants.Clinic{Name: "Vida"}, v, w.now)
	require.NoError(t, err)
	w.id = tenants.NewID(w.now)
	w.in(func(tx *tenants.Tx) error {
		return tx.StartOperation(
			tenants.Operation{ID: w.id, Kind: "export", State: "running", Input: json.RawMessage(`{"of": 1}`), CreatedAt: w.now},
		)
	})
	return w
}

func (w *operationWorld) in(fn func(*tenants.Tx) error) {
	w.t.Helper()
	require.NoError(w.t, w.db.In(context.Background(), w.c.ID, fn))
}

// take tries to take the operation at an instant.
func (w *operationWorld) take(at time.Time) (h *tenants.HeldOperation) {
	w.t.Helper()
	w.in(func(tx *tenants.Tx) (err error) { h, err = tx.TakeOperation(w.id, at); return err })
	return h
}

func (w *operationWorld) stored() tenants.Operation {
	w.t.Helper()
	o, err := w.db.Operation(context.Background(), w.id)
	require.NoError(w.t, err)
	return o
}

func TestOfManyTakersOneGetsTheOperation(t *testing.T) {
	t.Parallel()
	w := newOperationWorld(t)
	due, err := w.db.OperationsDue(t.Context(), w.now, 10)
	require.NoError(t, err)
	require.Equal(t, []tenants.WaitingOperation{{Clinic: w.c.ID, ID: w.id}}, due)
	var taken atomic.Int32
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			err := w.db.In(context.Background(), w.c.ID, func(tx *tenants.Tx) error {
				h, err := tx.TakeOperation(w.id, w.now)
				if h != nil {
					taken.Add(1)
				}
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	require.EqualValues(t, 1, taken.Load())
	due, err = w.db.OperationsDue(t.Context(), w.now.Add(tenants.OperationLease-time.Second), 10)
	require.NoError(t, err)
	require.Empty(t, due, "it is held")
}

func TestAnOperationWhoseLeaseEndedGoesOnWhereItWasLeft(t *testing.T) {
	t.Parallel()
	w := newOperationWorld(t)
	first := w.take(w.now)
	require.JSONEq(t, `{"of": 1}`, string(first.Input))
	first.Step(tenants.Step{Name: "one", State: "done"})
	first.Progress = json.RawMessage(`{"at": 1}`)
	w.in(func(tx *tenants.Tx) error { return tx.SaveStep(first, w.now) })
	later := w.now.Add(tenants.OperationLease)
	second := w.take(later)
	require.NotNil(t, second)
	require.JSONEq(t, `{"at": 1}`, string(second.Progress))
	require.Equal(t, "one", second.Steps[0].Name)
	first.Done()
	err := w.db.In(t.Context(), w.c.ID, func(tx *tenants.Tx) error { return tx.SaveHeld(first, later) })
	require.ErrorIs(t, err, tenants.ErrLeaseLost, "the first taker wakes up too late")
	require.Equal(t, "running", w.stored().State)
	second.Done()
	w.in(func(tx *tenants.Tx) error { return tx.SaveHeld(second, later) })
	require.Equal(t, "done", w.stored().State)
	require.Nil(t, w.take(later.Add(time.Hour)), "what has ended is not taken again")
}

func TestAnOperationThatIsTakenAgainAndAgainWithoutGettingOnIsInterrupted(t *testing.T) {
	t.Parallel()
	w := newOperationWorld(t)
	at := w.now
	for range 4 {
		require.NotNil(t, w.take(at))
		at = at.Add(tenants.OperationLease)
	}
	fifth := w.take(at)
	w.in(func(tx *tenants.Tx) error { return tx.SaveStep(fifth, at) }) // it got on
	for range 5 {
		at = at.Add(tenants.OperationLease)
		require.NotNil(t, w.take(at))
	}
	require.Nil(t, w.take(at.Add(tenants.OperationLease)))
	o := w.stored()
	require.Equal(t, []string{"failed", "interrupted"}, []string{o.State, o.Code})
	require.Equal(t, "failed", o.Steps[len(o.Steps)-1].State)
}

func TestALeaseThatIsGivenBackIsFreeAtOnceAndNoFailedTry(t *testing.T) {
	t.Parallel()
	w := newOperationWorld(t)
	for range 20 {
		h := w.take(w.now)
		require.NotNil(t, h)
		w.in(func(tx *tenants.Tx) error { return tx.GiveOperation(h, w.now, false) })
	}
	h := w.take(w.now)
	w.in(func(tx *tenants.Tx) error { return tx.GiveOperation(h, w.now.Add(time.Minute), true) })
	require.Nil(t, w.take(w.now.Add(59*time.Second)), "it was put off")
	require.Equal(t, 2, w.take(w.now.Add(time.Minute)).Attempts)
}

// An operation of a version without leases may still be worked on by its process.
func TestAnOperationWithoutALeaseIsTakenOnceItWasSilent(t *testing.T) {
	t.Parallel()
	w := newOperationWorld(t)
	owner, err := pgx.Connect(t.Context(), w.base.URL(tenantstest.Owner))
	require.NoError(t, err)
	t.Cleanup(func() { _ = owner.Close(context.Background()) })
	_, err = owner.Exec(t.Context(), `UPDATE operations SET lease_until = NULL, input = NULL`)
	require.NoError(t, err)
	require.Nil(t, w.take(w.now.Add(5*time.Minute-time.Second)))
	h := w.take(w.now.Add(5 * time.Minute))
	require.NotNil(t, h)
	require.Nil(t, h.Input)
}

func TestWorkEndsWhenItsLeaseIsLost(t *testing.T) {
	t.Parallel()
	w := newOperationWorld(t)
	h := w.take(w.now)
	require.NotNil(t, w.take(w.now.Add(time.Hour)), "another process takes it")
	err := w.db.Held(t.Context(), h, func() time.Time { return w.now }, func(ctx context.Context) error {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Minute):
			return errors.New("nobody told it")
		}
	})
	require.ErrorIs(t, err, tenants.ErrLeaseLost)
}
