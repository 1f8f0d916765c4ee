package tenants_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"patapay/domain/asaas/samples"
	"patapay/tenants/apply"
	"patapay/tenants/tenantstest"
)

func TestARebuildBesideTheStoredValuesIsEqual(t *testing.T) {
	w := newWorld(t)
	w.applier.Ledger = chain
	seed := testSeed()
	t.Logf("PATAPAY_SEED=%d", seed)
	all := w.lives(t, seed, 120)
	w.deliverAll(t, seed, all)
	entities := 0
	for _, h := range all[:20] {
		r, err := apply.Shadow(w.api, t.Context(), h.clinic)
		require.NoError(t, err)
		require.Empty(t, r.Differences, "PATAPAY_SEED=%d", seed)
		require.Zero(t, r.Waiting)
		entities += r.Entities
	}
	require.Equal(t, 120, entities)
}

func TestARebuildKnowsWhereATextWasCutAndTheBodyKeepsTheWhole(t *testing.T) {
	w, clinic := newLedgerWorld(t)
	body := bytes.Replace(samples.Event("payment_received_pix.real"), []byte(`"description"`), []byte(`"told"`), 1)
	body = bytes.Replace(
		body,
		[]byte(`"payment": {`),
		[]byte(`"payment": {"description":"`+strings.Repeat("é", 1<<18)+`",`),
		1,
	)
	w.deliver(t, clinic, body)
	w.apply(t, clinic)
	r, err := apply.Shadow(w.api, t.Context(), clinic)
	require.NoError(t, err)
	require.Equal(t, 1, r.Entities)
	require.Empty(t, r.Differences)
	conn := w.connect(t, tenantstest.Owner)
	var texts, entry, whole int
	require.NoError(
		t,
		conn.QueryRow(t.Context(), `SELECT (SELECT length(texts) FROM invoices), (SELECT max(length(texts)) FROM changes),
		(SELECT length(sealed) FROM event_bodies)`).Scan(&texts, &entry, &whole),
	)
	require.Less(t, texts, 8<<10)
	require.Less(t, entry, 8<<10)
	require.Greater(t, whole, 1<<19)
}

func TestARebuildTellsEachDifference(t *testing.T) {
	for name, c := range map[string]struct{ change, want string }{
		"a changed projection":  {`UPDATE invoices SET state = replace(state::text, 'RECEIVED', 'PENDING')::json`, "rebuilt"},
		"a changed booking":     {`UPDATE ledger_entries SET amount = amount * 2 WHERE no = 2`, "the events prove"},
		"a lost projection":     {`DELETE FROM invoices`, "no projection"},
		"a record that is gone": {`DELETE FROM records`, "no event tells of it"},
		"a lost booking":        {`DELETE FROM ledger_transactions WHERE no = 2`, "the events prove"},
	} {
		t.Run(name, func(t *testing.T) {
			w, clinic := newLedgerWorld(t, "payment_received_pix.real")
			conn := w.connect(t, tenantstest.Owner)
			for _, sql := range []string{`SET session_replication_role = replica`, c.change} {
				_, err := conn.Exec(t.Context(), sql)
				require.NoError(t, err)
			}
			r, err := apply.Shadow(w.api, t.Context(), clinic)
			require.NoError(t, err)
			require.NotEmpty(t, r.Differences)
			require.Contains(t, r.Differences[0], c.want)
		})
	}
}

func TestWhatAnOlderReleaseFoldedOtherwiseIsStoredAsTheRulesAreNow(t *testing.T) {
	for name, change := range map[string]string{
		"a changed projection": `UPDATE invoices SET state = replace(state::text, 'RECEIVED', 'PENDING')::json`,
		"a lost projection":    `DELETE FROM invoices`,
		"a lost booking": `DELETE FROM ledger_entries; DELETE FROM ledger_transactions;
			UPDATE clinic_heads SET ledger_no = 0, ledger_hash = ''`,
	} {
		t.Run(name, func(t *testing.T) {
			w, clinic := newLedgerWorld(t, "payment_received_pix.real")
			before := w.count(t, `SELECT count(*) FROM ledger_entries`)
			_, err := w.connect(t, tenantstest.Owner).Exec(t.Context(), `SET session_replication_role = replica; `+change)
			require.NoError(t, err)
			r, err := apply.Shadow(w.api, t.Context(), clinic)
			require.NoError(t, err)
			require.Len(t, r.Anew, 1)
			for range 2 { // the second time there is nothing more
				_, err = w.applier.Replay(t.Context(), clinic, r.Anew, false)
				require.NoError(t, err)
				again, err := apply.Shadow(w.api, t.Context(), clinic)
				require.NoError(t, err)
				require.Empty(t, again.Differences)
				require.Empty(t, again.Anew)
				require.Equal(t, before, w.count(t, `SELECT count(*) FROM ledger_entries`))
			}
		})
	}
}
