package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patapay/api/client"
	"patapay/api/client/clienttest"
	"patapay/tenants/tenantstest"
)

// seen is what a reader of the platform's feed came upon.
type seen struct {
	mu      sync.Mutex
	entries []seenEntry
}

type seenEntry struct {
	TenantID, ObjectID, AsaasID, Cursor string
	Seq, Version                        int64
	OccurredAt                          time.Time // applied
	at                                  time.Time // read
}

func (s *seen) add(e seenEntry) {
	e.at = time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.entries = append(s.entries, e)
}

func (s *seen) all() []seenEntry {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.entries)
}

// Many clinics, many workers, a rate; one reader on the stream, one that polls as fast as
// it is let. What each sees is every version of every object once, in each clinic's order
// and without a gap, and the stream shows a change soon after its event was sent.
func TestFaultTheFeedOfManyClinicsIsWholeAndSeenAtOnce(t *testing.T) {
	for _, run := range feedRuns {
		t.Run(fmt.Sprintf("%d processes of %d workers", run.processes, run.each), func(t *testing.T) { run.follow(t) })
	}
}

// feedRun is how many processes of how many workers each, and after what time a change is
// visible to 99 of 100.
type feedRun struct {
	processes, each int
	visible         time.Duration
}

func (run feedRun) follow(t *testing.T) {
	f := newField(t, "on", feedClinics)
	door := f.start("serve")
	for range run.processes {
		f.start("work", fmt.Sprint("WORK_AT_ONCE=", run.each))
	}
	token, err := f.command(nil, "token", "--ttl", "2h").Output()
	require.NoError(t, err)
	base := strings.TrimSuffix(door.url, "/financial/gateway-payments/webhook/asaas")
	api, err := client.New(base, strings.TrimSpace(string(token)), client.WithTries(20))
	require.NoError(t, err)
	head, err := api.GetPlatformFeedWithResponse(t.Context(), &client.GetPlatformFeedParams{Limit: new(int64)})
	require.NoError(t, err)
	ctx, stop := context.WithCancel(t.Context())
	var readers sync.WaitGroup
	defer readers.Wait()
	defer stop()
	var streamed, polled seen
	readers.Go(func() { stream(ctx, t, base, strings.TrimSpace(string(token)), head.JSON200.Head, &streamed) })
	readers.Go(func() { poll(ctx, t, api, head.JSON200.Head, &polled) })

	sentAt := f.sendAt(t, door.url, 0, feedRate, feedLasts)
	tenantstest.Eventually(t, time.Minute, "both readers saw everything", func() bool {
		return len(objects(streamed.all())) >= len(sentAt) && len(objects(polled.all())) >= len(sentAt)
	})
	total := f.number(`SELECT count(*)::int FROM changes WHERE kind <> 'connection'`)
	tenantstest.Eventually(
		t,
		time.Minute,
		"and to the end",
		func() bool { return len(streamed.all()) >= total && len(polled.all()) >= total },
	)
	for name, reader := range map[string]*seen{"stream": &streamed, "poll": &polled} {
		gapless(t, name, reader.all())
	}
	var applied, visible []time.Duration
	for _, e := range streamed.all() {
		if sent, there := sentAt[e.AsaasID]; there && e.Version == 1 {
			applied, visible = append(applied, e.OccurredAt.Sub(sent)), append(visible, e.at.Sub(sent))
		}
	}
	slices.Sort(applied)
	slices.Sort(visible)
	require.Len(t, visible, len(sentAt))
	p99 := visible[len(visible)*99/100]
	fmt.Printf(
		"feed: %d events at %d/s, %d clinics, %d×%d workers: applied after p50 %d ms, p99 %d ms; "+
			"seen on the stream after p50 %d ms, p99 %d ms\n",
		len(visible), feedRate, feedClinics, run.processes, run.each, applied[len(applied)/2].Milliseconds(),
		applied[len(applied)*99/100].Milliseconds(), visible[len(visible)/2].Milliseconds(), p99.Milliseconds(),
	)
	require.LessOrEqual(t, p99, run.visible)
}

// sendAt sends so many events a second, each of a payment of its own, and returns when; from is
// the number of the first.
func (f *field) sendAt(t *testing.T, url string, from, rate int, lasts time.Duration) map[string]time.Time {
	t.Helper()
	var mu sync.Mutex
	sentAt := map[string]time.Time{}
	var sending sync.WaitGroup
	tick := time.NewTicker(time.Second / time.Duration(rate))
	defer tick.Stop()
	for i := range rate * int(lasts.Seconds()) {
		n := from + i
		<-tick.C
		sending.Go(func() {
			c := f.clinics[n%len(f.clinics)]
			body := clienttest.Clinic{AccountID: c.account}.Event("PAYMENT_CREATED", "PENDING", n, 1000+n)
			mu.Lock()
			sentAt[clienttest.Payment(n)] = time.Now()
			mu.Unlock()
			if code, err := post(url, c.token, body); err != nil || code != http.StatusOK {
				t.Errorf("the door answered %d %v", code, err)
			}
		})
	}
	sending.Wait()
	return sentAt
}

// stream follows the platform's server-sent events until ctx ends.
func stream(ctx context.Context, t *testing.T, base, token, cursor string, into *seen) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/v1/feed/stream?cursor="+cursor, nil)
	if err != nil {
		t.Error(err)
		return
	}
	r.Header.Set("Authorization", "Bearer "+token)
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Error(err)
		return
	}
	defer res.Body.Close()
	lines := bufio.NewScanner(res.Body)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		data, is := strings.CutPrefix(lines.Text(), "data: ")
		if !is {
			continue
		}
		var e seenEntry
		if err := json.Unmarshal([]byte(data), &e); err != nil {
			t.Error(err)
		}
		into.add(e)
	}
	if ctx.Err() == nil {
		t.Errorf("the stream ended: %v", lines.Err())
	}
}

// poll reads the platform's feed, a few entries at a time, as fast as it is let.
func poll(ctx context.Context, t *testing.T, api *client.API, cursor string, into *seen) {
	for ctx.Err() == nil {
		limit := int64(50)
		res, err := api.GetPlatformFeedWithResponse(ctx, &client.GetPlatformFeedParams{Cursor: &cursor, Limit: &limit})
		if err != nil {
			if !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
			return
		}
		for _, e := range res.JSON200.Data {
			into.add(seenEntry{TenantID: e.TenantID, ObjectID: e.ObjectID, AsaasID: e.AsaasID, Seq: e.Seq, Version: e.Version})
			cursor = *e.Cursor
		}
	}
}

func objects(list []seenEntry) map[string]bool {
	all := map[string]bool{}
	for _, e := range list {
		all[e.AsaasID] = true
	}
	return all
}

// gapless fails unless each clinic's numbers follow each other without a gap in the order in which they were read, and
// each object's versions too. A clinic's first entry, its connection's first version, was there before the reader.
func gapless(t *testing.T, reader string, list []seenEntry) {
	t.Helper()
	last, versions := map[string]int64{}, map[string]int64{}
	for _, e := range list {
		last[e.TenantID] = max(last[e.TenantID], 1) + 1
		if versions[e.ObjectID]++; versions[e.ObjectID] == 1 && strings.HasPrefix(e.ObjectID, "con_") {
			versions[e.ObjectID] = 2
		}
		require.Equal(t, last[e.TenantID], e.Seq, "%s: a gap, a repeat or another order in %s", reader, e.TenantID)
		require.Equal(t, versions[e.ObjectID], e.Version, "%s: %s", reader, e.ObjectID)
	}
}
