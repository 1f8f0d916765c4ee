package v1_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/stretchr/testify/require"

	v1 "patapay/api/v1"
	"patapay/api/v1/feed"
	"patapay/domain/asaas/samples"
	"patapay/domain/endpoint"
	"patapay/jobs/endpoints"
	"patapay/tenants"
	store "patapay/tenants/endpoints"
	"patapay/tenants/query"
	"patapay/tenants/tenantstest"
)

// A clinic's endpoint from its making to its end: what is pushed is what the feed tells, signed with the
// secret that was shown once.
func TestWhatIsPushedIsWhatTheFeedTells(t *testing.T) {
	t.Parallel()
	rule := endpoint.URLRule{Development: true}
	w := newReadWorld(t, func(s *v1.Server, _ *readWorld) { s.Endpoints = rule })
	c := w.clinic(t, "Vida")
	r := w.as(t, c, "admin")
	var mu sync.Mutex
	var heads []http.Header
	var bodies [][]byte
	receiver := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, in *http.Request) {
		raw, _ := io.ReadAll(in.Body)
		mu.Lock()
		defer mu.Unlock()
		heads, bodies = append(heads, in.Header.Clone()), append(bodies, raw)
		_, _ = out.Write([]byte("recebido"))
	}))
	t.Cleanup(receiver.Close)
	made := r.post("/endpoints", bag{"url": receiver.URL})
	require.Equal(t, 201, made.status, made.text)
	id, secret := made.body["id"].(string), made.body["secret"].(string)
	require.NotContains(t, r.ok("/endpoints/"+id).text, secret[6:], "shown once")
	require.NotContains(t, r.ok("/endpoints").text, secret[6:])
	w.deliver(t, c, samples.Event("payment_received_pix.real"), samples.Event("checkout_paid_pix.real"))
	require.Equal(t, 200, r.post("/endpoints/"+id+"/test", nil).status)
	push := func() {
		s := &endpoints.Sender{
			DB: w.api, Vault: w.vault, Bodies: &feed.Bodies{DB: w.api, Vault: w.vault, Now: w.clock},
			Client: &endpoints.Client{Rule: rule}, Now: w.clock, Wall: time.Now, Log: slog.New(slog.DiscardHandler),
		}
		require.NoError(t, s.Sweep(context.Background()))
		s.Wait()
	}
	push()
	told := r.ok("/feed?limit=100").data()
	require.NotEmpty(t, told)
	require.Len(t, bodies, len(told)+1, "and the test")
	verifier, err := standardwebhooks.NewWebhook(secret)
	require.NoError(t, err)
	pushed := map[float64]bag{}
	for i, raw := range bodies {
		require.NoError(t, verifier.Verify(raw, heads[i]))
		var one bag
		require.NoError(t, json.Unmarshal(raw, &one))
		if one["type"] != endpoint.TestType {
			pushed[one["seq"].(float64)] = one
		}
	}
	for _, entry := range told {
		require.Equal(t, bag(entry), pushed[entry["seq"].(float64)])
	}
	list := r.ok("/endpoints/" + id + "/deliveries").data()
	require.Len(t, list, len(bodies))
	require.Equal(t, "recebido", list[0]["answer"])
	require.Empty(t, r.ok("/endpoints/"+id+"/deliveries?state=failed").data())
	replay := r.post("/endpoints/"+id+"/replay", bag{"after": 0})
	require.Equal(t, 200, replay.status, replay.text)
	push()
	require.Len(t, bodies, 2*len(told)+1, "the same once more")
	require.Equal(t, 422, r.post("/endpoints/"+id+"/replay", bag{"after": 0, "since": "2026-01-01T00:00:00Z"}).status)
	require.Equal(t, "paused", r.post("/endpoints/"+id+"/pause", nil).body["state"])
	require.Equal(t, "active", r.post("/endpoints/"+id+"/resume", nil).body["state"])
	require.Equal(t, 204, r.request("DELETE", "/v1/tenants/"+c.PublicID.Public("ten")+"/endpoints/"+id, nil).status)
	require.Equal(t, 403, w.as(t, c, "finance").get("/endpoints").status, "for administrators")
}

