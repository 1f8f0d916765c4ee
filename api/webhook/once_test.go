package webhook_test

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patapay/api/webhook"
	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/connection"
	"patapay/tenants/tenantstest"
	"patapay/tenants/vault"
)

// Each event once, whatever is sent how often, and each in the clinic of its own token.

// together calls fn n times at once.
func together(n int, fn func(i int)) {
	var group sync.WaitGroup
	for i := range n {
		group.Go(func() { fn(i) })
	}
	group.Wait()
}

func TestAHundredCopiesAtOnceAndAHundredInARowAreOneEventWithOneEffect(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	vida := w.clinic(t, "Vida")
	codes := make([]int, 100)
	together(100, func(i int) { codes[i] = w.post(t, vida.token, vida.paid(1)).code })
	for range 100 {
		codes = append(codes, w.post(t, vida.token, vida.paid(1)).code)
	}
	for i, code := range codes {
		require.Equal(t, http.StatusOK, code, i)
	}
	require.Len(t, codes, 200)
	require.Equal(t, 1, w.count(t, `SELECT count(*) FROM events`))
	require.Equal(t, 1, w.count(t, `SELECT count(*) FROM event_bodies`))
	require.Equal(t, 1, w.apply(t, vida))
	require.Equal(t, 1, w.count(t, `SELECT count(*) FROM invoices WHERE version = 1`))
	require.Zero(t, w.count(t, `SELECT count(*) FROM event_variants`))
	tenantstest.Eventually(t, time.Minute, "every copy is in the log", func() bool {
		return w.count(t, `SELECT count(*) FROM deliveries WHERE code = 200 AND seq = 1`) >= 199
	})
}

func TestTwoEventsThatDifferOnlyAfterTheAmpersandAreTwo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	vida := w.clinic(t, "Vida")
	w.accepted(t, vida.token, event(vida.account, 1, "PAYMENT_CREATED", "pay_1", "PENDING"))
	w.accepted(t, vida.token, event(vida.account, 2, "PAYMENT_CREATED", "pay_1", "PENDING"))
	require.Equal(t, 2, w.count(t, `SELECT count(*) FROM events`))
}

func TestAnEventWithoutAnIdIsKnownByItsBody(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	vida := w.clinic(t, "Vida")
	without := func(status string) []byte {
		return fmt.Appendf(
			nil,
			`{"event":"PAYMENT_RECEIVED","account":{"id":%q},"payment":{"id":"pay_1","status":%q}}`,
			vida.account,
			status,
		)
	}
	for range 3 {
		w.accepted(t, vida.token, without("RECEIVED"))
	}
	w.accepted(t, vida.token, without("REFUNDED"))
	require.Equal(t, 2, w.count(t, `SELECT count(*) FROM events WHERE event_id LIKE 'body:%' AND seq = 0`))
}

func TestTheClinicOfEveryRowInASharedCommitIsItsOwnTokens(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const clinics, each = 20, 20
	var all []clinic
	for i := range clinics {
		all = append(all, w.clinic(t, fmt.Sprintf("C%02d", i)))
	}
	together(clinics*each, func(i int) { // every clinic sends the same ids, its own payments
		c := all[i%clinics]
		body := event(c.account, i/clinics+1, "PAYMENT_RECEIVED", "pay_of_"+c.account, "RECEIVED")
		if got := w.post(t, c.token, body); got.code != http.StatusOK {
			t.Errorf("%d", got.code)
		}
	})
	commits := w.count(t, `SELECT count(DISTINCT xmin::text) FROM events`)
	require.Less(t, commits, clinics*each, "no commit was shared: nothing is proved")
	t.Logf("%d events in %d commits", clinics*each, commits)
	for _, c := range all {
		require.Equal(
			t,
			each,
			w.count(t, `SELECT count(*) FROM events WHERE clinic_id = $1 AND entity_id = $2`, c.id, "pay_of_"+c.account),
		)
		require.Equal(t, 1, w.apply(t, c), "its bodies open with its key")
	}
	require.Equal(t, clinics*each, w.count(t, `SELECT count(*) FROM events`))
}

func TestCopiesAndVariantsInOneBatchAreToldApart(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	vida := w.clinic(t, "Vida")
	together(60, func(i int) {
		status := []string{"PENDING", "RECEIVED", "OVERDUE"}[i%3]
		if got := w.post(
			t,
			vida.token,
			event(vida.account, 1, "PAYMENT_UPDATED", "pay_1", status),
		); got.code != http.StatusOK {
			t.Errorf("%d", got.code)
		}
	})
	require.Equal(t, 1, w.count(t, `SELECT count(*) FROM events`))
	require.Equal(t, 2, w.count(t, `SELECT count(*) FROM event_variants`))
	require.Equal(
		t,
		3,
		w.count(
			t,
			`SELECT count(DISTINCT h) FROM (SELECT body_hash FROM events UNION ALL SELECT body_hash FROM event_variants) x(h)`,
		),
	)
}

