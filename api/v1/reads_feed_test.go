package v1_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patapay/api/rest"
	"patapay/domain/asaas/samples"
	"patapay/tenants/query"
)

// The change feed as billing reads it (docs/api-guide.md, following changes).

func (w *readWorld) platform(t testing.TB) *reader {
	return &reader{t, w, "/v1", w.token(t, nil, "service", rest.AllScopes()...)}
}

func entriesIn(r reply) []map[string]any { return maps(r.body["data"]) }

func maps(v any) (list []map[string]any) {
	for _, e := range v.([]any) {
		list = append(list, e.(map[string]any))
	}
	return list
}

func TestTheFeedTellsOfEachChangeWithTheObjectAfterIt(t *testing.T) {
	t.Parallel()
	w := newReadWorld(t)
	vida := w.clinic(t, "Vida")
	w.deliver(t, vida, samples.Event("payment_created_pix.real"))
	w.deliver(t, vida, samples.Event("payment_received_pix.real"))
	r := w.as(t, vida, "finance")
	got := r.get("/feed?limit=1")
	require.Equal(t, 200, got.status, got.text)
	require.Equal(t, true, got.body["hasMore"])
	require.EqualValues(t, 2, got.body["newest"])
	first := entriesIn(got)[0]
	require.Equal(t, "pending", first["object"].(map[string]any)["status"], "the state after that change, not today's")
	require.EqualValues(t, 1, first["version"])
	second := entriesIn(r.get("/feed?after=1"))[0]
	require.Equal(t, "invoice.updated", second["type"])
	require.Equal(t, vida.PublicID.Public("ten"), second["tenantId"])
	one := r.get("/invoices/" + second["objectId"].(string))
	object := second["object"].(map[string]any)
	object["anticipation"] = one.body["anticipation"]
	require.Equal(t, one.body, object, "the last entry is the invoice itself")
	empty := r.get("/feed?after=2")
	require.Empty(t, entriesIn(empty))
	require.Equal(t, false, empty.body["hasMore"])
	require.Equal(t, "cursor_mismatch", r.get("/feed?after=3").body["code"])
}

func TestANewReaderLearnsWhereTheFeedEndsAlsoWhenItsBeginningIsGone(t *testing.T) {
	t.Parallel()
	w := newReadWorld(t)
	vida := w.clinic(t, "Vida")
	w.deliver(t, vida, samples.Event("payment_created_pix.real"))
	w.deliver(t, vida, samples.Event("payment_received_pix.real"))
	until(
		t,
		"no transaction of this server, of another test's either, is older than the entries",
		func() bool { return len(w.platform(t).ok("/v1/feed").data()) == 2 },
	)
	_, err := query.TrimFeed(w.worker, t.Context(), w.now.Add(time.Second))
	require.NoError(t, err)
	r := w.as(t, vida, "finance")
	require.Equal(t, "cursor_expired", r.get("/feed").body["code"])
	for _, query := range []string{"limit=0", "limit=0&wait=30", "limit=0&after=9"} {
		got := r.ok("/feed?" + query)
		require.EqualValues(t, 2, got.body["newest"])
		require.Equal(t, []any{}, got.body["data"])
	}
	platform := w.platform(t).ok("/v1/feed?limit=0")
	require.Equal(t, false, platform.body["hasMore"])
	require.Equal(t, 200, w.platform(t).get("/v1/feed?cursor="+platform.body["head"].(string)).status)
}

func TestAWaitingReaderIsAnsweredWhenSomethingChanges(t *testing.T) {
	t.Parallel()
	w := newReadWorld(t)
	vida := w.clinic(t, "Vida")
	answered := make(chan reply, 1)
	r := w.as(t, vida, "finance")
	go func() { answered <- r.get("/feed?wait=20") }()
	<-w.changes.asked
	w.deliver(t, vida, samples.Event("payment_created_pix.real")) // the word of it is lost: readers look by themselves
	require.Len(t, entriesIn(<-answered), 1)
	require.Empty(t, entriesIn(r.get("/feed?after=1&wait=1")))
	<-w.changes.asked // it waited, in vain
}

