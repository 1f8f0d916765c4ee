package client

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// script is a PataPay that answers as it is told, then as at last.
type script struct {
	answers []func(http.ResponseWriter)
	got     []*http.Request
	bodies  []string
}

func (s *script) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	raw, _ := io.ReadAll(r.Body)
	s.got, s.bodies = append(s.got, r), append(s.bodies, string(raw))
	s.answers[min(len(s.got), len(s.answers))-1](w)
}

func problem(status int, code string, retryable bool, headers ...string) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) {
		w.Header().Set("Content-Type", "application/problem+json")
		for i := 0; i+1 < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(status)
		_ = json.NewEncoder(
			w,
		).Encode(
			map[string]any{
				"type":      "/docs/erros/x",
				"title":     "X",
				"status":    status,
				"code":      code,
				"retryable": retryable,
				"requestId": "req_1",
			},
		)
	}
}

func ok(body string) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, body)
	}
}

// speak returns a client of a PataPay that answers so, and how long it rested.
func speak(t *testing.T, answers ...func(http.ResponseWriter)) (*API, *script, *[]time.Duration) {
	t.Helper()
	s := &script{answers: answers}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	a, err := New(server.URL, "secret")
	require.NoError(t, err)
	var rests []time.Duration
	a.doer.pause = func(ctx context.Context, d time.Duration) error { rests = append(rests, d); return ctx.Err() }
	return a, s, &rests
}

func TestOnlyWhatIsRetryableIsTriedAgain(t *testing.T) {
	me := ok(`{"subject":"billing","role":"service","scopes":[],"platform":true}`)
	for _, c := range []struct {
		name    string
		answers []func(http.ResponseWriter)
		calls   int
		code    string
	}{
		{
			"what passes is tried until it did",
			[]func(http.ResponseWriter){problem(503, "unavailable", true), problem(500, "internal", true), me},
			3, "",
		},
		{"what does not pass is not", []func(http.ResponseWriter){problem(409, "conflict", false), me}, 1, "conflict"},
		{"a status alone decides nothing", []func(http.ResponseWriter){problem(503, "odd", false), me}, 1, "odd"},
		{"four tries, no more", []func(http.ResponseWriter){problem(503, "unavailable", true)}, 4, "unavailable"},
		{"a gateway in between that fails", []func(http.ResponseWriter){func(w http.ResponseWriter) {
			w.WriteHeader(502)
		}, me}, 2, ""},
		{"a page of somebody's is not our answer", []func(http.ResponseWriter){func(w http.ResponseWriter) {
			_, _ = io.WriteString(w, "<html>log in</html>")
		}}, 1, "http_200"},
	} {
		t.Run(c.name, func(t *testing.T) {
			a, s, _ := speak(t, c.answers...)
			_, err := a.MeWithResponse(t.Context())
			require.Len(t, s.got, c.calls)
			var refused *Error
			if errors.As(err, &refused); c.code == "" {
				require.NoError(t, err)
			} else {
				require.Equal(t, c.code, refused.Code)
			}
			require.Equal(t, "Bearer secret", s.got[0].Header.Get("Authorization"))
		})
	}
}

func TestAChangeIsRepeatedOnlyWithAKeyThatMakesItOne(t *testing.T) {
	for key, calls := range map[string]int{"": 1, "once": 2} {
		a, s, _ := speak(t, problem(503, "unavailable", true), ok(`{}`))
		_, err := a.AssignWorkItemWithResponse(
			t.Context(),
			"ten_1",
			"itm_1",
			&AssignWorkItemParams{},
			AssignWorkItemJSONRequestBody{Owner: "Vida"},
			func(_ context.Context, r *http.Request) error {
				if key != "" {
					r.Header.Set("Idempotency-Key", key)
				}
				return nil
			},
		)
		require.Equal(t, calls == 1, err != nil)
		require.Len(t, s.got, calls)
		require.Equal(t, s.bodies[0], s.bodies[calls-1], "the body again, whole")
		require.Contains(t, s.bodies[0], "Vida")
	}
}

func TestItWaitsAsLongAsItIsTold(t *testing.T) {
	a, _, rests := speak(
		t,
		problem(429, "rate_limited", true, "Retry-After", "7"),
		problem(503, "unavailable", true),
		ok(`{}`),
	)
	_, err := a.MeWithResponse(t.Context())
	require.NoError(t, err)
	require.Equal(t, 7*time.Second, (*rests)[0])
	require.InDelta(t, 500, (*rests)[1].Milliseconds(), 100, "0.4 s and up to half of it")
}

