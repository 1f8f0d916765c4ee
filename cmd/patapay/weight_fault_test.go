//go:build faults

package main

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// TestFaultOneClinicsWeightHurtsNobodyElse posts bodies at the limit from one clinic, on 32
// connections and paced to 40 MiB/s in all, beside fifty calm clinics: each of their deliveries is
// 200, as quickly as twice what it takes them alone, within 128 MiB of memory. WEIGHT_LASTS is how long, 20s unless it is set.
func TestFaultOneClinicsWeightHurtsNobodyElse(t *testing.T) {
	lasts, err := time.ParseDuration(os.Getenv("WEIGHT_LASTS"))
	if err != nil {
		lasts = 20 * time.Second
	}
	const calm, heavyConns, perSecond = 50, 32, 40
	f := newField(t, "off", calm+1)
	serve := f.start("serve")
	f.start("work")
	before := f.calmly(t, serve, calm, lasts/4)
	ends := make(chan struct{})
	var all sync.WaitGroup
	var heavy, refusedHeavy atomic.Int64
	pace := time.NewTicker(time.Second / perSecond)
	defer pace.Stop()
	client := &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: heavyConns}}
	for range heavyConns {
		all.Go(func() {
			for {
				select {
				case <-ends:
					return
				case <-pace.C:
				}
				if f.postLong(client, serve, f.clinics[calm], heavy.Add(1)) != http.StatusOK {
					refusedHeavy.Add(1)
				}
			}
		})
	}
	most := make(chan int64, 1)
	go func() {
		var rss int64
		for {
			select {
			case <-ends:
				most <- rss
				return
			case <-time.After(100 * time.Millisecond):
				rss = max(rss, residentOf(serve.cmd.Process.Pid))
			}
		}
	}()
	during := f.calmly(t, serve, calm, lasts)
	close(ends)
	all.Wait()
	rss := <-most
	t.Logf(
		"calm p99 %s, beside %d long bodies (%d not stored) %s; serve had %d MiB", p99(before), heavy.Load(),
		refusedHeavy.Load(), p99(during), rss>>20,
	)
	if rss > 128<<20 {
		t.Errorf("serve had %d MiB", rss>>20)
	}
	if p99(during) > 2*p99(before) {
		t.Errorf("p99 %s beside one clinic's weight, %s without", p99(during), p99(before))
	}
}

// calmly lets each of the first n clinics deliver twice a second and returns how long the answers
// took. Each must be 200.
func (f *field) calmly(t *testing.T, p *program, n int, lasts time.Duration) (took []time.Duration) {
	t.Helper()
	var mu sync.Mutex
	var all sync.WaitGroup
	until := time.Now().Add(lasts)
	for i, c := range f.clinics[:n] {
		all.Go(func() {
			time.Sleep(time.Duration(i) * 500 * time.Millisecond / time.Duration(n))
			for time.Now().Before(until) {
				began := time.Now()
				body := fmt.Sprintf(
					`{"id":"evt_calm&%d","event":"PAYMENT_RECEIVED","dateCreated":"2026-11-22 08:00:00","account":{"id":%q},`+
						`"payment":{"object":"payment","id":"pay_%016d","value":310.00,"netValue":308.01,"billingType":"PIX","status":"RECEIVED"}}`,
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
				time.Sleep(500 * time.Millisecond)
			}
		})
	}
	all.Wait()
	return took
}

func (f *field) postLong(client *http.Client, p *program, c demoClinic, n int64) int {
	body := fmt.Sprintf(
		`{"id":"evt_long&%d","event":"PAYMENT_RECEIVED","dateCreated":"2026-11-22 08:00:00","account":{"id":%q},`+
			`"payment":{"object":"payment","id":"pay_%016d","value":310.00,"netValue":308.01,"billingType":"PIX","status":"RECEIVED","description":"`,
		n,
		c.account,
		n,
	)
	body += strings.Repeat("x", 1<<20-len(body)-3) + `"}}`
	return f.postBody(client, p, c, []byte(body))
}

func (f *field) postBody(client *http.Client, p *program, c demoClinic, body []byte) int {
	req, err := http.NewRequest(http.MethodPost, p.url, bytes.NewReader(body))
	if err != nil {
		return 0
	}
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
