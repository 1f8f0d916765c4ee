package webhook_test

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patapay/api/webhook"
	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/connection"
	"patapay/tenants/tenantstest"
)

// Each delivery cost a row with three indexes and a line of the log: a sixth of an
// answer, for what the event says itself.
func TestAPlainDeliveryCostsNoRow(t *testing.T) {
	t.Parallel()
	var took atomic.Int64
	w := openWorld(
		t,
		tenantstest.New(t).URL,
		func(h *webhook.Handler) { h.Took = func(time.Time) time.Duration { return time.Duration(took.Load()) } },
	)
	vida := w.clinic(t, "Vida")
	rows := func() int { return w.count(t, `SELECT count(*) FROM deliveries`) }
	logged := func(n int, why string) {
		t.Helper()
		tenantstest.Eventually(t, time.Minute, why, func() bool { return rows() == n })
	}
	for seq := 1; seq <= 20; seq++ {
		w.accepted(t, vida.token, vida.paid(seq))
	}
	w.accepted(t, vida.token, vida.paid(7))
	logged(1, "the copy is logged, and what was before it is not")
	require.Equal(t, 20, w.count(t, `SELECT count(*) FROM events WHERE source_ip <> ''`))

	took.Store(int64(webhook.Plain))
	w.accepted(t, vida.token, vida.paid(21))
	logged(2, "an answer that took a tenth of a second")
	took.Store(0)
	w.accepted(t, vida.token, event(vida.account, 22, domain.SelfCheck, "pay_1", "PENDING"))
	logged(3, "our own try of the door")
	require.NoError(t, w.in(vida, func(tx *tenants.Tx) error {
		now, err := connection.Load(tx)
		if err == nil {
			_, err = connection.SetState(tx, now, domain.ConnectionAwaiting, "", "", w.now())
		}
		return err
	}))
	w.ahead.Add(int64(time.Minute)) // a token's owner is remembered for seconds
	w.accepted(t, vida.token, vida.paid(23))
	logged(4, "while the connection is set up")
}