func TestThePlatformsFeedHasAllClinicsAndNobodyElseReadsIt(t *testing.T) {
	t.Parallel()
	w := newReadWorld(t)
	vida, sorriso := w.clinic(t, "Vida"), w.clinic(t, "Sorriso")
	w.deliver(t, vida, samples.Event("payment_created_pix.real"))
	w.deliver(t, sorriso, samples.Event("checkout_created_recurrent.doc"))
	p := w.platform(t)
	var list []map[string]any
	cursor := ""
	require.Eventually(t, func() bool {
		got := p.get("/v1/feed?limit=1&cursor=" + cursor)
		for _, e := range entriesIn(got) {
			list, cursor = append(list, e), e["cursor"].(string)
		}
		return len(list) == 2
	}, 20*time.Second, 20*time.Millisecond)
	require.Equal(
		t,
		[]any{vida.PublicID.Public("ten"), "invoice.updated", sorriso.PublicID.Public("ten"), "checkout.updated"},
		[]any{list[0]["tenantId"], list[0]["type"], list[1]["tenantId"], list[1]["type"]},
	)
	require.Equal(t, 403, w.as(t, vida, "admin").get("/v1/feed").status)
	require.Equal(t, 403, w.as(t, vida, "admin").get("/v1/feed/stream").status)
	require.Equal(t, 404, w.as(t, vida, "admin").get("/v1/tenants/"+sorriso.PublicID.Public("ten")+"/feed").status)
	require.Equal(t, "cursor_mismatch", p.get("/v1/feed?cursor=abc").body["code"])
	head := p.get("/v1/feed").body["head"].(string)
	require.Equal(t, 200, p.get("/v1/feed?cursor="+head).status)
}

func TestADroppedPlaceIsGoneOnPageAndStream(t *testing.T) {
	t.Parallel()
	w := newReadWorld(t)
	vida := w.clinic(t, "Vida")
	w.deliver(t, vida, samples.Event("payment_created_pix.real"))
	_, err := query.TrimFeed(w.worker, t.Context(), w.now.Add(time.Hour))
	require.NoError(t, err)
	r := w.as(t, vida, "finance")
	for _, path := range []string{"/feed", "/feed/stream"} {
		got := r.get(path)
		require.Equal(t, 410, got.status, got.text)
		require.Equal(t, "cursor_expired", got.body["code"])
	}
	require.Equal(t, 200, r.get("/feed?after=1").status)
}

// line reads an event stream until it has n changes.
func (r *reader) line(ctx context.Context, path, last string, n int) (ids []string, entries []map[string]any) {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, "GET", r.w.url+path, nil)
	require.NoError(r.t, err)
	req.Header.Set("Authorization", "Bearer "+r.token)
	if last != "" {
		req.Header.Set("Last-Event-ID", last)
	}
	res, err := http.DefaultClient.Do(req)
	require.NoError(r.t, err)
	defer res.Body.Close()
	require.Equal(r.t, "text/event-stream", res.Header.Get("Content-Type"))
	lines := bufio.NewScanner(res.Body)
	for len(entries) < n && lines.Scan() {
		if id, ok := strings.CutPrefix(lines.Text(), "id: "); ok {
			ids = append(ids, id)
		}
		if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
			var e map[string]any
			require.NoError(r.t, json.Unmarshal([]byte(data), &e))
			entries = append(entries, e)
		}
	}
	return ids, entries
}

func TestAStreamTellsWhatWasAndWhatComesAndGoesOnWhereItBroke(t *testing.T) {
	t.Parallel()
	w := newReadWorld(t)
	vida := w.clinic(t, "Vida")
	w.deliver(t, vida, samples.Event("payment_created_pix.real"))
	r := w.as(t, vida, "finance")
	go func() {
		<-w.changes.asked // the stream is open
		w.deliver(t, vida, samples.Event("payment_received_pix.real"))
		w.changes.tell()
	}()
	ids, entries := r.line(t.Context(), r.base+"/feed/stream", "", 2)
	require.Equal(t, []string{"1", "2"}, ids)
	require.Equal(t, "received", entries[1]["object"].(map[string]any)["status"])
	ids, _ = r.line(t.Context(), r.base+"/feed/stream", "1", 1)
	require.Equal(t, []string{"2"}, ids)
	ids, entries = w.platform(t).line(t.Context(), "/v1/feed/stream", "", 2)
	require.Equal(t, entries[1]["cursor"], ids[1])
}

func TestTheFeedHidesWhatItsReaderMayNotSee(t *testing.T) {
	t.Parallel()
	w := newReadWorld(t)
	vida := w.clinic(t, "Vida")
	body, err := samples.Edit{
		Set: []string{"payment.description=Consulta da Mel"},
	}.Apply(samples.Event("payment_created_pix.real"))
	require.NoError(t, err)
	w.deliver(t, vida, body)
	require.Contains(t, w.as(t, vida, "finance").get("/feed").text, "Consulta da Mel")
	require.NotContains(
		t,
		w.operator(t, vida, "support").get("/feed", "X-Access-Reason", "chamado 4711 da clínica").text,
		"Consulta da Mel",
	)
}

func TestAFeedWithoutItsScopeIsForbidden(t *testing.T) {
	t.Parallel()
	w := newReadWorld(t)
	vida := w.clinic(t, "Vida")
	r := &reader{t, w, "/v1/tenants/" + vida.PublicID.Public("ten"), w.token(t, &vida, "admin", "invoices:read")}
	for _, path := range []string{"/feed", "/feed/stream"} {
		require.Equal(t, 403, r.get(path).status, fmt.Sprint(path))
	}
}
