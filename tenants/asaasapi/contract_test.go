package asaasapi

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"patapay/domain/asaas/simulator"
	"patapay/domain/asaas/simulator/api"
	"patapay/domain/asaas/simulator/clock"
	"patapay/domain/asaas/simulator/flows"
)

// exceptions are the places where our requests or the simulator's answers differ from the
// published description, and why. One that nothing needs any more fails the test.
var exceptions = map[string]string{
	"GET /v3/payments/{id}/refunds ?offset": unlisted,
	"GET /v3/payments/{id}/refunds ?limit":  unlisted,
	"GET /v3/wallets ?offset":               unlisted,
	"GET /v3/wallets ?limit":                unlisted,
	"GET /v3/payments/{id}/chargeback 404":  bare404,
	"POST /v3/chargebacks/{id}/dispute 404": bare404,
	"GET /v3/payments/{id}/escrow 404":      bare404,
	"POST /v3/webhooks/{id}/removeBackoff 204": "the answer of a newer call is reported to be empty; " +
		"the client takes 200 as well",
	"POST /v3/webhooks request.authToken": "the test sends a token that is too short, to be refused",
}

const (
	unlisted = "every list takes them (docs/gateway.md, lists); the description leaves them out for short ones"
	bare404  = "an id of nobody, or a charge without a dispute, " +
		"is answered 404 wherever it is asked for (docs/gateway.md, errors)"
)

// exchange is one request and its answer.
type exchange struct {
	method, path string
	query        url.Values
	kind         string // of the request's body
	request      []byte
	status       int
	answer       []byte
}

// wire keeps every exchange of a client.
type wire struct {
	http.RoundTripper
	mu   sync.Mutex
	seen []exchange
}

// RoundTrip makes the exchange and keeps it.
func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	x := exchange{method: r.Method, path: r.URL.Path, query: r.URL.Query(), kind: r.Header.Get("Content-Type")}
	if r.Body != nil {
		x.request, _ = io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(x.request))
	}
	res, err := w.RoundTripper.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	x.status = res.StatusCode
	x.answer, _ = io.ReadAll(res.Body)
	res.Body.Close()
	res.Body = io.NopCloser(bytes.NewReader(x.answer))
	w.mu.Lock()
	defer w.mu.Unlock()
	w.seen = append(w.seen, x)
	return res, nil
}

// differences returns what of an exchange breaks the description.
func (d description) differences(x exchange) (operation string, broken []string) {
	operation, op, ok := d.find(x.method, x.path)
	if !ok {
		return x.method + " " + x.path, []string{"is not described"}
	}
	for name := range x.query {
		if !slices.ContainsFunc(
			op.Parameters,
			func(p struct{ Name, In string }) bool { return p.In == "query" && p.Name == name },
		) {
			broken = append(broken, "?"+name+": not described")
		}
	}
	var value any
	if len(x.request) > 0 && strings.HasPrefix(x.kind, "application/json") {
		if json.Unmarshal(x.request, &value) != nil || op.RequestBody == nil {
			return operation, append(broken, "request: not described")
		}
		broken = append(broken, d.check("request", op.RequestBody, value)...)
	}
	status := strconv.Itoa(x.status)
	answer, described := op.Responses[status]
	switch {
	case !described:
		broken = append(broken, status+": not described")
	case len(x.answer) > 0 && answer != nil:
		if json.Unmarshal(x.answer, &value) != nil {
			return operation, append(broken, status+": no JSON")
		}
		broken = append(broken, d.check(status, answer, value)...)
	}
	return operation, broken
}

func TestClientAndSimulatorKeepToThePublishedDescription(t *testing.T) {
	w := newWorld(t, simulator.Options{Clock: clock.NewManualClock(noon)})
	kept := &wire{RoundTripper: w.Client.http.Transport}
	w.Client.http.Transport = kept
	for _, flow := range flows.All() {
		w.happen(t, flow)
	}
	w.callEverything(t)
	w.ownersCalls(t, kept)
	d := publishedDescription(t)
	used, reached := map[string]bool{}, map[string]bool{}
	for _, x := range kept.seen {
		operation, broken := d.differences(x)
		reached[operation] = true
		for _, line := range broken {
			place, _, _ := strings.Cut(line, ": ")
			key := operation + " " + place
			if used[key] = true; exceptions[key] == "" {
				t.Errorf("%s %s\n\tquery %v request %.300s\n\t%d %.300s", operation, line, x.query, x.request, x.status, x.answer)
			}
		}
	}
	for _, key := range slices.Sorted(maps.Keys(exceptions)) {
		if !used[key] {
			t.Errorf("%s is an exception and needs to be none any more", key)
		}
	}
	for _, endpoint := range api.Endpoints() {
		if operation := strings.Replace(endpoint, " ", " /v3", 1); !reached[operation] {
			t.Errorf("%s was not called", operation)
		}
	}
}
