package jobs

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"mime"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"net/smtp"
	"net/textproto"
	"net/url"
	"strings"
	"time"
)

// SMTP sends through one mail server, over TLS: smtps speaks it from the first byte, smtp
// after STARTTLS. Only a server on this machine may go without.
type SMTP struct {
	addr, host string
	implicit   bool // TLS from the first byte
	from       string
	auth       smtp.Auth // nil: none
	Now        func() time.Time
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
	from, err := mail.ParseAddress(u.Query().Get("from"))
	if err != nil {
		return nil, errors.New("has no from=address after the question mark")
	}
	s := &SMTP{host: u.Hostname(), implicit: u.Scheme == "smtps", from: from.Address, Now: time.Now, Dial: new(net.Dialer).DialContext}
	port := u.Port()
	if port == "" {
		port = map[bool]string{true: "465", false: "587"}[s.implicit]
	}
	s.addr = net.JoinHostPort(s.host, port)
	if password, ok := u.User.Password(); ok {
		s.auth = smtp.PlainAuth("", u.User.Username(), password, s.host)
	}
	return s, nil
}

// Send hands the e-mail to the server. Its errors carry the server's code and none of its
// words, which may name the reader.
func (s *SMTP) Send(ctx context.Context, id string, to []string, subject, body string) error {
	ctx, cancel := context.WithTimeout(ctx, smtpTime)
	defer cancel()
	conn, err := s.dial(ctx)
	if err != nil {
		return errors.New("the mail server cannot be reached")
	}
	defer conn.Close()
	end, _ := ctx.Deadline()
	_ = conn.SetDeadline(end)
	return plain(s.speak(conn, to, s.message(id, to, subject, body)))
}

func (s *SMTP) dial(ctx context.Context) (net.Conn, error) {
	conn, err := s.Dial(ctx, "tcp", s.addr)
	if err != nil || !s.implicit {
		return conn, err
	}
	sealed := tls.Client(conn, &tls.Config{ServerName: s.host, MinVersion: tls.VersionTLS12})
	if err := sealed.HandshakeContext(ctx); err != nil {
		conn.Close()
		return nil, err
	}
	return sealed, nil
}

func (s *SMTP) speak(conn net.Conn, to []string, message string) error {
	c, err := smtp.NewClient(conn, s.host)
	if err != nil {
		return err
	}
	defer c.Close()
	if err := s.secure(c); err != nil {
		return err
	}
	if err := c.Mail(s.from); err != nil {
		return err
	}
	for _, reader := range to {
		if err := c.Rcpt(reader); err != nil {
			return err
		}
	}
	w, err := c.Data()
	if err != nil {
		return err
	}
	if _, err := w.Write([]byte(message)); err != nil {
		return err
	}
	if err := w.Close(); err != nil { // the server's receipt
		return err
	}
	_ = c.Quit() // the e-mail is the server's already
	return nil
}

var errPlainServer = errors.New("the mail server offers no TLS")

// secure begins TLS, unless the line has it or the server is on this machine, and logs in.
func (s *SMTP) secure(c *smtp.Client) error {
	if !s.implicit {
		offered, _ := c.Extension("STARTTLS")
		switch {
		case offered:
			if err := c.StartTLS(&tls.Config{ServerName: s.host, MinVersion: tls.VersionTLS12}); err != nil {
				return err
			}
		case !local(s.host):
			return errPlainServer
		}
	}
	if s.auth == nil {
		return nil
	}
	return c.Auth(s.auth)
}

func local(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// message writes the e-mail with its headers, in lines that any server takes.
func (s *SMTP) message(id string, to []string, subject, body string) string {
	var b strings.Builder
	for _, h := range [][2]string{
		{"From", (&mail.Address{Name: "PataPay", Address: s.from}).String()}, {"To", strings.Join(to, ", ")}, {"Subject", mime.QEncoding.Encode("utf-8", subject)},
		{"Date", s.Now().UTC().Format(time.RFC1123Z)}, {"Message-ID", "<" + id + ">"}, {"Auto-Submitted", "auto-generated"}, {"MIME-Version", "1.0"},
		{"Content-Type", "text/plain; charset=utf-8"}, {"Content-Transfer-Encoding", "quoted-printable"},
	} {
		b.WriteString(h[0] + ": " + h[1] + "\r\n")
	}
	b.WriteString("\r\n")
	w := quotedprintable.NewWriter(&b)
	_, _ = w.Write([]byte(strings.ReplaceAll(body, "\n", "\r\n"))) // a strings.Builder takes everything
	_ = w.Close()
	return b.String()
}

// plain keeps of a server's refusal its code.
func plain(err error) error {
	var refused *textproto.Error
	var plain net.Error
	switch {
	case errors.As(err, &refused):
		return fmt.Errorf("the mail server answered %d", refused.Code)
	case errors.As(err, &plain) && plain.Timeout():
		return errors.New("the mail server took too long")
	case err == nil || errors.Is(err, errPlainServer):
		return err
	}
	return errors.New("the talk with the mail server broke off")
}
