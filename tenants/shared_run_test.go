package tenants_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/apply"
	"patapay/tenants/ledger"
	"patapay/tenants/query"
	"patapay/tenants/tenantstest"
)

// neighbours makes clinics that one run is to serve.
func (w *world) neighbours(t testing.TB, n int) (clinics []domain.ClinicID) {
	t.Helper()
	for i := range n {
		clinics = append(clinics, w.clinic(t, fmt.Sprintf("C%d", i), fmt.Sprintf("acc-%d", i)))
	}
	return clinics
}

// received tells the clinic of a payment of that value.
func (w *world) received(t testing.TB, clinic domain.ClinicID, id, value string) {
	t.Helper()
	w.deliver(t, clinic, edited(t, "payment_received_pix.real", "pay_3h08j28ezvwv7s4h", id,
		`"value": 10.0`, `"value": `+value, `"netValue": 8.01`, `"netValue": `+value, `"evt_`, `"evt_`+id))
}

// value returns what the clinic's invoice is of; 0: it has none.
func (w *world) value(t testing.TB, clinic domain.ClinicID, id string) (value domain.Money) {
	t.Helper()
	err := w.api.In(t.Context(), clinic, func(tx *tenants.Tx) error {
		i, err := query.InvoiceByAsaasID(tx, id)
		value = i.Value.Value.V
		return err
	})
	if domain.CodeOf(err) != domain.NotFound {
		require.NoError(t, err)
	}
	return value
}

// What a lone event cost most of was its clinic's transaction: two trips and a commit each.
func TestLoneEventsOfManyClinicsShareATransaction(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.applier.Ledger = chain
	clinics := w.neighbours(t, 8)
	wire := w.tapped(t)
	for round := range 2 { // the first one prepares statements
		for i, clinic := range clinics[:7] {
			w.received(t, clinic, fmt.Sprintf("pay_%d", round), fmt.Sprintf("%d.5", i+1))
		}
		wire.Reset()
		done := w.applier.RunShared(t.Context(), clinics)
		require.Len(t, done, 8, "the one without events too")
		for _, r := range done {
			require.NoError(t, r.Err)
		}
	}
	counts, _ := wire.Reset()
	require.Equal(t, 3, counts.Trips, "for all clinics, as for one")
	require.Equal(
		t,
		[]int{1, 1, 0},
		[]int{counts.Commands["BEGIN"], counts.Commands["COMMIT"], counts.Commands["ROLLBACK"]},
	)
	for i, clinic := range clinics[:7] {
		require.Equal(t, domain.Money(100*(i+1)+50), w.value(t, clinic, "pay_1"))
	}
}

// Each clinic of a run had statements of its own: what a lone event costs most of is their start.
func TestTheStatementsOfASharedRunDoNotGrowWithItsClinics(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.applier.Ledger = chain
	clinics := w.neighbours(t, 8)
	wire := w.tapped(t)
	var statements []int
	for round, shared := range [][]domain.ClinicID{clinics, clinics[:2], clinics} {
		for _, clinic := range shared {
			w.received(t, clinic, fmt.Sprintf("pay_%d", round), "5")
			for _, name := range []string{"checkout_paid_pix.real", "receivable_anticipation_credited.doc"} {
				w.deliver(t, clinic, edited(t, name, `"evt_`, fmt.Sprintf(`"evt_%d`, round)))
			}
		}
		wire.Reset()
		for _, r := range w.applier.RunShared(t.Context(), shared) {
			require.NoError(t, r.Err)
			require.Positive(t, r.Report.Rows)
		}
		counts, _ := wire.Reset()
		statements = append(statements, counts.Statements())
	}
	require.Equal(t, statements[1], statements[2], "of two clinics and of eight")
}

// Two clinics of one run have payments of one id: each sees, folds and books its own, and what it has of the other's
// is nothing.
func TestASharedRunKeepsClinicsApart(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.applier.Ledger = chain
	clinics := w.neighbours(t, 3)
	for i, clinic := range clinics {
		w.received(t, clinic, "pay_same", fmt.Sprintf("%d", 10*(i+1)))
	}
	w.received(t, clinics[1], "pay_own", "7")
	for _, r := range w.applier.RunShared(t.Context(), clinics) {
		require.NoError(t, r.Err)
	}
	for i, clinic := range clinics {
		require.Equal(t, domain.Money(1000*(i+1)), w.value(t, clinic, "pay_same"))
		want, bookings := domain.Money(1000*(i+1)), int64(2)
		if i == 1 {
			want, bookings = want+700, 4
		}
		require.Equal(t, want, w.balances(t, clinic)[domain.AccountAvailable])
		require.Equal(t, ledger.Proof{Bookings: bookings}, w.proof(t, clinic))
	}
	require.Zero(t, w.value(t, clinics[0], "pay_own"))
}

