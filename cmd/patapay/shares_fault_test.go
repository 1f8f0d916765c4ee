//go:build faults

package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patapay/tenants/tenantstest"
)

// What one clinic's readers ask for beside another clinic's; the environment makes it shorter.
const (
	sharesEntries       = 15_000 // of the greedy clinic's feed
	sharesRounds        = 5
	sharesReads         = 150 // of the other clinic, a round
	sharesStreams       = 500
	sharesPolls         = 500
	sharesFromBeginning = 60  // of the streams
	sharesTokens        = 16  // of the greedy clinic
	sharesRatio         = 2.0 // p99 of the other clinic's reads beside the readers ÷ p99 without
)

// asker is one program that is asked by several.
type asker struct {
	t      *testing.T
	origin string
	client *http.Client
}

// ask opens an answer; nil when the connection broke.
func (r *asker) ask(ctx context.Context, path, token string) *http.Response {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.origin+path, nil)
	if err != nil {
		r.t.Error(err)
		return nil
	}
	req.Header.Set("Authorization", "Bearer "+token)
	res, err := r.client.Do(req)
	if err != nil {
		return nil
	}
	return res
}

// insist asks again and again until ctx ends, when it was refused after as long as it was told, and counts the answers.
func (r *asker) insist(ctx context.Context, path, token string, lines int, opened, refused *atomic.Int64) {
	for ctx.Err() == nil {
		res := r.ask(ctx, path, token)
		if res == nil {
			continue
		}
		if res.StatusCode == http.StatusOK {
			opened.Add(1)
			scan := bufio.NewScanner(res.Body)
			scan.Buffer(nil, 8<<20)
			for n := 0; scan.Scan() && (lines == 0 || n < lines); {
				if strings.HasPrefix(scan.Text(), "data:") {
					n++
				}
			}
			res.Body.Close()
			continue
		}
		res.Body.Close()
		refused.Add(1)
		pause, err := strconv.Atoi(res.Header.Get("Retry-After"))
		if err != nil {
			r.t.Errorf("%d without a time to come back", res.StatusCode)
			return
		}
		select {
		case <-ctx.Done():
		case <-time.After(time.Duration(pause) * time.Second):
		}
	}
}

// reads reads a page of a clinic's invoices again and again, and returns how long 99 of 100 took.
func (r *asker) reads(n int, tenant, token string) time.Duration {
	r.t.Helper()
	var took []time.Duration
	for range n {
		began := time.Now()
		res := r.ask(r.t.Context(), "/v1/tenants/"+tenant+"/invoices?limit=20", token)
		require.NotNil(r.t, res)
		text, err := io.ReadAll(res.Body)
		res.Body.Close()
		require.NoError(r.t, err)
		require.Equal(r.t, http.StatusOK, res.StatusCode, "%s", text)
		took = append(took, time.Since(began))
		time.Sleep(100 * time.Millisecond) // the token has ten requests a second in the long run
	}
	return p99(took)
}

// TestFaultAThousandReadersOfOneClinicLeaveAnothersReadsTheirPace opens 500 streams and 500 long polls of
// one clinic, 60 streams from the beginning of a long feed and again when they are through, and reads
// another clinic's invoices beside them.
func TestFaultAThousandReadersOfOneClinicLeaveAnothersReadsTheirPace(t *testing.T) {
	rounds, entries := fromEnvironment("SHARES_ROUNDS", sharesRounds), fromEnvironment("SHARES_ENTRIES", sharesEntries)
	f := newField(t, "on", 2)
	door := f.start("serve")
	f.start("work")
	greedy := newLives(&field{t: t, stack: f.stack, env: f.env, clinics: f.clinics[:1]}, door)
	greedy.tell(0, entries/len(steps)*len(steps))
	other := newLives(&field{t: t, stack: f.stack, env: f.env, clinics: f.clinics[1:]}, door)
	other.tell(1_000_000*len(steps), 1_000_000*len(steps)+300)
	tenantstest.Eventually(t, 5*time.Minute, "all is applied", func() bool {
		return f.number(`SELECT count(*) FROM due`) == 0
	})

	r := &asker{t: t, origin: strings.TrimSuffix(door.url, "/financial/gateway-payments/webhook/asaas")}
	r.client = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 2000}}
	tenants := f.tenants()
	tenant := func(clinic int) string { return tenants[clinic].Public("ten") }
	tokenOf := func(clinic int) string {
		out, err := f.command(nil, "token", "--tenant", tenant(clinic), "--ttl", "4h").Output()
		require.NoError(t, err)
		return strings.TrimSpace(string(out))
	}
	var tokens []string
	for range sharesTokens {
		tokens = append(tokens, tokenOf(0))
	}
	calm, hungry, quiet := tokenOf(1), "/v1/tenants/"+tenant(0)+"/feed", tenant(1)
	head := f.number(`SELECT max(seq) FROM changes
		WHERE clinic_id = (SELECT min(clinic_id) FROM clinics WHERE clinic_id > 0)`)
	var ratios []float64
	for round := range rounds {
		alone := r.reads(sharesReads, quiet, calm)
		var all sync.WaitGroup
		var opened, refused atomic.Int64
		ctx, end := context.WithCancel(t.Context())
		for i := range sharesStreams {
			path, lines := fmt.Sprintf("%s/stream?after=%d", hungry, head), 0
			if i < sharesFromBeginning {
				path, lines = hungry+"/stream?after=0", entries
			}
			all.Go(func() { r.insist(ctx, path, tokens[i%len(tokens)], lines, &opened, &refused) })
		}
		for i := range sharesPolls {
			path := fmt.Sprintf("%s?after=%d&wait=30", hungry, head)
			all.Go(func() { r.insist(ctx, path, tokens[i%len(tokens)], 0, &opened, &refused) })
		}
		time.Sleep(time.Second) // they have come
		beside := r.reads(sharesReads, quiet, calm)
		for range 20 {
			res := r.ask(ctx, "/v1/tenants/"+quiet+"/feed/stream?after=0", calm)
			require.NotNil(t, res)
			require.Equal(t, http.StatusOK, res.StatusCode, "another clinic's stream")
			first := bufio.NewScanner(res.Body)
			require.True(t, first.Scan())
			require.Equal(t, ": open", first.Text())
			res.Body.Close()
		}
		end()
		all.Wait()
		require.Positive(t, opened.Load())
		require.Positive(t, refused.Load(), "more than its share was asked for")
		ratios = append(ratios, float64(beside)/float64(alone))
		fmt.Printf(
			"shares, round %d: another clinic's reads p99 %s alone, %s beside; %d answers of the readers, %d refused\n",
			round+1, alone, beside, opened.Load(), refused.Load(),
		)
	}
	slices.Sort(ratios)
	fmt.Printf("shares: median ratio %.2f of %d rounds (bar %.1f)\n", ratios[rounds/2], rounds, sharesRatio)
	require.LessOrEqual(t, ratios[rounds/2], sharesRatio)
}
