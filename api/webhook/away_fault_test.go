//go:build faults

package webhook_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patapay/api/webhook"
	"patapay/tenants/tenantstest"
)

// slowest is the latest answer there may be under any fault (docs/reliability.md, G2).
const slowest = 3500 * time.Millisecond

func TestFaultNoAnswerComesLaterThanThreeAndAHalfSecondsUnderALock(t *testing.T) {
	w := openWorld(t, tenantstest.New(t).URL, func(h *webhook.Handler) { h.Within = 0 })
	vida := w.clinic(t, "Vida")
	release := w.lockEvents(t)
	defer release()
	for i := range 3 {
		got := w.post(t, vida.token, vida.paid(i+1))
		require.Equal(t, http.StatusServiceUnavailable, got.code)
		require.Less(t, got.took, slowest)
	}
}