func TestAPoisonEventOfASharedRunStopsOnlyItsOwnEntity(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.applier.Ledger = chain
	clinics := w.neighbours(t, 8)
	_, err := w.all.Exec(
		t.Context(),
		`CREATE FUNCTION poison() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
		  IF NEW.subject = 'pay_poison' THEN RAISE EXCEPTION 'poison'; END IF;
		  RETURN NEW;
		END $$;
		CREATE TRIGGER poison BEFORE INSERT ON ledger_transactions FOR EACH ROW EXECUTE FUNCTION poison()`,
	)
	require.NoError(t, err)
	for _, clinic := range clinics {
		w.received(t, clinic, "pay_good", "5")
	}
	w.received(t, clinics[1], "pay_poison", "6")
	wire := w.tapped(t)
	for _, r := range w.applier.RunShared(t.Context(), clinics) {
		require.NoError(t, r.Err)
	}
	counts, _ := wire.Reset()
	require.Equal(t, 4, counts.Commands["COMMIT"], "of the half that is well, of the next, of the last two each")
	for _, clinic := range clinics {
		require.Equal(t, domain.Money(500), w.value(t, clinic, "pay_good"))
		require.Equal(t, ledger.Proof{Bookings: 2}, w.proof(t, clinic))
	}
	require.Equal(t, 1, w.count(t, `SELECT count(*) FROM due WHERE tries = 1`), "it waits for its next try")
}

// What somebody else holds holds up nobody but itself.
func TestAClinicThatIsLockedDoesNotHoldUpTheOthersOfItsRun(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.applier.Ledger = chain
	clinics := w.neighbours(t, 3)
	for _, clinic := range clinics {
		w.received(t, clinic, "pay_1", "5")
	}
	held := w.connect(t, tenantstest.Owner)
	_, err := held.Exec(
		t.Context(),
		`BEGIN; SELECT FROM clinic_heads WHERE clinic_id = `+fmt.Sprint(clinics[0])+` FOR UPDATE`,
	)
	require.NoError(t, err)
	done := make(chan []apply.Ran)
	go func() { done <- w.applier.RunShared(t.Context(), clinics) }()
	for _, clinic := range clinics[1:] {
		tenantstest.Eventually(
			t,
			20*time.Second,
			"the others are served",
			func() bool { return w.value(t, clinic, "pay_1") == 500 },
		)
	}
	require.Zero(t, w.value(t, clinics[0], "pay_1"))
	_, err = held.Exec(t.Context(), `ROLLBACK`)
	require.NoError(t, err)
	for _, r := range <-done {
		require.NoError(t, r.Err)
	}
	require.Equal(t, domain.Money(500), w.value(t, clinics[0], "pay_1"))
}

// A process that is killed when a part of the rows of each clinic of a run is written has applied nothing of it.
func TestASharedRunThatBreaksOffBetweenTwoStatementsLeavesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.applier.Ledger = chain
	clinics := w.neighbours(t, 3)
	for _, clinic := range clinics {
		w.received(t, clinic, "pay_1", "5")
	}
	for at := range 6 {
		killer := w.connect(t, tenantstest.Owner)
		passed := 0
		w.applier.Crash = func(string) {
			if passed++; passed == at+1 {
				_, err := killer.Exec(t.Context(), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
					WHERE datname = current_database() AND usename = 'patapay_worker' AND state = 'idle in transaction'`)
				require.NoError(t, err)
			}
		}
		for _, r := range w.applier.RunShared(t.Context(), clinics) {
			require.Equal(t, domain.Unavailable, domain.CodeOf(r.Err))
		}
		require.Zero(
			t,
			w.count(
				t,
				`SELECT (SELECT count(*) FROM invoices) + (SELECT count(*) FROM ledger_transactions)
				  + (SELECT count(*) FROM changes WHERE kind <> 'connection')`,
			),
		)
	}
	w.applier.Crash = nil
	for _, r := range w.applier.RunShared(t.Context(), clinics) {
		require.NoError(t, r.Err)
	}
	require.Equal(t, 3, w.count(t, `SELECT count(*) FROM invoices`))
	require.Equal(t, 6, w.count(t, `SELECT count(*) FROM ledger_transactions`))
}

func TestASharedRunSaysOfEachClinicThatPostgresIsAway(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	clinics := w.neighbours(t, 3)
	w.worker.Close()
	done := w.applier.RunShared(t.Context(), clinics)
	require.Len(t, done, 3)
	for _, r := range done {
		require.Equal(t, domain.Unavailable, domain.CodeOf(r.Err))
	}
}