// A row that Postgres refuses is made by a check that only its type breaks.
func TestABadRowInABatchNeverFailsItsNeighbours(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	vida := w.clinic(t, "Vida")
	_, err := w.owner.Exec(t.Context(), `ALTER TABLE events ADD CHECK (type <> 'PAYMENT_POISON')`)
	require.NoError(t, err)
	codes := make([]int, 100)
	together(100, func(i int) {
		typ := "PAYMENT_RECEIVED"
		if i%10 == 0 {
			typ = "PAYMENT_POISON"
		}
		codes[i] = w.post(t, vida.token, event(vida.account, i+1, typ, fmt.Sprintf("pay_%d", i), "RECEIVED")).code
	})
	for i, code := range codes {
		want := http.StatusOK
		if i%10 == 0 {
			want = http.StatusServiceUnavailable // not stored, so not acked
		}
		require.Equal(t, want, code, i)
	}
	require.Equal(t, 90, w.count(t, `SELECT count(*) FROM events`))
}

// What the checks are for, shown with the check taken away.

func TestTeethWithoutTheUniqueKeyCopiesAreStoredTwice(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	vida := w.clinic(t, "Vida")
	for _, table := range []string{"events", "event_bodies", "due"} {
		_, err := w.owner.Exec(t.Context(), `ALTER TABLE `+table+` DROP CONSTRAINT `+table+`_pkey`)
		require.NoError(t, err)
	}
	for range 3 {
		w.post(t, vida.token, vida.paid(1))
	}
	require.Equal(t, 3, w.count(t, `SELECT count(*) FROM events`))
}

func TestTeethWithoutTheClinicInTheKeyOneClinicSuppressesAnothersEvents(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	vida, sorriso := w.clinic(t, "Vida"), w.clinic(t, "Sorriso")
	_, err := w.owner.Exec(
		t.Context(),
		`ALTER TABLE events DROP CONSTRAINT events_pkey; CREATE UNIQUE INDEX ON events (environment, seq, id_hash)`,
	)
	require.NoError(t, err)
	w.post(t, sorriso.token, vida.paid(1))
	w.post(t, vida.token, vida.paid(1))
	require.Zero(t, w.count(t, `SELECT count(*) FROM events WHERE clinic_id = $1`, vida.id))
}

// An answer before the commit is made by a door whose inbox loses what it was given.
func TestTeethAnAnswerBeforeTheCommitLosesAckedEvents(t *testing.T) {
	t.Parallel()
	db := tenantstest.New(t)
	early := func(answer http.HandlerFunc) http.HandlerFunc {
		return func(rw http.ResponseWriter, r *http.Request) {
			rw.WriteHeader(http.StatusOK) // the bug
			answer(&silentWriter{ResponseWriter: rw}, r)
		}
	}
	w := openWorld(t, db.URL, nil)
	vida := w.clinic(t, "Vida")
	_, err := w.owner.Exec(t.Context(), `ALTER TABLE events ADD CHECK (seq <> 1)`) // this one cannot be stored
	require.NoError(t, err)
	require.Equal(t, http.StatusServiceUnavailable, w.post(t, vida.token, vida.paid(1)).code, "the guard")
	honest := w.door.Config.Handler
	w.door.Config.Handler = early(honest.ServeHTTP)
	require.Equal(t, http.StatusOK, w.post(t, vida.token, vida.paid(1)).code)
	require.Zero(t, w.count(t, `SELECT count(*) FROM events`), "acked and not stored")
}

// silentWriter ignores the code of an answer that was given already.
type silentWriter struct{ http.ResponseWriter }

func (d *silentWriter) WriteHeader(int) {}

func TestTheTokenIsNeverInTheLogNotEvenOfAPanic(t *testing.T) {
	t.Parallel()
	db := tenantstest.New(t)
	w := openWorld(t, db.URL, func(h *webhook.Handler) {
		h.Crash = func(string) { panic("a bug that shows " + "everything") }
	})
	vida := w.clinic(t, "Vida")
	require.Equal(t, http.StatusInternalServerError, w.post(t, vida.token, vida.paid(1)).code)
	require.Contains(t, w.log.String(), `"msg":"panic"`)
	w.post(t, "wrong-"+vida.token, vida.paid(2))
	w.do(t, call{token: vida.token, path: "/nowhere?token=" + vida.token, body: bytes.NewReader(vida.paid(3))})
	w.do(
		t,
		call{token: vida.token, body: bytes.NewReader(nil), length: 0, header: map[string]string{"X-Request-Id": "a\"b"}},
	)
	require.NoError(t, w.in(vida, func(tx *tenants.Tx) error {
		return connection.AddToken(tx, vault.Digest{Sum: [32]byte{1}}, domain.Sandbox, rand.Text()[:4], w.now())
	}))
	for _, secret := range []string{vida.token, "pay_0000000000000001", "308.01"} {
		require.NotContains(t, w.log.String(), secret)
	}
}
