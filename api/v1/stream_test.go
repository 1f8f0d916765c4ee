package v1_test

import (
	"bufio"
	"net/http"
	"testing"
	"time"
)

// opened opens a stream and returns a channel that is closed when it ends.
func (w *world) opened(token, path string) <-chan struct{} {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), "GET", w.url+path, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	res, err := http.DefaultClient.Do(req)
	if err != nil || res.StatusCode != 200 {
		w.t.Fatalf("%v %v", res, err)
	}
	lines, ended := bufio.NewScanner(res.Body), make(chan struct{})
	if !lines.Scan() || lines.Text() != ": open" {
		w.t.Fatalf("the stream begins with %q", lines.Text())
	}
	go func() {
		defer close(ended)
		defer res.Body.Close()
		for lines.Scan() {
		}
	}()
	return ended
}

func over(ended <-chan struct{}, within time.Duration) bool {
	select {
	case <-ended:
		return true
	case <-time.After(within):
		return false
	}
}

func TestAStreamEndsWithTheTokenThatOpenedIt(t *testing.T) {
	w := newWorld(t)
	id, token := issued(w, w.platform(), "/v1/service-tokens", "feed:read")
	revoked, other := w.opened(token, "/v1/feed/stream"), w.opened(w.platform(), "/v1/feed/stream")
	w.must(200, w.platform(), "DELETE", "/v1/service-tokens/"+id, nil)
	w.later(6 * time.Second) // what a check said is remembered for five
	if !over(revoked, time.Minute) {
		t.Error("a revoked token still reads")
	}
	if over(other, 1500*time.Millisecond) {
		t.Error("another's stream ended too")
	}
	w.later(time.Hour)
	if !over(other, time.Minute) {
		t.Error("an expired token still reads")
	}
}
