package api

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"patapay/domain/asaas/simulator/accounts"
	"patapay/domain/asaas/simulator/clock"
	"patapay/domain/asaas/simulator/webhooks"
)

func TestThe51stReadAtOnceIsTurnedAway(t *testing.T) {
	world := accounts.NewWorld(clock.NewManualClock(time.Date(2026, 11, 22, 15, 0, 0, 0, time.UTC)), 5)
	t.Cleanup(world.Close)
	server := NewServer(world, webhooks.NewSender(world, time.Second), 25_000, time.Second)
	account := world.AddAccount(accounts.Account{})
	books, err := world.Find(account.ID)
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	server.Routes(mux)
	read := func() *httptest.ResponseRecorder {
		r, w := httptest.NewRequest("GET", "/v3/wallets", nil), httptest.NewRecorder()
		r.Header.Set("access_token", account.Key)
		mux.ServeHTTP(w, r)
		return w
	}
	var last func()
	for range maxReads {
		done, limited := server.admit(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil), books)
		if last = done; limited {
			t.Fatal("limited too early")
		}
	}
	if w := read(); w.Code != http.StatusTooManyRequests || w.Header().Get("RateLimit-Reset") != "1" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	last()
	if w := read(); w.Code != http.StatusOK {
		t.Errorf("after the last one ended: %d %s", w.Code, w.Body)
	}
}
