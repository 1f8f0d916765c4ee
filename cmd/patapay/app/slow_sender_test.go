package app

import (
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// pipes is a listener whose connections are pipes, so that a test's clock decides about their time-outs.
type pipes chan net.Conn

func (p pipes) Accept() (net.Conn, error) {
	c, open := <-p
	if !open {
		return nil, net.ErrClosed
	}
	return c, nil
}
func (pipes) Close() error   { return nil }
func (pipes) Addr() net.Addr { return &net.TCPAddr{} }

// TestWhoSendsSlowlyIsCutOff: eight thousand silent connections, and headers that drip, were closed in time.
func TestWhoSendsSlowlyIsCutOff(t *testing.T) {
	const whole = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n"
	for name, c := range map[string]struct {
		sent string
		drip string // sent again each second
		ends time.Duration
	}{
		"silence":             {"", "", 5 * time.Second},
		"half a header":       {"POST / HTTP/1.1\r\nHost:", "", 5 * time.Second},
		"a header that drips": {"POST / HTTP/1.1\r\n", "a", 5 * time.Second},
		"half a body":         {whole + "12345", "", 15 * time.Second},
		"nothing more":        {whole + "1234567890", "", 90 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				listener := make(pipes)
				server := ServeOn(listener, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
					_, _ = io.Copy(io.Discard, r.Body)
				}))
				client, own := net.Pipe()
				listener <- own
				began := time.Now()
				var dripping sync.WaitGroup
				dripping.Go(func() {
					_, err := io.Copy(client, strings.NewReader(c.sent))
					for err == nil && c.drip != "" {
						time.Sleep(time.Second)
						_, err = client.Write([]byte(c.drip))
					}
				})
				_, _ = io.Copy(io.Discard, client) // until the server ends it
				took := time.Since(began)
				if took < c.ends || took > c.ends+time.Second {
					t.Errorf("cut off after %s, want %s", took, c.ends)
				}
				_ = client.Close()
				dripping.Wait()
				close(listener)
				_ = server.Close()
			})
		})
	}
}
