package tenants_test

import (
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/connection"
	"patapay/tenants/ledger"
	"patapay/tenants/query"
	"patapay/tenants/tenantstest"
)

// told is what a clinic's feed has of kinds, each as its kind, its version and a member of its object.
func (w *world) told(
	t *testing.T,
	clinic domain.ClinicID,
	show func(query.Entry) (any, error),
	kinds ...domain.Kind,
) (all [][]any) {
	t.Helper()
	require.NoError(t, w.api.In(t.Context(), clinic, func(tx *tenants.Tx) error {
		feed, newest, err := query.Feed(tx, 0, 100)
		require.NoError(t, err)
		require.EqualValues(t, len(feed), newest, "numbered without a gap")
		for _, e := range feed {
			if !slices.Contains(kinds, e.Kind) {
				continue
			}
			shown, err := show(e)
			require.NoError(t, err)
			all = append(all, []any{e.Kind, e.Version, shown})
		}
		return nil
	}))
	return all
}

// Whoever writes a work item, its versions are entries of the feed, in the transaction that writes them.
func TestEachVersionOfAWorkItemIsAnEntryOfTheFeed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	clinic := w.clinic(t, "Vida", "acc-1")
	keep := func(list ...ledger.Unmatched) {
		w.now = w.now.Add(time.Minute)
		require.NoError(
			t,
			w.api.In(t.Context(), clinic, func(tx *tenants.Tx) error { return ledger.KeepUnmatched(tx, list, w.now) }),
		)
	}
	line := ledger.Unmatched{
		EntityRef:    tenants.EntityRef{Kind: domain.KindPayment, ID: "pay_1"},
		StatementDay: ledger.StatementDay{Statement: 300},
	}
	keep(line)
	keep(line)
	line.Statement = 900
	keep(line)
	keep()
	keep(line)
	var item ledger.WorkItem
	change := func(do func(*tenants.Tx, ledger.WorkItem) (ledger.WorkItem, error)) error {
		return w.api.In(t.Context(), clinic, func(tx *tenants.Tx) error {
			require.NoError(t, tx.Lock())
			list, err := ledger.WorkItems(tx, ledger.WorkItemFilter{}, 1)
			require.NoError(t, err)
			item, err = do(tx, list[0])
			return err
		})
	}
	assign := func(tx *tenants.Tx, i ledger.WorkItem) (ledger.WorkItem, error) {
		return ledger.AssignWorkItem(tx, i, "ana@x.example", w.now)
	}
	require.NoError(t, change(assign))
	require.Error(t, change(func(tx *tenants.Tx, i ledger.WorkItem) (ledger.WorkItem, error) {
		if _, err := assign(tx, i); err != nil {
			return i, err
		}
		return i, domain.Errorf(domain.Conflict, "rolled back")
	}))
	require.NoError(t, change(func(tx *tenants.Tx, i ledger.WorkItem) (ledger.WorkItem, error) {
		return ledger.ResolveWorkItem(tx, ledger.Chain{}, i, ledger.OutcomeExplained, "visto", "ana", w.now)
	}))
	show := func(e query.Entry) (any, error) {
		object, err := query.Object[ledger.WorkItem](e)
		object.Value.ID = e.ID
		if e.Version == item.Version {
			require.True(t, item.ResolvedAt.Equal(object.Value.ResolvedAt))
			object.Value.OpenedAt, object.Value.UpdatedAt = item.OpenedAt, item.UpdatedAt
			object.Value.ResolvedAt = item.ResolvedAt
			require.Equal(t, item, object.Value, "the entry has the whole item")
		}
		return object.Value.Outcome, err
	}
	got := w.told(t, clinic, show, domain.KindWorkItemOpened, domain.KindWorkItemChanged, domain.KindWorkItemClosed)
	require.Equal(t, [][]any{
		{domain.KindWorkItemOpened, 1, ""},
		{domain.KindWorkItemChanged, 2, ""},
		{domain.KindWorkItemClosed, 3, "gone"},
		{domain.KindWorkItemOpened, 4, ""},
		{domain.KindWorkItemChanged, 5, ""},
		{domain.KindWorkItemClosed, 6, "explained"},
	}, got)
}

