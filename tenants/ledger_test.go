package tenants_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"patapay/domain"
	"patapay/domain/asaas/samples"
	"patapay/tenants"
	"patapay/tenants/connection"
	"patapay/tenants/ledger"
	"patapay/tenants/tenantstest"
	"patapay/tenants/vault"
)

var chain = ledger.NewChain([]byte("a secret of thirty-two bytes or so"))

// balances returns the clinic's ledger accounts that do not stand at zero.
func (w *world) balances(t testing.TB, clinic domain.ClinicID) map[domain.Account]domain.Money {
	t.Helper()
	all := map[domain.Account]domain.Money{}
	require.NoError(t, w.api.In(t.Context(), clinic, func(tx *tenants.Tx) error {
		list, err := ledger.TrialBalance(tx)
		for _, a := range list {
			if a.Balance() != 0 {
				all[a.Account] = a.Balance()
			}
		}
		return err
	}))
	return all
}

func (w *world) bookings(t testing.TB, clinic domain.ClinicID, f ledger.BookingFilter) (list []ledger.Booking) {
	t.Helper()
	require.NoError(t, w.api.In(t.Context(), clinic, func(tx *tenants.Tx) (err error) {
		list, err = ledger.Bookings(tx, f, 10_000)
		return err
	}))
	return list
}

func (w *world) proof(t testing.TB, clinic domain.ClinicID) (p ledger.Proof) {
	t.Helper()
	require.NoError(t, w.api.In(t.Context(), clinic, func(tx *tenants.Tx) (err error) {
		p, err = ledger.Verify(tx, chain)
		return err
	}))
	return p
}

func newLedgerWorld(t testing.TB, names ...string) (*world, domain.ClinicID) {
	w := newWorld(t)
	w.applier.Ledger = chain
	clinic := w.clinic(t, "Vida", "acc-1")
	for _, s := range names {
		w.deliver(t, clinic, samples.Event(s))
	}
	w.apply(t, clinic)
	return w, clinic
}

func TestAPixPaymentIsBookedOnceWhateverComesAgain(t *testing.T) {
	w, clinic := newLedgerWorld(t, "payment_received_pix.real", "payment_created_pix.real", "payment_received_pix.real")
	want := map[domain.Account]domain.Money{
		domain.AccountAvailable: 801,
		domain.AccountFee:       199,
		domain.AccountSales:     -1000,
	}
	require.Equal(t, want, w.balances(t, clinic))
	w.apply(t, clinic)
	list := w.bookings(t, clinic, ledger.BookingFilter{Subject: "pay_3h08j28ezvwv7s4h"})
	require.Len(t, list, 2)
	require.Equal(t, []string{domain.FactCredit, domain.FactRecognise}, []string{list[0].Key.Name, list[1].Key.Name})
	require.Equal(t, ledger.Proof{Bookings: 2}, w.proof(t, clinic))
}

func TestThePublishedAnticipationBooksThreeLinesThatSumToZero(t *testing.T) {
	w, clinic := newLedgerWorld(t, "receivable_anticipation_credited.doc")
	list := w.bookings(t, clinic, ledger.BookingFilter{})
	require.Len(t, list, 1)
	require.Equal(
		t,
		[]domain.Leg{
			{Account: domain.AccountAdvanceFee, Amount: 564},
			{Account: domain.AccountAdvance, Amount: -30801},
			{Account: domain.AccountAvailable, Amount: 30237},
		},
		list[0].Legs,
	)
	require.Zero(t, domain.Sum(list[0].Legs))
}

func TestOneClinicsBookingsAreNotAnothers(t *testing.T) {
	w, clinic := newLedgerWorld(t, "payment_received_pix.real")
	other := w.clinic(t, "Sorriso", "acc-2")
	require.NotEmpty(t, w.bookings(t, clinic, ledger.BookingFilter{}))
	require.Empty(t, w.bookings(t, other, ledger.BookingFilter{}))
	require.Empty(t, w.balances(t, other))
}

func TestNobodyChangesOrRemovesABooking(t *testing.T) {
	w, _ := newLedgerWorld(t, "payment_received_pix.real")
	for _, role := range []string{
		tenantstest.Owner, tenantstest.Worker, tenantstest.API, tenantstest.Ingest, tenantstest.Sweeper,
	} {
		conn := w.connect(t, role)
		for _, table := range []string{"ledger_transactions", "ledger_entries", "fact_sources"} {
			for _, statement := range []string{"UPDATE " + table + " SET no = no", "DELETE FROM " + table, "TRUNCATE " + table} {
				_, err := conn.Exec(t.Context(), statement)
				require.ErrorContains(t, err, "42501", "%s as %s", statement, role)
			}
		}
	}
}

// connect returns a plain connection of a role, inside clinic 1.
func (w *world) connect(t testing.TB, role string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), w.db.URL(role))
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close(t.Context()) })
	_, err = conn.Exec(t.Context(), `SELECT set_config('app.clinic_id', '1', false)`)
	require.NoError(t, err)
	return conn
}

