package jobs

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	netmail "net/mail"
	"net/textproto"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/wneessen/go-mail"
)

// SMTP sends through one mail server, over TLS: smtps speaks it from the first byte, smtp
// after STARTTLS. Only a server on this machine may go without.
type SMTP struct {
	host           string
	port           int
	implicit       bool // TLS from the first byte
	from           string
	login          bool
	user, password string
	Now            func() time.Time
	// Dial opens the line to host:port, before any TLS.
	Dial func(ctx context.Context, network, addr string) (net.Conn, error)
}

const smtpTime = 30 * time.Second // for one e-mail

// ParseSMTP reads smtp://user:password@host:587?from=avisos@example.com, or smtps://…:465.
// Its errors name what is wrong, never the value.
func ParseSMTP(text string) (*SMTP, error) {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "smtp" && u.Scheme != "smtps" || u.Hostname() == "" {
		return nil, errors.New("is not smtp:// or smtps:// with a host")
	}
	from, err := netmail.ParseAddress(u.Query().Get("from"))
	if err != nil {
		return nil, errors.New("has no from=address after the question mark")
	}
	s := &SMTP{
		host: u.Hostname(), port: mail.DefaultPortTLS, implicit: u.Scheme == "smtps", from: from.Address,
		Now: time.Now, Dial: new(net.Dialer).DialContext,
	}
	if s.implicit {
		s.port = mail.DefaultPortSSL
	}
	if text := u.Port(); text != "" {
		if s.port, err = strconv.Atoi(text); err != nil || s.port < 1 || s.port > 65535 {
			return nil, errors.New("has a port that is not between 1 and 65535")
		}
	}
	if s.password, s.login = u.User.Password(); s.login {
		s.user = u.User.Username()
	}
	return s, nil
}

// Send hands the e-mail to the server. Its errors carry the server's code and none of its
// words, which may name the reader.
func (s *SMTP) Send(ctx context.Context, id string, to []string, subject, body string) error {
	ctx, cancel := context.WithTimeout(ctx, smtpTime)
	defer cancel()
	message, err := s.message(id, to, subject, body)
	if err != nil {
		return err
	}
	conn, err := s.dial(ctx)
	if err != nil {
		return errors.New("the mail server cannot be reached")
	}
	defer conn.Close()
	// go-mail counts its time anew when the sending begins. So its time is a longer one, and the
	// line ends with the context.
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	client, err := s.client(conn)
	if err != nil {
		return errors.New("the mail server's settings cannot be used")
	}
	if err = client.DialAndSendWithContext(ctx, message); err == nil || message.IsDelivered() {
		return nil // what fails after the server's receipt changes nothing: a second try would be a second e-mail
	}
	return smtpError(ctx, err)
}

// client returns a client for one e-mail over conn. It neither asks before the e-mail whether the line
// is there nor clears it afterwards, for each e-mail has its own.
func (s *SMTP) client(conn net.Conn) (*mail.Client, error) {
	policy := mail.TLSMandatory
	if isLoopback(s.host) {
		policy = mail.TLSOpportunistic
	}
	dialed := func(context.Context, string, string) (net.Conn, error) { return conn, nil }
	options := []mail.Option{
		mail.WithPort(s.port), mail.WithTimeout(2 * smtpTime), mail.WithHELO("localhost"), mail.WithDialContextFunc(dialed),
		mail.WithTLSPolicy(policy), mail.WithTLSConfig(s.tlsConfig()), mail.WithoutNoop(), mail.WithoutRset(),
	}
	if s.implicit {
		options = append(options, mail.WithSSL())
	}
	if s.login {
		options = append(options, mail.WithSMTPAuth(mail.SMTPAuthPlain),
			mail.WithUsername(s.user), mail.WithPassword(s.password))
	}
	return mail.NewClient(s.host, options...)
}

func (s *SMTP) tlsConfig() *tls.Config {
	return &tls.Config{ServerName: s.host, MinVersion: tls.VersionTLS12}
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// message returns the e-mail: plain UTF-8 text under its Message-ID.
func (s *SMTP) message(id string, to []string, subject, body string) (*mail.Msg, error) {
	m := mail.NewMsg(mail.WithNoDefaultUserAgent())
	if err := m.FromFormat("PataPay", s.from); err != nil {
		return nil, errors.New("the e-mail's sender is no address")
	}
	if err := m.To(to...); err != nil {
		return nil, errors.New("an address of the e-mail's readers is none")
	}
	m.Subject(subject)
	m.SetDateWithValue(s.Now().UTC())
	m.SetMessageIDWithValue(id)
	m.SetGenHeader("Auto-Submitted", "auto-generated")
	m.SetBodyString(mail.TypeTextPlain, body)
	return m, nil
}

// dial opens the line, with TLS from the first byte where that is asked for. The address is
// ours, for go-mail writes none that an IPv6 host could be dialed by.
func (s *SMTP) dial(ctx context.Context) (net.Conn, error) {
	conn, err := s.Dial(ctx, "tcp", net.JoinHostPort(s.host, strconv.Itoa(s.port)))
	if err != nil || !s.implicit {
		return conn, err
	}
	sealed := tls.Client(conn, s.tlsConfig())
	if err := sealed.HandshakeContext(ctx); err != nil {
		conn.Close()
		return nil, err
	}
	return sealed, nil
}

// smtpError keeps of what went wrong the server's code, and of everything else its kind.
func smtpError(ctx context.Context, err error) error {
	var refused *textproto.Error // before the e-mail: greeting, TLS, login
	var unsent *mail.SendError
	switch {
	case errors.As(err, &unsent) && unsent.Reason == mail.ErrSMTPRcptTo && unsent.ErrorCode() >= 500:
		return RefusedReader(unsent.ErrorCode())
	case errors.As(err, &unsent) && unsent.ErrorCode() != 0:
		return fmt.Errorf("the mail server answered %d", unsent.ErrorCode())
	case errors.As(err, &refused):
		return fmt.Errorf("the mail server answered %d", refused.Code)
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return errors.New("the mail server took too long")
	case unsent == nil && strings.Contains(err.Error(), "does not support STARTTLS"): // go-mail has no value for it
		return errors.New("the mail server offers no TLS")
	}
	return errors.New("the session with the mail server broke off")
}
