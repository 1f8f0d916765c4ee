package jobs_test

import (
	"bufio"
	"context"
	"io"
	"mime"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"patapay/jobs"
)

// mailServer is an SMTP server on this machine that keeps what it was given. refuse is the
// answer to each RCPT, "" takes all.
func mailServer(t *testing.T, refuse string) (url string, got chan string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { l.Close() })
	got = make(chan string, 10)
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go serveMail(conn, refuse, got)
		}
	}()
	return "smtp://" + l.Addr().String() + "?from=avisos@patapay.example", got
}

func serveMail(conn net.Conn, refuse string, got chan string) {
	defer conn.Close()
	in := bufio.NewReader(conn)
	say := func(line string) { _, _ = io.WriteString(conn, line+"\r\n") }
	say("220 here")
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		switch verb := strings.ToUpper(strings.Fields(line + " x")[0]); {
		case verb == "RCPT" && refuse != "":
			say(refuse)
		case verb == "DATA":
			say("354 go on")
			var b strings.Builder
			for line, err := in.ReadString('\n'); err == nil && line != ".\r\n"; line, err = in.ReadString('\n') {
				b.WriteString(line)
			}
			got <- b.String()
			say("250 taken")
		case verb == "QUIT":
			say("221 bye")
			return
		default:
			say("250 ok")
		}
	}
}

func TestAnEMailArrivesWithItsKeyAndItsAccents(t *testing.T) {
	t.Parallel()
	url, got := mailServer(t, "")
	s, err := jobs.ParseSMTP(url)
	require.NoError(t, err)
	require.NoError(
		t,
		s.Send(
			t.Context(),
			"paused.opened.1@patapay",
			[]string{"ana@example.com", "bia@example.com"},
			"Clínica Vida · Fila pausada\r\nBcc: all@example.com",
			"Olá,\n\nação",
		),
	)
	m, err := mail.ReadMessage(strings.NewReader(<-got))
	require.NoError(t, err)
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	require.NoError(t, err)
	require.Equal(t, "Clínica Vida · Fila pausada\r\nBcc: all@example.com", subject, "a name is no header")
	require.Empty(t, m.Header.Get("Bcc"))
	require.Equal(t, "<paused.opened.1@patapay>", m.Header.Get("Message-ID"))
	to, err := m.Header.AddressList("To")
	require.NoError(t, err)
	require.Equal(t, []*mail.Address{{Address: "ana@example.com"}, {Address: "bia@example.com"}}, to)
	require.Equal(t, "auto-generated", m.Header.Get("Auto-Submitted"))
	require.Equal(t, "text/plain; charset=UTF-8", m.Header.Get("Content-Type"))
	body, err := io.ReadAll(quotedprintable.NewReader(m.Body))
	require.NoError(t, err)
	require.Equal(t, "Olá,\r\n\r\nação", strings.TrimRight(string(body), "\r\n"))
}

func TestARefusalTellsItsCodeAndNobodysAddress(t *testing.T) {
	t.Parallel()
	url, _ := mailServer(t, "550 no such user ana@example.com")
	s, err := jobs.ParseSMTP(url)
	require.NoError(t, err)
	err = s.Send(t.Context(), "id", []string{"ana@example.com"}, "s", "b")
	require.Equal(t, jobs.RefusedReader(550), err)
	require.EqualError(t, err, "the mail server answered 550")
}

func TestAServerThatIsNotHereMustSpeakTLS(t *testing.T) {
	t.Parallel()
	url, got := mailServer(t, "")
	here := strings.TrimSuffix(strings.TrimPrefix(url, "smtp://"), "?from=avisos@patapay.example")
	s, err := jobs.ParseSMTP(strings.Replace(url, here, "mail.example.com:587", 1))
	require.NoError(t, err)
	s.Dial = func(ctx context.Context, network, addr string) (net.Conn, error) {
		require.Equal(t, "mail.example.com:587", addr)
		return new(net.Dialer).DialContext(ctx, network, here)
	}
	require.EqualError(
		t,
		s.Send(t.Context(), "id", []string{"ana@example.com"}, "s", "b"),
		"the mail server offers no TLS",
	)
	require.Empty(t, got)
}

func TestAServerThatIsNotThereIsToldAsThat(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	l.Close() // nobody is there
	s, err := jobs.ParseSMTP("smtp://" + l.Addr().String() + "?from=a@example.com")
	require.NoError(t, err)
	err = s.Send(t.Context(), "id", []string{"ana@example.com"}, "s", "b")
	require.EqualError(t, err, "the mail server cannot be reached")
}

func TestAnEMailHasOneTimeHoweverTheServerSpendsIt(t *testing.T) {
	t.Parallel()
	for name, pause := range map[string]time.Duration{"mute": time.Hour, "each answer late": 9 * time.Second} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, err := jobs.ParseSMTP("smtp://127.0.0.1?from=a@example.com")
				require.NoError(t, err)
				s.Dial = func(context.Context, string, string) (net.Conn, error) {
					ours, theirs := net.Pipe()
					go serveMail(slowConn{theirs, t.Context(), pause}, "", make(chan string, 1))
					return ours, nil
				}
				begun := time.Now()
				err = s.Send(t.Context(), "id", []string{"ana@example.com"}, "s", "b")
				require.EqualError(t, err, "the mail server took too long")
				require.Equal(t, 30*time.Second, time.Since(begun), "the test's clock, which nothing but waiting moves")
			})
		})
	}
}

// slowConn writes after a pause.
type slowConn struct {
	net.Conn
	test  context.Context
	pause time.Duration
}

func (c slowConn) Write(p []byte) (int, error) {
	select {
	case <-time.After(c.pause):
	case <-c.test.Done():
	}
	return c.Conn.Write(p)
}

func TestWhatFailsAfterTheReceiptSendsNoSecondEMail(t *testing.T) {
	t.Parallel()
	url, got := mailServer(t, "")
	s, err := jobs.ParseSMTP(url)
	require.NoError(t, err)
	s.Dial = func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, addr)
		return rudeConn{conn}, err
	}
	require.NoError(t, s.Send(t.Context(), "id", []string{"ana@example.com"}, "s", "b"))
	require.Contains(t, <-got, "Message-ID: <id>")
}

// rudeConn breaks instead of saying goodbye.
type rudeConn struct{ net.Conn }

func (c rudeConn) Write(p []byte) (int, error) {
	if strings.HasPrefix(string(p), "QUIT") {
		return 0, io.ErrClosedPipe
	}
	return c.Conn.Write(p)
}

func TestAMailURLNamesAHostAndASender(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{
		"http://host?from=a@b.c", "smtp://?from=a@b.c", "smtp://host",
		"smtp://host?from=nobody", "smtp://host:0?from=a@b.c", "://",
	} {
		_, err := jobs.ParseSMTP(bad)
		require.Error(t, err, bad)
		require.NotContains(t, err.Error(), "host?", "the value is not repeated")
	}
}