func TestAnEndpointThatLeadsInsideIsRefusedWithWords(t *testing.T) {
	t.Parallel()
	w := newReadWorld(t)
	r := w.as(t, w.clinic(t, "Vida"), "admin")
	for _, inside := range []string{
		"http://example.com/", "https://127.0.0.1/", "https://localhost/",
		"https://169.254.169.254/latest", "https://example.com:22/",
	} {
		a := r.post("/endpoints", bag{"url": inside})
		require.Equal(t, 422, a.status, inside)
		require.Contains(t, a.text, `"/url"`)
	}
}

// What a batch costs does not grow with its entries, and a clinic in it costs one transaction while its view is kept: a
// batch cost a transaction for each clinic in it, each time.
func TestABatchOfManyClinicsTakesAFewStatements(t *testing.T) {
	t.Parallel()
	w := newReadWorld(t)
	const clinics, each = 12, 10
	for n := range clinics {
		c := w.clinic(t, fmt.Sprint("Clinica ", n))
		w.exec(t, `INSERT INTO changes (clinic_id, seq, kind, object_id, asaas_id, version, at, state)
			SELECT $1, n, 'payment', (lpad(to_hex(1795000000000 + n), 12, '0') || '70008000' || lpad(to_hex(n), 12, '0'))::uuid,
				'pay_' || n, 1, now(), json_build_object('ID', 'pay_' || n, 'Status', 'received')
			FROM generate_series(1, $2::int) n`, c.ID, each)
	}
	counter, address := counted(t, w.base.Direct(tenantstest.API))
	db, err := tenants.Open(address, tenants.Options{Name: "counted", MaxConns: 2})
	require.NoError(t, err)
	t.Cleanup(db.Close)
	var refuse atomic.Bool
	var got atomic.Int64
	receiver := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, in *http.Request) {
		if refuse.Load() {
			out.WriteHeader(http.StatusInternalServerError)
			return
		}
		got.Add(1)
		out.WriteHeader(http.StatusNoContent)
	}))
	t.Cleanup(receiver.Close)
	now := w.now
	s := &endpoints.Sender{
		DB: db, Vault: w.vault, Bodies: &feed.Bodies{DB: db, Vault: w.vault, Now: w.clock},
		Client: &endpoints.Client{Rule: endpoint.URLRule{Development: true}},
		Now:    func() time.Time { return now }, Wall: time.Now, Log: slog.New(slog.DiscardHandler),
	}
	sweep := func() int {
		before := counter.Load()
		require.NoError(t, s.Sweep(t.Context()))
		s.Wait()
		return int(counter.Load() - before)
	}
	var e store.Endpoint
	require.NoError(t, w.api.Platform(t.Context(), func(tx *tenants.Tx) (err error) {
		e, _, err = store.Add(tx, w.vault, store.Endpoint{URL: receiver.URL, Payload: endpoint.Whole, CreatedBy: "test"}, now)
		return err
	}))
	// The platform's feed shows an entry once no older transaction of the whole server may still commit.
	tenantstest.Eventually(t, time.Minute, "everything is in the platform's feed", func() bool {
		entries, _, err := query.PlatformFeed(w.api, t.Context(), "", 200)
		return err == nil && len(entries) == clinics*each
	})
	again := func() {
		require.NoError(t, w.api.Platform(t.Context(), func(tx *tenants.Tx) error {
			return store.Replay(tx, e, query.Place{}, now)
		}))
	}
	first := sweep()
	require.EqualValues(t, clinics*each, got.Load())
	again()
	kept := sweep()
	require.EqualValues(t, 2*clinics*each, got.Load())
	refuse.Store(true)
	again()
	sweep()
	refuse.Store(false)
	now = now.Add(time.Hour)
	waited := sweep()
	require.EqualValues(t, 3*clinics*each, got.Load())
	t.Logf("%d statements the first time, %d when views are kept, %d for what waited", first, kept, waited)
	require.LessOrEqual(t, kept, 24)
	require.LessOrEqual(t, waited, 48, "two batches: the one that asks whether it is well, and the rest")
	require.LessOrEqual(t, first, 24+5*clinics)
	require.Greater(t, kept, 8, "the counter counts")
}
