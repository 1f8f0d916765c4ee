package main

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patapay/domain"
	"patapay/domain/asaas/simulator/flows"
	"patapay/tenants"
	"patapay/tenants/connection"
	"patapay/tenants/tenantstest"
)

// quiet waits until nothing is left to apply or to read.
func (w *programWorld) quiet(t *testing.T) {
	t.Helper()
	tenantstest.Eventually(t, 30*time.Second, "all events applied", func() bool {
		return w.sim.Backlog(w.account.ID) == 0 && w.count(t, `SELECT count(*) FROM events WHERE outcome = 'received'`) == 0
	})
}

// allRead brings the reads forward that are due later, and waits for them and until their answers are applied: none
// comes in between afterwards and brings back what a test has taken away.
func (w *programWorld) allRead(t *testing.T) {
	t.Helper()
	owner := w.superuser(t)
	tenantstest.Eventually(t, time.Minute, "all reads made", func() bool {
		_, err := owner.Exec(t.Context(), `SELECT set_config('app.clinic_id', $1, false)`, fmt.Sprint(w.clinic))
		require.NoError(t, err)
		done, err := owner.Exec(
			t.Context(),
			`UPDATE truth_wants SET due_at = least(due_at, '2000-01-01') WHERE due_at < 'infinity'`,
		)
		require.NoError(t, err)
		return done.RowsAffected() == 0 && w.count(t, `SELECT count(*) FROM events WHERE outcome = 'received'`) == 0
	})
}

// lose deletes n random events with all that they led to, as a superuser might; the
// ledger, which nobody can change, keeps what was booked. One of always is among them. It
// returns the entities.
func (w *programWorld) lose(t *testing.T, n int, always ...string) []string {
	t.Helper()
	owner := w.superuser(t)
	rows, err := owner.Query(
		t.Context(),
		`SELECT DISTINCT ON (entity_id) entity_id FROM events
		WHERE kind = 'payment' AND entity_id IN (SELECT asaas_id FROM invoices WHERE NOT deleted) ORDER BY entity_id`,
	)
	require.NoError(t, err)
	var all []string
	for rows.Next() {
		var id string
		require.NoError(t, rows.Scan(&id))
		all = append(all, id)
	}
	require.GreaterOrEqual(t, len(all), n)
	rand.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	// a dispute that was lost before its credit is always among them: it was dated by a credit that never came
	for i, id := range all[1:] {
		if slices.Contains(always, id) {
			all[0], all[i+1] = all[i+1], all[0]
		}
	}
	lost := all[:n]
	_, err = owner.Exec(t.Context(), `SELECT set_config('app.clinic_id', $1, false)`, fmt.Sprint(w.clinic))
	require.NoError(t, err)
	for _, sql := range []string{
		`DELETE FROM due d USING events e
		WHERE d.clinic_id = e.clinic_id AND d.environment = e.environment AND d.seq = e.seq AND d.id_hash = e.id_hash
		  AND e.entity_id = ANY($1)`,
		`DELETE FROM records WHERE entity_id = ANY($1)`,
		`DELETE FROM events WHERE entity_id = ANY($1)`,
		`DELETE FROM invoices WHERE asaas_id = ANY($1)`,
		`DELETE FROM truth_wants WHERE entity_id = ANY($1)`,
	} {
		done, err := owner.Exec(t.Context(), sql, lost)
		require.NoError(t, err, sql)
		if sql[12] == 'r' || sql[12] == 'e' || sql[12] == 'i' {
			require.GreaterOrEqual(t, int(done.RowsAffected()), n, sql)
		}
	}
	return lost
}

