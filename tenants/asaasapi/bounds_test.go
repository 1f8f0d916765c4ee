package asaasapi

import (
	"context"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"patapay/domain/asaas/simulator"
	"patapay/domain/asaas/simulator/accounts"
	"patapay/tenants/vault"
)

func TestReadsAreRepeatedAndWritesAreNot(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	if _, err := w.AccountStatus(t.Context(), w.key(t, accounts.KeyFlaky)); err != nil {
		t.Errorf("one 503, then a good answer: %v", err)
	}
	broken := newFake(t, answering(503, ""))
	c := newClient(t, broken.URL)
	if _, err := c.AccountStatus(t.Context(), w.cred()); failure(t, err).Code != TimedOut || broken.calls.Load() != 3 {
		t.Errorf("%v after %d reads, want 3", err, broken.calls.Load())
	}
	broken.calls.Store(0)
	_, err := c.CreateWebhook(t.Context(), w.cred(), NewWebhook{Name: "x"})
	if failure(t, err).Code != TimedOut || broken.calls.Load() != 1 {
		t.Errorf("%v after %d writes, want 1", err, broken.calls.Load())
	}
}

func TestARefusalIsNotRepeated(t *testing.T) {
	for _, status := range []int{400, 401, 403} {
		f := newFake(t, answering(status, `{"errors":[{"code":"x_y","description":"z"}]}`))
		if _, err := newClient(t, f.URL).AccountStatus(t.Context(), credential("k")); err == nil || f.calls.Load() != 1 {
			t.Errorf("%d: %v after %d calls", status, err, f.calls.Load())
		}
	}
}

func TestAShortPauseOfA429IsWaitedForAndALongOneRemembered(t *testing.T) {
	var since time.Time
	f := newFake(t, nil)
	f.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if f.calls.Add(1) == 1 {
			since = time.Now()
			answering(429, "", "RateLimit-Reset: 1")(w, r)
			return
		}
		answering(200, `{"id":"a"}`)(w, r)
	})
	c := patientClient(t, f.URL)
	if _, err := c.AccountStatus(t.Context(), credential("k")); err != nil || time.Since(since) < time.Second {
		t.Errorf("%v after %s", err, time.Since(since))
	}
	limited := newFake(t, answering(429, "", "RateLimit-Reset: 3600"))
	c = newClient(t, limited.URL)
	for range 3 {
		_, err := c.AccountStatus(t.Context(), credential("k"))
		if got := failure(t, err); got.Code != RateLimited || got.RetryAfter < 3590*time.Second ||
			got.RetryAfter > time.Hour {
			t.Errorf("%v, wait %s", err, got.RetryAfter)
		}
	}
	if limited.calls.Load() != 1 {
		t.Errorf("asked %d times while told to wait, want 1", limited.calls.Load())
	}
	if _, err := c.AccountStatus(t.Context(), credential("other")); limited.calls.Load() != 2 {
		t.Errorf("another key was not asked for: %v", err)
	}
}

