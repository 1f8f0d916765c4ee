//go:build faults

package main

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestFaultNothingIsAnsweredWithoutTheSynchronousStandby: a deployment that wants no acknowledged delivery lost in a
// failover names a synchronous standby. While that is away a commit waits for it; who stops waiting finds it committed
// here alone, with a warning and no error, and a promoted standby would not have it.
func TestFaultNothingIsAnsweredWithoutTheSynchronousStandby(t *testing.T) {
	f := newField(t, "on", 2)
	door := f.start("serve")
	tell := func(clinic, n int) int {
		body := fmt.Sprintf(
			`{"id":"evt_standby&%d","event":"PAYMENT_RECEIVED","dateCreated":"2026-11-22 08:00:00","account":{"id":%q},`+
				`"payment":{"object":"payment","id":"pay_%016d","value":310.00,"netValue":308.01,"billingType":"PIX"}}`,
			n, f.clinics[clinic].account, n,
		)
		return f.postBody(&http.Client{Timeout: time.Minute}, door, f.clinics[clinic], []byte(body))
	}
	names := func(value string) {
		require.NoError(t, f.change(t.Context(), `ALTER SYSTEM SET synchronous_standby_names = '`+value+`'`))
		require.NoError(t, f.change(t.Context(), `SELECT pg_reload_conf()`))
		time.Sleep(time.Second) // until each process has read it
	}
	require.Equal(t, http.StatusOK, tell(0, 1))
	names("away")
	for i := range 3 {
		require.Equal(t, http.StatusServiceUnavailable, tell(i%2, 2+i), "the standby does not have it")
		require.Equal(t, http.StatusServiceUnavailable, tell(i%2, 2+i), "nor when the gateway sends it again")
	}
	names("")
	for i := range 3 {
		require.Equal(t, http.StatusOK, tell(i%2, 2+i), "the gateway sends it again")
	}
	require.Equal(t, 4, f.number(`SELECT count(*) FROM events`))
}
