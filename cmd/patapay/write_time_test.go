package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"patapay/cmd/patapay/app"
)

// oneConn is a listener of one connection that exists already.
type oneConn struct {
	conn   chan net.Conn
	closed chan struct{}
}

func (l *oneConn) Accept() (net.Conn, error) {
	select {
	case c := <-l.conn:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *oneConn) Close() error { close(l.closed); return nil }

func (l *oneConn) Addr() net.Addr { return &net.TCPAddr{} }

// Fifteen hundred readers who asked for a page and read nothing once kept their connections for ever.
func TestWhoDoesNotReadTheirAnswerIsCutOff(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ours, theirs := net.Pipe()
		l := &oneConn{conn: make(chan net.Conn, 1), closed: make(chan struct{})}
		l.conn <- ours
		var failed error
		answered := make(chan struct{})
		server := app.ServeOn(l, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			defer close(answered)
			_, failed = w.Write(make([]byte, 1<<20))
		}))
		if _, err := io.WriteString(theirs, "GET / HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Minute) // of the bubble's clock
		synctest.Wait()
		select {
		case <-answered:
		default:
			t.Error("the answer still waits to be read")
		}
		if failed == nil {
			t.Error("nobody read, and the answer was written")
		}
		_, _ = server.Close(), theirs.Close()
		synctest.Wait()
	})
}

// Five hundred connections that name a header a second, or send a body but its last
// byte, hold nobody up, and are cut off.
func TestHeadersAndBodiesThatNeverEndAreCutOffAndNobodyWaitsBehindThem(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const slow = 250
		l := &oneConn{conn: make(chan net.Conn, 2*slow+1), closed: make(chan struct{})}
		server := app.ServeOn(l, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.ReadAll(r.Body)
		}))
		began := time.Now()
		cut := func(send func(net.Conn)) <-chan time.Duration {
			after := make(chan time.Duration, slow)
			for range slow {
				ours, theirs := net.Pipe()
				l.conn <- ours
				go send(theirs)
				go func() {
					_, _ = io.Copy(io.Discard, theirs)
					_ = theirs.Close()
					after <- time.Since(began)
				}()
			}
			return after
		}
		headers := cut(func(c net.Conn) {
			_, err := io.WriteString(c, "POST / HTTP/1.1\r\nHost: x\r\n")
			for i := 0; err == nil; i++ {
				time.Sleep(time.Second)
				_, err = fmt.Fprintf(c, "X-%d: y\r\n", i)
			}
		})
		bodies := cut(func(c net.Conn) {
			_, _ = io.WriteString(c, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nab")
		})
		ours, theirs := net.Pipe()
		l.conn <- ours
		go func() { _, _ = io.WriteString(theirs, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc") }()
		res, err := http.ReadResponse(bufio.NewReader(theirs), nil)
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, res.StatusCode)
		require.Zero(t, time.Since(began), "a request beside them waits for none")
		_ = theirs.Close()
		for range slow {
			require.LessOrEqual(t, <-headers, 6*time.Second)
			require.LessOrEqual(t, <-bodies, 16*time.Second)
		}
		_ = server.Close()
		synctest.Wait()
	})
}
