package webhook_test

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patapay/api/webhook"
	"patapay/tenants/tenantstest"
)

// What one clinic, or a stranger, may weigh. Bytes and answers are counted, never time.

// weighedWorld is a world whose room for bodies the test can read.
func weighedWorld(t *testing.T) (*world, *webhook.Bodies) {
	t.Helper()
	room := webhook.NewBodies(webhook.DefaultBodyLimit)
	db := tenantstest.New(t)
	return openWorld(t, db.URL, func(h *webhook.Handler) {
		h.Bodies = room
		h.Within = 10 * time.Second // who finds no room waits for so long
	}), room
}

// unfinished opens a delivery of n bytes that never sends its last one. What it announces is
// its length, or nothing at all.
func (w *world) unfinished(t *testing.T, token string, announced bool, n int) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", w.door.Listener.Addr().String())
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	head := fmt.Sprintf("Content-Length: %d\r\n\r\n", n)
	if !announced {
		head = fmt.Sprintf("Transfer-Encoding: chunked\r\n\r\n%x\r\n", n)
	}
	_, err = fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: x\r\nasaas-access-token: %s\r\n%s{", webhook.Path, token, head)
	require.NoError(t, err)
	return conn
}

func TestRow21UnfinishedBodiesHoldTheirClinicsShareAndNobodyElses(t *testing.T) {
	t.Parallel()
	w, room := weighedWorld(t)
	vida, sorriso := w.clinic(t, "Vida"), w.clinic(t, "Sorriso")
	const share = 2 << 20 // two bodies at the limit
	for range 8 {
		w.unfinished(t, vida.token, true, webhook.DefaultBodyLimit)
	}
	tenantstest.Eventually(t, 60*time.Second, "the share is taken", func() bool { return room.InFlight() == share })
	for seq := range 20 {
		w.accepted(t, sorriso.token, sorriso.paid(seq+1))
	}
	require.Equal(
		t,
		http.StatusServiceUnavailable,
		w.post(t, vida.token, vida.paid(1)).code,
		"its own deliveries wait, and end in 503",
	)
	require.LessOrEqual(t, room.InFlight(), int64(share), "whatever many connections it opens")
}

func TestABodyThatAnnouncesNoLengthTakesWhatARealOneNeeds(t *testing.T) {
	t.Parallel()
	w, room := weighedWorld(t)
	vida := w.clinic(t, "Vida")
	for range 8 {
		w.unfinished(t, vida.token, false, webhook.DefaultBodyLimit)
	}
	tenantstest.Eventually(t, 60*time.Second, "all are being read", func() bool { return room.InFlight() == 8*16<<10 })
	got := w.do(t, call{token: vida.token, body: bytes.NewReader(padded(vida, 1, 40<<10)), length: -1})
	require.Equal(t, http.StatusOK, got.code, "a longer one takes more as it comes")
}

func TestTheRoomOfABodyIsFreeAfterItsAnswerWhateverItWas(t *testing.T) {
	t.Parallel()
	w, room := weighedWorld(t)
	vida := w.clinic(t, "Vida")
	w.accepted(t, vida.token, padded(vida, 1, 1<<20))
	w.do(t, call{token: vida.token, body: bytes.NewReader(padded(vida, 2, 40<<10)), length: -1})
	w.do(t, call{token: vida.token, body: bytes.NewReader(padded(vida, 3, 2<<20)), length: -1})
	w.do(t, call{body: bytes.NewReader(padded(vida, 4, 20<<10))})
	w.do(t, call{token: vida.token, body: bytes.NewReader([]byte("no JSON"))})
	conn := w.unfinished(t, vida.token, true, 1<<10)
	require.NoError(t, conn.(*net.TCPConn).CloseWrite())
	_, err := conn.Read(make([]byte, 1))
	require.NoError(t, err)
	tenantstest.Eventually(t, 60*time.Second, "nothing is held", func() bool { return room.InFlight() == 0 })
}

func TestStrangersShareOneRoomThatNoClinicsIsPartOf(t *testing.T) {
	t.Parallel()
	w, room := weighedWorld(t)
	vida := w.clinic(t, "Vida")
	for range 20 {
		w.unfinished(t, "", true, 128<<10)
	}
	tenantstest.Eventually(t, 60*time.Second, "their room is taken", func() bool { return room.InFlight() == 8*128<<10 })
	w.accepted(t, vida.token, padded(vida, 1, 1<<20))
	require.Equal(t, http.StatusServiceUnavailable, w.post(t, "", vida.paid(2)).code)
}

// A statement of one clinic that waits, here for another process that stores the same event and
// does not finish, once kept every clinic's next commit waiting.
func TestOneClinicsSlowStatementCostsNobodyElsesDelivery(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	slow := w.clinic(t, "Lenta")
	w.accepted(t, slow.token, slow.paid(1))
	others := make([]clinic, 5)
	for i := range others {
		others[i] = w.clinic(t, fmt.Sprintf("Vida%d", i))
	}
	held, err := w.owner.Begin(t.Context())
	require.NoError(t, err)
	t.Cleanup(func() { _ = held.Rollback(context.Background()) })
	_, err = held.Exec(
		t.Context(),
		`DELETE FROM events WHERE clinic_id = $1`,
		slow.id,
	) // who stores it again waits for the end of this
	require.NoError(t, err)
	kept := make([]int, 100)
	done := make(chan struct{})
	go func() {
		defer close(done)
		together(4, func(int) { w.post(t, slow.token, slow.paid(1)) })
	}()
	tenantstest.Eventually(t, 60*time.Second, "its statement waits", func() bool {
		return w.count(
			t,
			`SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
		) > 0
	})
	together(len(kept), func(i int) {
		c := others[i%len(others)]
		kept[i] = w.post(t, c.token, c.paid(i+1)).code
	})
	require.NoError(t, held.Rollback(t.Context())) // its own deliveries waited for this
	<-done
	for i, code := range kept {
		require.Equal(t, http.StatusOK, code, i)
	}
	w.accepted(t, slow.token, slow.paid(1))
}
