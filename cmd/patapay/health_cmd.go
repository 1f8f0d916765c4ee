package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"
)

// healthCmd asks the process beside it whether it lives: the health check of a container
// that has no shell and no curl.
type healthCmd struct {
	Ready bool   `help:"Ask /readyz in place of /healthz."`
	Addr  string `help:"host:port of the private port." env:"OPS_ADDR" default:"127.0.0.1:9090"`
}

// Run returns nil for an answer of 200 within two seconds. It needs no other setting, so
// no secret.
func (c healthCmd) Run() error {
	path := "/healthz"
	if c.Ready {
		path = "/readyz"
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	return askHealth(ctx, c.Addr, path)
}

func askHealth(ctx context.Context, addr, path string) error {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return errors.New("OPS_ADDR is not host:port")
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1" // every address: ours among them
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+net.JoinHostPort(host, port)+path, nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %d", path, resp.StatusCode)
	}
	return nil
}
