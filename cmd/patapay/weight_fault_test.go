//go:build faults

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"patapay/api/webhook"
	"patapay/tenants/tenantstest"
)

// What weighs, and what it may cost the others.
const (
	weightCalm       = 50 // clinics, each of which delivers twice a second
	weightConns      = 32
	weightBodies     = 32 // at the limit of 1 MiB, a second
	weightBeginnings = 16 // of half a MiB, a second, that never go on; with the bodies 40 MiB/s
	weightUnfinished = 64 // connections for them
	weightReaders    = 8  // that ask for the largest pages
	weightMemory     = 128 << 20
	weightAck        = 2.0 // p99 of the calm ones' answers beside the weight ÷ without
	weightApplied    = 3.0 // the same of received → applied
	weightFeedPage   = time.Second
	weightRounds     = 3
)

// TestFaultOneClinicsWeightHurtsNobodyElse posts bodies at the limit on 32 connections, paced to 40 MiB/s in all,
// holds bodies that never end, and reads the largest pages of what was posted, once as a clinic and once as a
// stranger without a token, beside fifty calm clinics. Each of their deliveries is 200 and soon applied, both
// programs stay small, and the platform's feed has no slow page. What is timed is judged by the median of its rounds.
// WEIGHT_LASTS is how long each part lasts, 20s unless it is set, and WEIGHT_ROUNDS how many there are.
func TestFaultOneClinicsWeightHurtsNobodyElse(t *testing.T) {
	lasts, err := time.ParseDuration(os.Getenv("WEIGHT_LASTS"))
	if err != nil {
		lasts = 20 * time.Second
	}
	rounds := fromEnvironment("WEIGHT_ROUNDS", weightRounds)
	for name, own := range map[string]bool{"a clinic": true, "a stranger": false} {
		t.Run(name, func(t *testing.T) {
			f := newField(t, "on", weightCalm+1)
			serve, work := f.start("serve"), f.start("work")
			heavy := f.clinics[weightCalm]
			if !own {
				heavy.token = ""
			}
			w := &weight{
				f: f, serve: serve, work: work, heavy: heavy, own: own, origin: strings.TrimSuffix(serve.url, webhook.Path),
			}
			w.fetchTokens()
			f.calmly(t, serve, weightCalm, lasts/4) // connections, plans and caches are there
			var answers, applied []float64
			for round := range rounds {
				answer, apply := w.round(t, name, round, lasts)
				answers, applied = append(answers, answer), append(applied, apply)
			}
			slices.Sort(answers)
			slices.Sort(applied)
			fmt.Printf("weight of %s: median ratio of answers %.2f (bar %.1f), of applied %.2f (bar %.1f), of %d rounds\n",
				name, answers[rounds/2], weightAck, applied[rounds/2], weightApplied, rounds)
			assert.LessOrEqual(t, answers[rounds/2], weightAck)
			assert.LessOrEqual(t, applied[rounds/2], weightApplied)
		})
	}
}

// round is one part without the weight and one with it; it returns how many times as long the answers, and the
// applying, of the calm clinics took beside it.
func (w *weight) round(t *testing.T, name string, round int, lasts time.Duration) (answers, applied float64) {
	t.Helper()
	told := func() int { return w.f.number(`SELECT count(*) FROM events WHERE event_id LIKE 'evt_calm%'`) }
	ctx, end := context.WithCancel(t.Context())
	defer end()
	var all sync.WaitGroup
	w.slowest.Store(0)
	all.Go(func() { w.follow(ctx) })
	seen := told()
	before := w.f.calmly(t, w.serve, weightCalm, lasts/2)
	appliedBefore := w.f.appliedP99(t, seen)
	seen = told()
	w.press(ctx, &all)
	memory := residentMost(ctx, w.serve, w.work)
	during := w.f.calmly(t, w.serve, weightCalm, lasts)
	end()
	all.Wait()
	appliedDuring := w.f.appliedP99(t, seen)
	most := <-memory
	fmt.Printf("weight of %s, round %d: calm answers p99 %s, beside it %s; applied %s, %s; serve %d MiB, work %d; "+
		"%d long bodies, %d of them stored; slowest of %d pages of the feed %s\n",
		name, round+1, p99(before), p99(during), appliedBefore, appliedDuring, most[0]>>20, most[1]>>20,
		w.sent.Load(), w.stored.Load(), w.pages.Load(), time.Duration(w.slowest.Load()))
	require.Equal(t, w.own, w.stored.Load() > 0)
	require.Positive(t, w.pages.Load())
	assert.LessOrEqual(t, max(most[0], most[1]), int64(weightMemory))
	assert.LessOrEqual(t, time.Duration(w.slowest.Load()), weightFeedPage)
	return float64(p99(during)) / float64(p99(before)), float64(appliedDuring) / float64(appliedBefore)
}