func TestAFollowerSeesEachVersionOnceAndGoesOnAfterFailures(t *testing.T) {
	entry := func(seq, version string) string {
		return `{"seq":` + seq + `,"objectId":"ivc_1","version":` + version + `,"type":"invoice.updated","object":{}}`
	}
	page := func(entries ...string) func(http.ResponseWriter) {
		return ok(`{"data":[` + strings.Join(entries, ",") + `],"hasMore":false,"newest":9}`)
	}
	a, s, _ := speak(
		t, page(entry("3", "1"), entry("4", "2")), problem(503, "unavailable", true), page(),
		page(entry("5", "2"), entry("6", "3")), problem(410, "cursor_expired", false),
	)
	var versions, places []int64
	err := a.Follow(t.Context(), "ten_1", 2, func(c Changes) error {
		places = append(places, c.Seq)
		for _, e := range c.Entries {
			versions = append(versions, e.Version)
		}
		return nil
	})
	require.ErrorIs(t, err, ErrCursorExpired)
	require.Equal(t, []int64{1, 2, 3}, versions)
	require.Equal(t, []int64{4, 6}, places)
	var after []string
	for _, r := range s.got {
		after = append(after, r.URL.Query().Get("after"))
	}
	require.Equal(t, []string{"2", "4", "4", "4", "6"}, after)
	require.Equal(t, "30", s.got[0].URL.Query().Get("wait"))
}

func TestAFollowerEndsWithItsOwnError(t *testing.T) {
	a, _, _ := speak(t, ok(`{"data":[{"seq":1,"objectId":"x","version":1,"cursor":"c1"}],"hasMore":false,"head":"c1"}`))
	mine := errors.New("the disk is full")
	require.ErrorIs(
		t,
		a.FollowPlatform(t.Context(), "c0", func(c Changes) error { require.Equal(t, "c1", c.Cursor); return mine }),
		mine,
	)
	ctx, end := context.WithCancel(t.Context())
	require.ErrorIs(t, a.Follow(ctx, "ten_1", 0, func(Changes) error { end(); return nil }), context.Canceled)
}

func TestAListEndsWhereItSaysAndStopsWhenAsked(t *testing.T) {
	a, s, _ := speak(
		t,
		ok(`{"data":[{"id":"1"},{"id":"2"}],"page":{"hasMore":true,"nextCursor":"c","prevCursor":null}}`),
		ok(`{"data":[{"id":"3"}],"page":{"hasMore":false,"nextCursor":null,"prevCursor":null}}`),
	)
	var ids []string
	for v, err := range a.Invoices(t.Context(), "ten_1", ListInvoicesParams{}) {
		require.NoError(t, err)
		ids = append(ids, v.ID)
	}
	require.Equal(t, []string{"1", "2", "3"}, ids)
	require.Equal(t, "c", s.got[1].URL.Query().Get("cursor"))
	lost, _, _ := speak(t, ok(`{"data":[],"page":{"hasMore":true,"nextCursor":null,"prevCursor":null}}`))
	for _, err := range lost.Invoices(t.Context(), "ten_1", ListInvoicesParams{}) {
		require.ErrorIs(t, err, ErrStopped)
	}
	for range a.Invoices(t.Context(), "ten_1", ListInvoicesParams{}) {
		break
	}
}

func TestABaseThatIsNoAddressIsRefused(t *testing.T) {
	for _, base := range []string{"", "localhost:8080", "ftp://x", "https://"} {
		_, err := New(base, "t")
		require.Error(t, err, base)
	}
}

func TestEveryOperationOfTheContractHasAMethod(t *testing.T) {
	raw, err := os.ReadFile("../v1/openapi.json")
	require.NoError(t, err)
	var doc struct {
		Paths map[string]map[string]struct{ OperationID string }
	}
	require.NoError(t, json.Unmarshal(raw, &doc))
	api := reflect.TypeFor[*API]()
	for path, operations := range doc.Paths {
		for method, op := range operations {
			name := strings.ToUpper(op.OperationID[:1]) + op.OperationID[1:]
			plain, with := api.MethodByName(name + "WithResponse")
			_, body := api.MethodByName(name + "WithBodyWithResponse")
			require.True(t, with || body, "%s %s %v", method, path, plain)
		}
	}
}

func TestBeforeSeesEachCallOnceAndMayEndIt(t *testing.T) {
	answers := &script{
		answers: []func(http.ResponseWriter){problem(503, "unavailable", true), ok(`{"subject":"billing"}`)},
	}
	server := httptest.NewServer(answers)
	t.Cleanup(server.Close)
	var seen []string
	var stop error
	a, err := New(server.URL, "", Before(func(_ context.Context, r *http.Request) error {
		seen = append(seen, r.Method+" "+r.URL.Path)
		return stop
	}))
	require.NoError(t, err)
	a.doer.pause = func(context.Context, time.Duration) error { return nil }
	_, err = a.MeWithResponse(t.Context())
	require.NoError(t, err)
	require.Equal(t, []string{"GET /v1/auth/me"}, seen)
	require.Len(t, answers.got, 2)
	require.Empty(t, answers.got[0].Header.Values("Authorization"), "there is no token to show")
	stop = errors.New("not now")
	_, err = a.MeWithResponse(t.Context())
	require.ErrorIs(t, err, stop)
	require.Len(t, answers.got, 2, "nothing was asked")
}