func TestEachVersionOfAConnectionIsAnEntryOfTheFeed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	clinic := w.clinic(t, "Vida", "acc-1")
	w.deliver(t, clinic, edited(t, "payment_created_pix.real"))
	w.apply(t, clinic)
	move := func(state domain.ConnectionState, loss time.Time) {
		w.now = w.now.Add(time.Minute)
		require.NoError(t, w.worker.In(t.Context(), clinic, func(tx *tenants.Tx) error {
			_, err := connection.Move(tx, state, "interrupted", "reactivate", loss, w.now)
			return err
		}))
	}
	loss := w.now.AddDate(0, 0, 14)
	move(domain.ConnectionPaused, loss)
	move(domain.ConnectionPaused, loss)
	require.NoError(
		t,
		w.api.In(t.Context(), clinic, func(tx *tenants.Tx) error { return connection.Disconnect(tx, w.now) }),
	)
	show := func(e query.Entry) (any, error) {
		require.Equal(t, w.now.Year(), e.At.Year())
		object, err := query.Object[connection.Connection](e)
		if object.Value.State == domain.ConnectionPaused {
			require.True(t, object.Value.LossAt.Equal(loss))
			require.Equal(
				t,
				[]any{"interrupted", "acc-1", domain.Sandbox},
				[]any{object.Value.Reason, object.Value.Account, object.Value.Environment},
			)
		}
		return object.Value.State, err
	}
	require.Equal(t, [][]any{
		{domain.KindConnection, 1, domain.ConnectionAwaiting},
		{domain.KindConnection, 2, domain.ConnectionActive},
		{domain.KindConnection, 3, domain.ConnectionPaused},
		{domain.KindConnection, 4, domain.ConnectionDisconnected},
	}, w.told(t, clinic, show, domain.KindConnection))
}

// Entity by entity, in one transaction, a run's own entries and those of the items that
// it opens have numbers of their own.
func TestEntriesOfARunThatGoesEntityByEntityAreNumberedWithItsWorkItems(t *testing.T) {
	w, clinic := newLedgerWorld(t)
	conn := w.connect(t, tenantstest.Owner)
	_, err := conn.Exec(
		t.Context(),
		`CREATE FUNCTION poison() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
		  IF NEW.subject = 'pay_poison' THEN RAISE EXCEPTION 'poison'; END IF;
		  RETURN NEW;
		END $$;
		CREATE TRIGGER poison BEFORE INSERT ON ledger_transactions FOR EACH ROW EXECUTE FUNCTION poison()`,
	)
	require.NoError(t, err)
	for i, id := range []string{"pay_a", "pay_poison", "pay_b"} {
		w.deliver(
			t,
			clinic,
			edited(t, "payment_received_pix.real", "pay_3h08j28ezvwv7s4h", id, `"evt_`, `"evt_`+strconv.Itoa(i),
				`"externalReference": "REF-0002"`, `"externalReference": null`),
		)
	}
	w.apply(t, clinic)
	items := `SELECT count(*) FROM work_items WHERE kind = 'unexpected_money'`
	require.Equal(t, 2, w.count(t, items), "both that are not the poisoned one")
	got := w.told(
		t,
		clinic,
		func(e query.Entry) (any, error) { return nil, nil },
		domain.KindPayment,
		domain.KindWorkItemOpened,
	)
	require.Len(t, got, 4)
}

// A version that no entry tells of cannot be written: the rows themselves tell.
func TestNoStatementWritesAVersionThatTheFeedDoesNotTell(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	clinic := w.clinic(t, "Vida", "acc-1")
	b := &pgx.Batch{}
	b.Queue(
		`INSERT INTO work_items (clinic_id, id, amount, opened_at, updated_at, kind, subject)
		SELECT $1, gen_random_uuid(), 1, $2, $2, 'conflict', 'pay_' || n
		FROM generate_series(1, 3) n`,
		clinic,
		w.now,
	)
	b.Queue(`UPDATE work_items SET owner = 'ana', version = version + 1 WHERE clinic_id = $1`, clinic)
	b.Queue(`UPDATE work_items SET updated_at = $2 WHERE clinic_id = $1`, clinic, w.now)
	conn, err := w.all.Acquire(t.Context())
	require.NoError(t, err)
	defer conn.Release()
	require.NoError(t, conn.SendBatch(t.Context(), b).Close())
	got := w.told(
		t,
		clinic,
		func(query.Entry) (any, error) { return nil, nil },
		domain.KindWorkItemOpened,
		domain.KindWorkItemChanged,
	)
	require.Len(t, got, 6)
}