// weight is all that one clinic, or a stranger, does to a program.
type weight struct {
	f           *field
	serve, work *program
	heavy       demoClinic
	own         bool // it is a clinic
	origin      string

	platform, clinic string // tokens to read with; to make one takes a process of its own, which is nobody's weight

	sent, stored, pages atomic.Int64
	slowest             atomic.Int64 // page of the platform's feed, in nanoseconds
}

// press begins everything, until ctx ends.
func (w *weight) press(ctx context.Context, all *sync.WaitGroup) {
	pace := time.NewTicker(time.Second / weightBodies)
	client := &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: weightConns}}
	for range weightConns {
		all.Go(func() {
			for ctx.Err() == nil {
				select {
				case <-ctx.Done():
					return
				case <-pace.C:
				}
				if w.f.postLong(client, w.serve, w.heavy, w.sent.Add(1)) == http.StatusOK {
					w.stored.Add(1)
				}
			}
		})
	}
	beginnings := time.NewTicker(time.Second / weightBeginnings)
	for range weightUnfinished {
		all.Go(func() {
			for ctx.Err() == nil {
				select {
				case <-ctx.Done():
				case <-beginnings.C:
					w.begin(ctx)
				}
			}
		})
	}
	tenant := w.f.tenants()[weightCalm].Public("ten")
	for range weightReaders {
		all.Go(func() {
			for ctx.Err() == nil {
				w.read(ctx, "/v1/tenants/"+tenant+"/invoices?limit=100", w.clinic)
				w.read(ctx, "/v1/tenants/"+tenant+"/feed?after=0&limit=100", w.clinic)
			}
		})
	}
}

// follow reads the platform's feed as billing does, with and without the weight.
func (w *weight) follow(ctx context.Context) {
	cursor := ""
	for ctx.Err() == nil {
		began := time.Now()
		cursor = w.page(ctx, cursor, w.platform)
		if ctx.Err() == nil {
			w.pages.Add(1)
			w.slowest.Store(max(w.slowest.Load(), int64(time.Since(began))))
		}
		time.Sleep(200 * time.Millisecond)
	}
}

// fetchTokens has one made for the platform and one for the clinic that weighs; a stranger has none.
func (w *weight) fetchTokens() {
	w.platform, w.clinic = w.token(), "none"
	if w.own {
		w.clinic = w.token("--tenant", w.f.tenants()[weightCalm].Public("ten"))
	}
}

func (w *weight) token(args ...string) string {
	out, err := w.f.command(nil, append([]string{"token", "--ttl", "2h"}, args...)...).Output()
	require.NoError(w.f.t, err)
	return strings.TrimSpace(string(out))
}

// begin opens a connection, begins a body at the limit and leaves it there until the program hangs up.
func (w *weight) begin(ctx context.Context) {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", strings.TrimPrefix(w.origin, "http://"))
	if err != nil {
		return
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	defer conn.Close()
	fmt.Fprintf(
		conn,
		"POST %s HTTP/1.1\r\nHost: patapay\r\nContent-Type: application/json\r\nContent-Length: %d\r\n",
		webhook.Path,
		1<<20,
	)
	if w.heavy.token != "" {
		fmt.Fprintf(conn, "asaas-access-token: %s\r\n", w.heavy.token)
	}
	fmt.Fprintf(conn, "\r\n{\"id\":\"")
	_, _ = conn.Write(beginning)
	_, _ = io.Copy(io.Discard, conn)
}

// read asks for a page and reads it, whatever it is; of a refusal it waits as long as it is told.
func (w *weight) read(ctx context.Context, path, token string) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, w.origin+path, nil)
	if err != nil {
		return
	}
	req.Header.Set("Authorization", "Bearer "+token)
	res, err := impatient.Do(req)
	if err != nil {
		return
	}
	_, _ = io.Copy(io.Discard, res.Body)
	res.Body.Close()
	pause, _ := strconv.Atoi(res.Header.Get("Retry-After"))
	if res.StatusCode == http.StatusUnauthorized {
		pause = 1
	}
	select {
	case <-ctx.Done():
	case <-time.After(time.Duration(pause) * time.Second):
	}
}

// page reads a page of the platform's feed behind a cursor and returns the next cursor.
func (w *weight) page(ctx context.Context, cursor, token string) string {
	address := w.origin + "/v1/feed?limit=100&cursor=" + cursor
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return cursor
	}
	req.Header.Set("Authorization", "Bearer "+token)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return cursor
	}
	defer res.Body.Close()
	var list struct {
		Data []struct{ Cursor string }
	}
	if err := json.NewDecoder(res.Body).Decode(&list); err != nil || res.StatusCode != http.StatusOK {
		if ctx.Err() == nil {
			w.f.t.Errorf("a page of the platform's feed: %d %v", res.StatusCode, err)
		}
		return cursor
	}
	if n := len(list.Data); n > 0 {
		return list.Data[n-1].Cursor
	}
	return cursor
}

