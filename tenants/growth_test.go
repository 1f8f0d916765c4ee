//go:build faults

package tenants_test

import (
	"fmt"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patapay/domain"
	"patapay/domain/asaas/samples"
	"patapay/tenants/tenantstest"
)

// grow gives the clinic n other payments: copies of the one it has, in every table that
// apply reads or writes.
func (w *world) grow(t testing.TB, clinic domain.ClinicID, n int) {
	t.Helper()
	owner := w.connect(t, tenantstest.Owner)
	written := func(table string) (columns string) { // what is computed of others is not written
		require.NoError(
			t,
			owner.QueryRow(
				t.Context(),
				`SELECT string_agg(column_name, ', ' ORDER BY ordinal_position) FROM information_schema.columns
				WHERE table_schema = 'public' AND table_name = $1 AND is_generated = 'NEVER'`, table,
			).Scan(&columns),
		)
		return columns
	}
	invoices, transactions := written("invoices"), written("ledger_transactions")
	for _, sql := range []string{
		`SET session_replication_role = replica`,
		`INSERT INTO events SELECT (e).*
		FROM (SELECT jsonb_populate_record(e, jsonb_build_object('id_hash', gen_random_uuid(), 'seq', e.seq + g,
		    'event_id', e.event_id || g, 'entity_id', e.entity_id || g)) AS e
		  FROM events e, generate_series(1, $2::int) g WHERE e.clinic_id = $1) x`,
		`INSERT INTO records SELECT (r).*
		FROM (SELECT jsonb_populate_record(r, jsonb_build_object('id_hash', gen_random_uuid(), 'seq', r.seq + g,
		    'event_id', r.event_id || g, 'entity_id', r.entity_id || g)) AS r
		  FROM records r, generate_series(1, $2::int) g WHERE r.clinic_id = $1) x`,
		`INSERT INTO invoices (` + invoices + `)
		SELECT ` + invoices + ` FROM (SELECT (i).* FROM (SELECT jsonb_populate_record(i,
		    jsonb_build_object('id', gen_random_uuid(), 'asaas_id', i.asaas_id || g)) AS i
		  FROM invoices i, generate_series(1, $2::int) g WHERE i.clinic_id = $1) y) x`,
		`INSERT INTO ledger_entries SELECT e.clinic_id, e.no + 2 * g, e.amount, e.leg, e.account
		FROM ledger_entries e, generate_series(1, $2::int) g WHERE e.clinic_id = $1`,
		`INSERT INTO ledger_transactions (` + transactions + `)
		SELECT ` + transactions + ` FROM (SELECT (l).* FROM (SELECT jsonb_populate_record(l,
		    jsonb_build_object('no', l.no + 2 * g, 'subject', l.subject || g)) AS l
		  FROM ledger_transactions l, generate_series(1, $2::int) g WHERE l.clinic_id = $1) y) x`,
		`UPDATE clinic_heads SET ledger_no = (SELECT max(no) FROM ledger_transactions WHERE clinic_id = $1 AND $2::int > 0)
		WHERE clinic_id = $1`,
	} {
		args := []any{clinic, n}
		if sql[:3] == "SET" {
			args = nil
		}
		_, err := owner.Exec(t.Context(), sql, args...)
		require.NoError(t, err, sql)
	}
}

// Events of new payments of a clinic with 1,000 and of one with 100,000 others, in turn.
func TestFaultAnEventCostsTheSameAmongAThousandAndAHundredThousandPayments(t *testing.T) {
	w, small := newLedgerWorld(t, "payment_received_pix.real")
	large := w.clinic(t, "Grande", "acc-2")
	w.deliver(t, large, samples.Event("payment_received_pix.real"))
	w.apply(t, large)
	w.grow(t, small, 1_000)
	w.grow(t, large, 100_000)
	require.Equal(t, 1_001+100_001, w.number(t, `SELECT count(*) FROM ledger_transactions WHERE fact = 'credit'`))
	owner := w.connect(t, tenantstest.Owner)
	_, err := owner.Exec(t.Context(), `VACUUM ANALYZE`)
	require.NoError(t, err)
	const rounds, events = 61, 50
	times := map[domain.ClinicID][]time.Duration{}
	for round := range rounds {
		for _, clinic := range []domain.ClinicID{small, large} {
			for n := range events {
				id := strconv.Itoa(1_000_000 + round*events + n)
				w.deliver(
					t,
					clinic,
					edited(t, "payment_received_pix.real", "pay_3h08j28ezvwv7s4h", "pay_"+id, `"evt_`, fmt.Sprint(`"evt_`, id)),
				)
			}
			start := time.Now()
			require.Equal(t, events, w.apply(t, clinic).Rows)
			if round > 0 { // the first one warms the caches
				times[clinic] = append(times[clinic], time.Since(start)/events)
			}
		}
	}
	median := func(clinic domain.ClinicID) float64 {
		slices.Sort(times[clinic])
		return float64(times[clinic][len(times[clinic])/2])
	}
	ratio := median(large) / median(small)
	t.Logf(
		"an event among 1,000 payments takes %v, among 100,000 %v: ratio %.3f",
		time.Duration(median(small)),
		time.Duration(median(large)),
		ratio,
	)
	require.LessOrEqual(t, ratio, 1.15)
}
