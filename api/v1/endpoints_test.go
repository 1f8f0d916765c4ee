package v1_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/stretchr/testify/require"

	v1 "patapay/api/v1"
	"patapay/api/v1/feed"
	"patapay/domain/asaas/samples"
	"patapay/domain/endpoint"
	"patapay/jobs/endpoints"
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
			DB: w.api, Vault: w.vault, Bodies: &feed.Bodies{DB: w.api, Vault: w.vault}, Client: &endpoints.Client{Rule: rule},
			Now: w.clock, Wall: time.Now, Log: slog.New(slog.DiscardHandler),
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
	for _, inside := range []string{"http://example.com/", "https://127.0.0.1/", "https://localhost/", "https://169.254.169.254/latest", "https://example.com:22/"} {
		a := r.post("/endpoints", bag{"url": inside})
		require.Equal(t, 422, a.status, inside)
		require.Contains(t, a.text, `"/url"`)
	}
}
