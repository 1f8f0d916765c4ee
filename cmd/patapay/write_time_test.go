package main

import (
	"io"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

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
