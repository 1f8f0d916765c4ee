package jobs

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patapay/tenants"
	"patapay/tenants/tenantstest"
)

// A read of one payment took seventeen round trips: a statement each for who the clinic is, whether its reads rest,
// what is due, what is known of it, the connection, its key, the data keys twice, what earlier answers settled, and the
// end.
func TestAReadTakesAsManyRoundTripsAsItHasStepsThatFollowEachOther(t *testing.T) {
	t.Parallel()
	w := newReadsWorld(t)
	wire, url := w.base.Tap(t, tenantstest.Worker)
	db, err := tenants.Open(url, tenants.Options{Name: "worker", MaxConns: 1})
	require.NoError(t, err)
	t.Cleanup(db.Close)
	w.reads.DB = db
	pay := func(ids ...string) {
		for _, id := range ids {
			w.deliver(fmt.Appendf(nil, `{"id":"evt_%s&1","event":"PAYMENT_RECEIVED","dateCreated":"2026-11-20 09:00:00",
				"account":{"id":"acc-1"},"payment":{"object":"payment","id":%q,"status":"RECEIVED","value":10.00,"netValue":9.01,
				"billingType":"PIX","dueDate":"2026-11-20","paymentDate":"2026-11-20"}}`, id, id))
			w.objects[id] = fmt.Appendf(nil, `{"object":"payment","id":%q,"status":"RECEIVED","value":10.00,"netValue":9.01,
				"billingType":"PIX","dueDate":"2026-11-20","paymentDate":"2026-11-20"}`, id)
		}
		w.apply()
		w.now = w.now.Add(time.Minute)
	}
	pay("pay_1")
	require.NoError(t, w.reads.ask(t.Context(), w.clinic)) // statements are prepared
	wire.Reset()

	pay("pay_2")
	require.NoError(t, w.reads.ask(t.Context(), w.clinic))
	one, _ := wire.Reset()
	require.Equal(t, 2, one.Commands["COMMIT"])
	require.Equal(t, 10, one.Trips, "%v", one)

	pay("pay_3", "pay_4", "pay_5")
	require.NoError(t, w.reads.ask(t.Context(), w.clinic))
	three, _ := wire.Reset()
	require.Equal(t, one.Trips+2*4, three.Trips, "%v", three)
	require.Len(t, w.asked, 5)
	require.Equal(t, 5, w.number(`SELECT count(*) FROM events WHERE source = 2`))
}