// appliedP99 waits until the calm clinics' events are applied, and returns within which time 99 of 100 of them were,
// without the first ones.
func (f *field) appliedP99(t *testing.T, first int) time.Duration {
	t.Helper()
	tenantstest.Eventually(t, time.Minute, "calm events are applied", func() bool {
		return f.number(`SELECT count(*) FROM events WHERE event_id LIKE 'evt_calm%' AND applied_at IS NULL`) == 0
	})
	return time.Duration(f.number(fmt.Sprintf(
		`SELECT (percentile_disc(0.99) WITHIN GROUP (ORDER BY extract(epoch FROM applied_at - received_at)) * 1e6)::bigint
		FROM (SELECT applied_at, received_at FROM events WHERE event_id LIKE 'evt_calm%%'
		  ORDER BY received_at OFFSET %d) e`, first,
	))) * time.Microsecond
}

// residentMost returns a channel that has, once ctx has ended, the most memory that each program had.
func residentMost(ctx context.Context, programs ...*program) <-chan []int64 {
	most := make(chan []int64, 1)
	go func() {
		seen := make([]int64, len(programs))
		for ctx.Err() == nil {
			for i, p := range programs {
				seen[i] = max(seen[i], residentOf(p.cmd.Process.Pid))
			}
			time.Sleep(100 * time.Millisecond)
		}
		most <- seen
	}()
	return most
}

// calmly lets each of the first n clinics deliver twice a second, at instants that chance gives and that are the same
// each time, and returns how long the answers took. Each must be 200.
func (f *field) calmly(t *testing.T, p *program, n int, lasts time.Duration) (took []time.Duration) {
	t.Helper()
	var mu sync.Mutex
	var all sync.WaitGroup
	until := time.Now().Add(lasts)
	for i, c := range f.clinics[:n] {
		all.Go(func() {
			chance := rand.New(rand.NewPCG(1, uint64(i)))
			pause := func() { time.Sleep(time.Duration(chance.Int64N(int64(time.Second)))) }
			pause()
			for time.Now().Before(until) {
				began := time.Now()
				body := fmt.Sprintf(
					`{"id":"evt_calm&%d","event":"PAYMENT_RECEIVED","dateCreated":"2026-11-22 08:00:00","account":{"id":%q},`+
						`"payment":{"object":"payment","id":"pay_%016d","value":310.00,`+
						`"netValue":308.01,"billingType":"PIX","status":"RECEIVED"}}`,
					began.UnixNano(),
					c.account,
					began.UnixNano()%1e15,
				)
				code := f.postBody(impatient, p, c, []byte(body))
				one := time.Since(began)
				mu.Lock()
				took = append(took, one)
				mu.Unlock()
				if code != http.StatusOK {
					t.Errorf("a calm clinic's delivery: %d after %s", code, one)
				}
				pause()
			}
		})
	}
	all.Wait()
	return took
}

// longText is what makes a body long. It is made once, as are the beginnings of bodies: a hundred mebibytes of
// garbage a second, in the process that takes the calm clinics' time, would be counted as theirs.
var longText, beginning = strings.Repeat("x", 1<<20), []byte(strings.Repeat("x", 1<<19))

func (f *field) postLong(client *http.Client, p *program, c demoClinic, n int64) int {
	head := fmt.Sprintf(
		`{"id":"evt_long&%d","event":"PAYMENT_RECEIVED","dateCreated":"2026-11-22 08:00:00","account":{"id":%q},`+
			`"payment":{"object":"payment","id":"pay_%016d","value":310.00,"netValue":308.01,`+
			`"billingType":"PIX","status":"RECEIVED","description":"`,
		n,
		c.account,
		n,
	)
	const end = `"}}`
	text := longText[:1<<20-len(head)-len(end)]
	body := io.MultiReader(strings.NewReader(head), strings.NewReader(text), strings.NewReader(end))
	return f.postReader(client, p, c, body, 1<<20)
}

func (f *field) postBody(client *http.Client, p *program, c demoClinic, body []byte) int {
	return f.postReader(client, p, c, bytes.NewReader(body), int64(len(body)))
}

func (f *field) postReader(client *http.Client, p *program, c demoClinic, body io.Reader, length int64) int {
	req, err := http.NewRequest(http.MethodPost, p.url, body)
	if err != nil {
		return 0
	}
	req.ContentLength = length
	req.Header.Set("asaas-access-token", c.token)
	res, err := client.Do(req)
	if err != nil {
		return 0
	}
	res.Body.Close()
	return res.StatusCode
}

func p99(took []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(took))
	return sorted[len(sorted)*99/100]
}

// residentOf returns the bytes of memory that a process has, 0 when it cannot be read.
func residentOf(pid int) int64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	if err != nil {
		return 0
	}
	pages, _ := strconv.ParseInt(strings.Fields(string(text))[1], 10, 64)
	return pages * int64(os.Getpagesize())
}