func TestABookingComesWholeAndSumsToZeroOrNotAtAll(t *testing.T) {
	w, clinic := newLedgerWorld(t)
	conn := w.connect(t, tenantstest.Worker)
	booking := `INSERT INTO ledger_transactions (clinic_id, no, booked_at, cycle, legs,
		  conflict, kind, subject, fact, at, source, hash)
		VALUES ($1, 1, now(), 1, 2, false, 'payment', 'pay_1', 'credit', '', '', '')`
	for _, legs := range []string{
		`(1, 1, 'a', 5), (1, 2, 'b', -4)`,
		`(1, 1, 'a', 5)`,
		`(1, 1, 'a', 5), (1, 3, 'b', -5)`,
		`(1, 1, 'a', 5), (1, 2, 'b', -4), (1, 3, 'c', -1)`,
		`(2, 1, 'a', 5), (2, 2, 'b', -5)`,
	} {
		tx, err := conn.Begin(t.Context())
		require.NoError(t, err)
		_, err = tx.Exec(t.Context(), booking, clinic)
		require.NoError(t, err)
		_, err = tx.Exec(
			t.Context(),
			`INSERT INTO ledger_entries (clinic_id, no, leg, account, amount) SELECT 1, * FROM (VALUES `+legs+`) v`,
		)
		require.ErrorContains(t, err, "23514", legs)
		require.NoError(t, tx.Rollback(t.Context()))
	}
}

func TestOneChangedByteOfTheLedgerIsFound(t *testing.T) {
	for name, change := range map[string]string{
		"an amount": `UPDATE ledger_entries SET amount = amount + CASE leg WHEN 1 THEN 1 WHEN 2 THEN -1 ELSE 0 END
			WHERE no = 2`,
		"an account": `UPDATE ledger_entries SET account = 'bank' WHERE no = 2 AND leg = 1`,
		"a subject":  `UPDATE ledger_transactions SET subject = subject || 'x' WHERE no = 2`,
		"a time":     `UPDATE ledger_transactions SET booked_at = booked_at + interval '1 microsecond' WHERE no = 2`,
		"a source": `UPDATE ledger_transactions SET source = set_byte(source, 25, 255 - get_byte(source, 25))
			WHERE no = 2`,
		"a missing booking": `DELETE FROM ledger_transactions WHERE no = 2`,
		"a shorter head": `UPDATE clinic_heads
			SET ledger_no = 1, ledger_hash = (SELECT hash FROM ledger_transactions WHERE no = 1) WHERE clinic_id = 1`,
	} {
		t.Run(name, func(t *testing.T) {
			w, clinic := newLedgerWorld(t, "payment_received_pix.real")
			require.Zero(t, w.proof(t, clinic).Broken)
			conn := w.connect(t, tenantstest.Owner)
			_, err := conn.Exec(t.Context(), `SET session_replication_role = replica`) // a superuser who turns the triggers off
			require.NoError(t, err)
			_, err = conn.Exec(t.Context(), change)
			require.NoError(t, err)
			require.Equal(t, int64(2), w.proof(t, clinic).Broken, w.proof(t, clinic).Why)
		})
	}
}

// edited returns a sample with words of it replaced.
func edited(t testing.TB, sample string, pairs ...string) []byte {
	t.Helper()
	text := string(samples.Event(sample))
	for i := 0; i < len(pairs); i += 2 {
		require.Contains(t, text, pairs[i])
		text = strings.ReplaceAll(text, pairs[i], pairs[i+1])
	}
	return []byte(text)
}

func TestAPoisonousPaymentLeavesTheChainWhole(t *testing.T) {
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
			edited(t, "payment_received_pix.real", "pay_3h08j28ezvwv7s4h", id, `"evt_`, `"evt_`+strconv.Itoa(i)),
		)
	}
	w.apply(t, clinic)
	require.Len(t, w.bookings(t, clinic, ledger.BookingFilter{}), 4)
	require.Equal(t, ledger.Proof{Bookings: 4}, w.proof(t, clinic))
	require.NoError(t, w.api.In(t.Context(), clinic, func(tx *tenants.Tx) error {
		faults, err := ledger.LedgerFaults(tx)
		require.Empty(t, faults)
		return err
	}))
}

func TestOtherAmountsUnderOneKeyAreCorrectedAndTheGatewayIsAsked(t *testing.T) {
	w, clinic := newLedgerWorld(t)
	require.NoError(t, w.api.In(t.Context(), clinic, func(tx *tenants.Tx) error {
		c, err := connection.Load(tx)
		require.NoError(t, err)
		c.Confirm = true
		return connection.Save(tx, c, vault.Secret{}, w.vault, w.now)
	}))
	sample := string(samples.Event("payment_received_pix.real"))
	w.deliver(t, clinic, []byte(sample))
	w.apply(t, clinic)
	owner := w.connect(t, tenantstest.Owner)
	_, err := owner.Exec(t.Context(), `UPDATE truth_wants SET due_at = 'infinity'`) // it was confirmed meanwhile
	require.NoError(t, err)
	earlier := edited(
		t,
		"payment_received_pix.real",
		"PAYMENT_RECEIVED",
		"PAYMENT_CONFIRMED",
		`"RECEIVED"`,
		`"CONFIRMED"`,
		`"evt_`,
		`"evt_0`,
		`8.01`,
		`7.01`,
		`2026-08-08 `,
		`2026-08-07 `,
		`&17877802`,
		`&17877801`,
	)
	w.deliver(t, clinic, earlier)
	w.apply(t, clinic)

	var conflicts int
	for _, b := range w.bookings(t, clinic, ledger.BookingFilter{}) {
		if b.Conflict {
			conflicts++
		}
	}
	require.Equal(t, 1, conflicts)
	require.Equal(
		t,
		map[domain.Account]domain.Money{domain.AccountAvailable: 801, domain.AccountFee: 199, domain.AccountSales: -1000},
		w.balances(t, clinic),
	)
	var reason string
	require.NoError(
		t,
		owner.QueryRow(t.Context(), `SELECT reason FROM truth_wants WHERE due_at < 'infinity'`).Scan(&reason),
	)
	require.Equal(t, "ledger_conflict", reason)
}