// patientClient has production's time for a read.
func patientClient(t *testing.T, url string) *Client {
	t.Helper()
	c, err := New(Config{Simulator: url, Timeout: 10 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// A pause of 9.98 of the 10 seconds was waited for, and the try after it, without time, was told as a gateway that does
// not answer.
func TestAPauseThatLeavesNoTimeForATryIsToldAtOnce(t *testing.T) {
	f := newFake(t, answering(429, "", "RateLimit-Reset: 9"))
	_, err := patientClient(t, f.URL).AccountStatus(t.Context(), credential("k"))
	if got := failure(t, err); got.Code != RateLimited || got.RetryAfter < 8*time.Second || f.calls.Load() != 1 {
		t.Errorf("%v, wait %s, after %d calls", err, got.RetryAfter, f.calls.Load())
	}
}

func TestASlowGatewayCostsNoMoreThanTheTimeOfOneRead(t *testing.T) {
	f := newFake(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	c, err := New(Config{Simulator: f.URL, Timeout: 200 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Verify(t.Context(), credential("k"), "")
	if failure(t, err).Code != TimedOut || f.calls.Load() != 1 {
		t.Errorf("%v after %d reads, want one", err, f.calls.Load())
	}
}

func TestABigAnswerIsNotReadToItsEnd(t *testing.T) {
	var sent atomic.Int64
	f := newFake(t, func(w http.ResponseWriter, r *http.Request) {
		chunk := []byte(strings.Repeat("x", 1<<16))
		for range 1600 {
			n, err := w.Write(chunk)
			if sent.Add(int64(n)); err != nil {
				return
			}
		}
	})
	_, err := newClient(t, f.URL).AccountStatus(t.Context(), credential("k"))
	if got := failure(t, err); got.Code != Unexpected || sent.Load() > 16<<20 {
		t.Errorf("%v after %d bytes", err, sent.Load())
	}
}

func TestARedirectIsNotFollowed(t *testing.T) {
	target := newFake(t, answering(200, `{"id":"stolen"}`))
	for _, status := range []int{301, 302, 303, 307, 308} {
		f := newFake(t, answering(status, "", "Location: "+target.URL))
		_, err := newClient(t, f.URL).AccountStatus(t.Context(), credential("k"))
		if got := failure(t, err); got.Code != Unexpected || got.Status != status {
			t.Errorf("%d: %v", status, err)
		}
	}
	if target.calls.Load() != 0 {
		t.Error("redirect followed, with the key")
	}
}

func TestAGetNeverCarriesABody(t *testing.T) {
	f := newFake(t, func(w http.ResponseWriter, r *http.Request) {
		if r.ContentLength != 0 || len(r.TransferEncoding) > 0 || r.Header.Get("Content-Type") != "" {
			t.Errorf("%s %s carries a body", r.Method, r.URL)
		}
		if r.Header.Get("User-Agent") != "PataPay/test" || r.Header.Get("access_token") != "k" ||
			r.Header.Get("Authorization") != "" {
			t.Errorf("headers %v", r.Header)
		}
		answering(404, "")(w, r)
	})
	c, ctx, k := newClient(t, f.URL), t.Context(), credential("k")
	c.AccountStatus(ctx, k)
	c.Wallets(ctx, k)
	c.CommercialInfo(ctx, k)
	c.Webhooks(ctx, k)
	c.Payment(ctx, k, "pay_1")
	c.Anticipation(ctx, k, "a")
	c.PaymentsOfCheckout(ctx, k, "c")
	if f.calls.Load() != 7 {
		t.Errorf("%d calls, want 7", f.calls.Load())
	}
}

func TestAKeyHasAtMost50ReadsUnderWay(t *testing.T) {
	var open, most atomic.Int32
	gate := make(chan struct{})
	f := newFake(t, func(w http.ResponseWriter, r *http.Request) {
		most.Store(max(most.Load(), open.Add(1)))
		<-gate
		open.Add(-1)
		answering(200, `{"id":"a"}`)(w, r)
	})
	c := newClient(t, f.URL)
	var all sync.WaitGroup
	for range 80 {
		all.Go(func() {
			if _, err := c.AccountStatus(t.Context(), credential("k")); err != nil {
				t.Error(err)
			}
		})
	}
	for deadline := time.Now().Add(time.Minute); open.Load() < 50 && time.Now().Before(deadline); {
		time.Sleep(time.Millisecond)
	}
	close(gate)
	all.Wait()
	if f.calls.Load() != 80 || most.Load() != 50 {
		t.Errorf("%d calls, %d at once; want 80, 50", f.calls.Load(), most.Load())
	}
}

func TestTheBreakerOpensForOneEnvironmentOnly(t *testing.T) {
	f := newFake(t, answering(500, ""))
	c, err := New(Config{Simulator: f.URL, Timeout: 5 * time.Second, BreakAfter: 3})
	if err != nil {
		t.Fatal(err)
	}
	c.AccountStatus(t.Context(), credential("k"))
	before := f.calls.Load()
	_, err = c.AccountStatus(t.Context(), credential("other"))
	if failure(t, err).Code != TimedOut || f.calls.Load() != before {
		t.Errorf("%v; %d more calls through an open breaker", err, f.calls.Load()-before)
	}
	c.AccountStatus(t.Context(), Credential{1, vault.NewSecret("k")})
	if f.calls.Load() == before {
		t.Error("production is cut off by sandbox")
	}
}

func TestACallerWhoGivesUpDoesNotOpenTheBreaker(t *testing.T) {
	w := newWorld(t, simulator.Options{Slowness: time.Minute})
	c, err := New(Config{Simulator: w.url, BreakAfter: 1})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(20*time.Millisecond, cancel)
	if _, err := c.AccountStatus(ctx, w.key(t, accounts.KeySlow)); err == nil {
		t.Error("no failure")
	}
	if _, err := c.AccountStatus(t.Context(), w.cred()); err != nil {
		t.Errorf("breaker open: %v", err)
	}
}

func TestAStrangersCertificateGetsNoKey(t *testing.T) {
	asked := false
	f := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked = true }))
	f.Config.ErrorLog = log.New(io.Discard, "", 0)
	defer f.Close()
	_, err := newClient(t, f.URL).AccountStatus(t.Context(), credential("k"))
	if failure(t, err).Code != TimedOut || asked {
		t.Errorf("%v; asked %v", err, asked)
	}
}

func TestTheProxyOfTheEnvironmentIsNotUsed(t *testing.T) {
	if transport(false).Proxy != nil || transport(true).Proxy != nil {
		t.Error("a proxy would be asked")
	}
}

func TestOnlyPublicAddressesAreDialled(t *testing.T) {
	for _, text := range strings.Fields(`127.0.0.1 127.255.0.1 0.0.0.0 0.1.2.3 10.0.0.1 172.16.0.1 172.31.255.255
		192.168.1.1 169.254.169.254 100.64.0.1 100.127.255.255 192.0.0.1 192.0.2.1 198.18.0.1 198.19.255.255 198.51.100.1
		203.0.113.1 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255 ::1 :: ::ffff:127.0.0.1 ::ffff:10.0.0.1
		::ffff:169.254.169.254 ::127.0.0.1 fe80::1 fe80::1%eth0 fec0::1 fc00::1 fd12::1 ff02::1 64:ff9b::7f00:1
		64:ff9b:1::1 2002:7f00:1:: 2001::1 2001:db8::1 100::1`) {
		if public(netip.MustParseAddr(text)) {
			t.Errorf("%s would be dialled", text)
		}
	}
	for _, text := range []string{"52.67.12.206", "8.8.8.8", "172.32.0.1", "2606:4700::1", "::ffff:8.8.8.8"} {
		if !public(netip.MustParseAddr(text)) {
			t.Errorf("%s would not be dialled", text)
		}
	}
	f := newFake(t, answering(200, "{}"))
	client := http.Client{Transport: transport(false)}
	for _, url := range []string{f.URL, strings.Replace(f.URL, "127.0.0.1", "localhost", 1)} {
		if _, err := client.Get(url); !errors.Is(err, errPrivate) || f.calls.Load() != 0 {
			t.Errorf("%s: %v", url, err)
		}
	}
}
