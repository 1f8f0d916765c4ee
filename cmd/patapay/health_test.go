package main

import (
	"net"
	"net/http/httptest"
	"testing"

	"patapay/cmd/patapay/app"
)

func TestTheHealthCommandTellsAliveFromReady(t *testing.T) {
	h := &app.Health{Registry: app.NewRegistry()}
	server := httptest.NewServer(h.Handler())
	addr := server.Listener.Addr().String()
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	h.Drain()
	for _, row := range []struct {
		addr, path string
		good       bool
	}{
		{addr, "/healthz", true},
		{addr, "/readyz", false},
		{":" + port, "/healthz", true},
		{"0.0.0.0:" + port, "/healthz", true},
		{"nonsense", "/healthz", false},
	} {
		if err := askHealth(t.Context(), row.addr, row.path); (err == nil) != row.good {
			t.Errorf("%s%s: %v", row.addr, row.path, err)
		}
	}
	server.Close()
	if askHealth(t.Context(), addr, "/healthz") == nil {
		t.Error("a dead process is healthy")
	}
}