func TestTenLostEventsAndTheirEffectsAreFoundAndTheSecondComparisonRepairsNothing(t *testing.T) {
	t.Parallel()
	w := newMonitorWorld(t)
	var disputed []string
	for range 2 {
		for _, flow := range flows.All() {
			if made := w.play(t, flow); flow == flows.FlowChargebackLost {
				disputed = made.Payments
			}
		}
	}
	w.quiet(t)
	first := w.reconcile(t)
	require.Zero(t, first.Unexplained)
	w.allRead(t)
	w.quiet(t)
	balance := w.balances(t)
	states := w.states(t)
	lost := w.lose(t, 10, disputed...)
	require.Len(t, w.states(t), len(states)-10)
	second := w.reconcile(t)
	require.Equal(t, 10, second.Repaired)
	require.Zero(t, second.Unexplained)
	var found []string
	for _, o := range second.Objects {
		require.Equal(t, "repaired", o.Found)
		found = append(found, o.ID)
	}
	require.ElementsMatch(t, lost, found, "the certificate names them")
	require.Equal(t, states, w.states(t), "every state is what it was")
	require.Equal(t, balance, w.balances(t), "no centavo is booked twice; proofs that are gone are corrected in pairs")
	third := w.reconcile(t)
	require.Zero(t, third.Repaired)
	require.Zero(t, third.Unexplained)
	require.Equal(t, second.Read, third.Read)
}

// states returns each invoice's status and amounts.
func (w *programWorld) states(t *testing.T) map[string]string {
	t.Helper()
	return w.pairs(
		t,
		`SELECT asaas_id, concat_ws(' ', status, asaas_status, value, net_value, refunded, due_date, paid_on) FROM invoices`,
	)
}

// balances returns the balance of each ledger account that money touched.
func (w *programWorld) balances(t *testing.T) map[string]string {
	t.Helper()
	return w.pairs(t, `SELECT account, sum(amount)::text FROM ledger_entries GROUP BY account`)
}

// pairs returns what a query of two text columns answers.
func (w *programWorld) pairs(t *testing.T, query string) map[string]string {
	t.Helper()
	rows, err := w.superuser(t).Query(t.Context(), query)
	require.NoError(t, err)
	all := map[string]string{}
	for rows.Next() {
		var name, value string
		require.NoError(t, rows.Scan(&name, &value))
		all[name] = value
	}
	require.NoError(t, rows.Err())
	return all
}

func TestTheFirstImportBringsWhatWasThereBeforeAndIsMadeOnce(t *testing.T) {
	t.Parallel()
	w := newProgramWorld(t)
	var payments []string
	for _, flow := range flows.All() {
		payments = append(payments, w.play(t, flow).Payments...) // nobody listens
	}
	checked, err := w.Connector.Monitor(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, checked)
	var ops []tenants.Operation
	var certs []connection.ReconciliationReport
	w.in(t, func(tx *tenants.Tx) (err error) {
		if ops, err = tx.Operations(5); err == nil {
			certs, err = connection.ReconciliationReports(tx, 5)
		}
		return err
	})
	require.Len(t, ops, 1)
	require.Equal(t, domain.OperationBackfill, ops[0].Kind)
	require.Equal(t, "done", ops[0].State, "%+v", ops[0].Steps)
	require.Len(t, ops[0].Steps, 6)
	require.Len(t, certs, 1)
	require.Zero(t, certs[0].Unexplained)
	// The first window begins the ledger, which asks for what stood open: on a busy machine
	// the worker has read some of that before a later window compares it.
	require.Equal(t, certs[0].Read, certs[0].Repaired+certs[0].Equal)
	require.LessOrEqual(
		t,
		certs[0].Equal,
		w.count(t, `SELECT count(*) FROM truth_wants WHERE reason = 'opening' AND fetched_at IS NOT NULL`),
		"nothing else was here before",
	)
	require.Positive(t, certs[0].Repaired)
	require.GreaterOrEqual(t, certs[0].Read, len(payments)/2)
	require.Equal(
		t,
		certs[0].Read,
		w.count(t, `SELECT (SELECT count(*) FROM invoices) + (SELECT count(*) FROM anticipations)`),
	)
	require.Zero(
		t,
		w.count(t, `SELECT count(*) FROM truth_wants WHERE reason = 'reconcile'`),
		"lists are enough: no read of single objects",
	)
	w.ahead.Add(int64(halfHour))
	_, err = w.Connector.Monitor(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, w.count(t, `SELECT count(*) FROM operations WHERE kind = 'connection.backfill'`))
}
