//go:build faults

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patapay/api/client"
	"patapay/tenants/tenantstest"
)

// How healthy endpoints fare beside one that hangs and one that answers 500; the environment makes it shorter.
const (
	paceHealthy = 200 // clinics, with an endpoint each
	paceRate    = 300 // changes a second of all clinics
	paceSeconds = 20  // PACE_SECONDS
	paceRounds  = 5   // PACE_ROUNDS
	paceRatio   = 1.5 // p99 of changed → received beside them ÷ p99 without
)

// TestFaultAnEndpointThatHangsAndOneThatRefusesLeaveTheOthersTheirPace times changed → received of two hundred
// endpoints, alone and beside two bad ones in turn (docs/benchmarks.md).
func TestFaultAnEndpointThatHangsAndOneThatRefusesLeaveTheOthersTheirPace(t *testing.T) {
	rounds, lasts := fromEnvironment("PACE_ROUNDS", paceRounds), fromEnvironment("PACE_SECONDS", paceSeconds)
	p := &pushed{field: newField(t, "on", paceHealthy+2), at: freeAddr(t), path: filepath.Join(t.TempDir(), "received")}
	token, err := p.command(nil, "token", "--ttl", "2h").Output()
	require.NoError(t, err)
	p.token = strings.TrimSpace(string(token))
	var hung, refused atomic.Int64
	hangs := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		hung.Add(1)
		_, _ = io.Copy(io.Discard, r.Body) // until then the server does not see that the other side has left
		<-r.Context().Done()
	}))
	t.Cleanup(hangs.Close)
	refuses := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		refused.Add(1)
		w.WriteHeader(http.StatusInternalServerError)
	}))
	t.Cleanup(refuses.Close)
	p.other(receiverFast + "=" + p.at)
	door := p.start("serve")
	p.start("work")
	bad := map[string]string{} // endpoints by tenant
	for i, id := range p.tenants() {
		tenant, url := id.Public("ten"), "http://"+p.at+"/hook"
		if i >= paceHealthy {
			url = []string{hangs.URL, refuses.URL}[i-paceHealthy]
		}
		body := client.CreateEndpointJSONRequestBody{URL: url}
		made, err := p.api(door).CreateEndpointWithResponse(t.Context(), tenant, nil, body)
		require.NoError(t, err)
		require.Equal(t, http.StatusCreated, made.StatusCode(), string(made.Body))
		if i >= paceHealthy {
			bad[tenant] = made.JSON201.ID
		}
	}
	beside := func(on bool) { // resumed, they are tried at once, as if they had never failed
		for tenant, id := range bad {
			paused, err := p.api(door).PauseEndpointWithResponse(t.Context(), tenant, id, nil)
			require.NoError(t, err)
			require.Equal(t, http.StatusOK, paused.StatusCode())
			if !on {
				continue
			}
			resumed, err := p.api(door).ResumeEndpointWithResponse(t.Context(), tenant, id, nil)
			require.NoError(t, err)
			require.Equal(t, http.StatusOK, resumed.StatusCode())
		}
	}
	first := 0
	lag := func(on bool) time.Duration {
		beside(on)
		defer func() { first += 1_000_000 }()
		return p.lag(door, first, time.Duration(lasts)*time.Second)
	}
	lag(false) // plans and connections are made
	var ratios []float64
	for round := range rounds {
		var with, without time.Duration
		if round%2 == 0 {
			without, with = lag(false), lag(true)
		} else {
			with, without = lag(true), lag(false)
		}
		ratios = append(ratios, with.Seconds()/without.Seconds())
		fmt.Printf(
			"pace, round %d: p99 %s beside the bad ones, %s without, ratio %.2f; %d deliveries hung, %d were refused\n",
			round+1, with.Round(time.Millisecond), without.Round(time.Millisecond), ratios[round], hung.Load(), refused.Load(),
		)
	}
	fmt.Printf("pace: %.2f × (bar %.1f), median of %d\n", middle(ratios), paceRatio, rounds)
	require.Positive(t, hung.Load())
	require.Positive(t, refused.Load())
	require.LessOrEqual(t, middle(ratios), paceRatio)
}

// lag makes changes of payments from first on, and returns how long 99 of 100 took from the change to its receiver.
func (p *pushed) lag(door *program, first int, lasts time.Duration) time.Duration {
	p.t.Helper()
	require.NoError(p.t, os.WriteFile(p.path, nil, 0o600))
	p.sendAt(p.t, door.url, first, paceRate, lasts)
	tenantstest.Eventually(p.t, 3*time.Minute, "the healthy endpoints have everything", func() bool {
		return p.number(`SELECT count(*)::int FROM due WHERE next_at < 'infinity'`) == 0 &&
			p.number(`SELECT count(*)::int FROM endpoints e JOIN clinic_heads h USING (clinic_id)
				WHERE e.url LIKE '%/hook' AND (e.waiting > 0 OR e.place_seq < h.feed_seq)`) == 0
	})
	raw, err := os.ReadFile(p.path)
	require.NoError(p.t, err)
	var took []time.Duration
	for line := range bytes.Lines(raw) {
		text, body, _ := bytes.Cut(line, []byte{' '})
		at, err := strconv.ParseInt(string(text), 10, 64)
		require.NoError(p.t, err)
		var change struct{ OccurredAt time.Time }
		require.NoError(p.t, json.Unmarshal(body, &change))
		took = append(took, time.Unix(0, at).Sub(change.OccurredAt))
	}
	require.Greater(p.t, len(took), paceHealthy)
	return p99(took)
}
