package webhook_test

import (
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patapay/api/webhook"
	"patapay/tenants/tenantstest"
)

// told returns what the door tells by a metric: each counter by its label's value, and of a histogram how many were
// slower than a second.
func (w *world) told(t *testing.T, name string) map[string]float64 {
	t.Helper()
	families, err := w.registry.Gather()
	require.NoError(t, err)
	told := map[string]float64{}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			if f.GetName() != name {
				continue
			}
			for _, l := range m.GetLabel() {
				told[l.GetValue()] = m.GetCounter().GetValue()
			}
			for _, b := range m.GetHistogram().GetBucket() {
				if b.GetUpperBound() == 1 {
					told["slow"] = float64(m.GetHistogram().GetSampleCount() - b.GetCumulativeCount())
				}
			}
		}
	}
	return told
}

// The causes of DeliveriesNotStored, UnauthenticatedDeliveries and ReceiverSlow: each figure grows
// while its cause lasts and not after.
func TestWhatGoesWrongAtTheDoorIsToldByItsFiguresWhileItLasts(t *testing.T) {
	t.Parallel()
	var took atomic.Int64
	w := openWorld(t, tenantstest.New(t).URL, func(h *webhook.Handler) {
		h.Took = func(time.Time) time.Duration { return time.Duration(took.Load()) }
	})
	vida := w.clinic(t, "Vida")
	seq := 0
	post := func(token string, want int) {
		t.Helper()
		seq++
		require.Equal(t, want, w.post(t, token, vida.paid(seq)).code)
	}
	refusals := func() (sum float64) {
		for _, n := range w.told(t, "patapay_webhook_refusals_total") {
			sum += n
		}
		return sum
	}
	may := func(word, whom string) {
		_, err := w.owner.Exec(t.Context(), `DO $$ DECLARE f regprocedure; BEGIN
			FOR f IN SELECT oid::regprocedure FROM pg_proc WHERE proname LIKE 'accept_%' LOOP
				EXECUTE '`+word+` EXECUTE ON FUNCTION ' || f || ' `+whom+` patapay_ingest';
			END LOOP; END $$`)
		require.NoError(t, err)
	}
	told := func(unstored, refused, slow float64) {
		t.Helper()
		require.Equal(t, unstored, w.told(t, "patapay_webhook_answers_total")["503"])
		require.Equal(t, refused, refusals())
		require.Equal(t, slow, w.told(t, "patapay_webhook_seconds")["slow"])
	}
	post(vida.token, http.StatusOK)
	told(0, 0, 0)
	may("REVOKE", "FROM")
	post(vida.token, http.StatusServiceUnavailable)
	told(1, 0, 0)
	may("GRANT", "TO")
	post(vida.token, http.StatusOK)
	told(1, 0, 0)
	w.trusts.Store(false) // whoever knocks is a stranger
	post("wrong", http.StatusUnauthorized)
	told(1, 1, 0)
	post(vida.token, http.StatusOK)
	told(1, 1, 0)
	took.Store(int64(2 * time.Second))
	post(vida.token, http.StatusOK)
	told(1, 1, 1)
	took.Store(int64(time.Millisecond))
	post(vida.token, http.StatusOK)
	told(1, 1, 1)
	require.EqualValues(t, 5, w.told(t, "patapay_webhook_answers_total")["200"])
}
