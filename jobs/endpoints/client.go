// Package endpoints sends entries of the change feed to the addresses that asked for them. Its one
// rule: an address is a stranger. It may hang, lie, lead inside or never answer, and nobody else waits
// for it.
package endpoints

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"syscall"
	"time"

	"patapay/domain/endpoint"
	store "patapay/tenants/endpoints"
)

const (
	// Patience is how long a delivery may take, from the name's look-up to the end of the answer.
	Patience    = 15 * time.Second
	answerRead  = 64 << 10 // bytes of an answer that are read
	headersRead = 16 << 10 // bytes of its headers
	dialMost    = 4        // addresses of a name that are tried
)

// Client posts deliveries. It uses no proxy, follows no redirect, and looks at each address it connects
// to, when it connects: a name may lead elsewhere than an instant ago.
type Client struct {
	Rule   endpoint.URLRule
	Own    func(netip.Addr) bool                                        // addresses of ours; nil: none is known
	Lookup func(ctx context.Context, host string) ([]netip.Addr, error) // nil: the system's

	patience time.Duration         // tests; 0: Patience
	public   func(netip.Addr) bool // tests: what counts as outside
	roots    *x509.CertPool        // tests: whom to believe; nil: the system's
	http     *http.Transport
}

// Start makes the client ready; Close ends its connections.
func (c *Client) Start() {
	if c.public == nil {
		c.public = endpoint.Public
	}
	if c.Lookup == nil {
		c.Lookup = func(ctx context.Context, host string) ([]netip.Addr, error) {
			return net.DefaultResolver.LookupNetIP(ctx, "ip", host)
		}
	}
	c.http = &http.Transport{
		Proxy:                  nil,
		DialContext:            c.dial,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: c.roots},
		TLSHandshakeTimeout:    Patience,
		DisableCompression:     true, // a small answer must not become a large one here
		MaxResponseHeaderBytes: headersRead,
		MaxIdleConns:           256,
		MaxIdleConnsPerHost:    atOnceEach,
		IdleConnTimeout:        30 * time.Second,
		WriteBufferSize:        16 << 10, // an entry leaves in one write
	}
}

// Close ends connections that nobody uses.
func (c *Client) Close() { c.http.CloseIdleConnections() }

var (
	errInside = errors.New("the address is not one of the internet")
	errLookup = errors.New("the name leads nowhere")
)

// dial connects to the host of addr: each address that its name has now is looked at before it is
// connected to, and the one that the socket is given once more.
func (c *Client) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, err
	}
	addrs, err := c.addresses(ctx, host)
	if err != nil {
		return nil, err
	}
	dialer := net.Dialer{Control: func(_, address string, _ syscall.RawConn) error {
		at, err := netip.ParseAddrPort(address)
		if err != nil || !c.allowed(host, at.Addr()) {
			return errInside
		}
		return nil
	}}
	err = errLookup
	for _, a := range addrs[:min(len(addrs), dialMost)] {
		var conn net.Conn
		if conn, err = dialer.DialContext(ctx, network, net.JoinHostPort(a.String(), port)); err == nil {
			return conn, nil
		}
		if ctx.Err() != nil || errors.Is(err, errInside) {
			return nil, err
		}
	}
	return nil, err
}

func (c *Client) addresses(ctx context.Context, host string) ([]netip.Addr, error) {
	if addr, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{addr}, nil
	}
	addrs, err := c.Lookup(ctx, host)
	if err != nil || len(addrs) == 0 {
		return nil, errors.Join(errLookup, ctx.Err())
	}
	for i := range addrs {
		addrs[i] = addrs[i].Unmap()
	}
	return addrs, nil
}

// allowed tells whether an address may be connected to for a host of an endpoint. In development this
// machine may, if the endpoint says so in plain words.
func (c *Client) allowed(host string, addr netip.Addr) bool {
	addr = addr.Unmap()
	if c.Rule.Development && addr.IsLoopback() {
		named, err := netip.ParseAddr(host)
		return host == "localhost" || err == nil && named.IsLoopback()
	}
	return c.public(addr) && (c.Own == nil || !c.Own(addr))
}

// message is one delivery as it leaves.
type message struct {
	url     string
	checked *url.URL // what the rule says of url; nil: it was not asked yet
	id      string
	at      time.Time
	secrets []string
	body    []byte
}

// Headers that every message has.
var contentType, userAgent = []string{"application/json"}, []string{"PataPay-Webhooks/1"}

// Post sends a message and returns how it went: never an error, for whatever goes wrong is the
// receiver's, or a reason to try again. The outcome holds nothing of the address.
func (c *Client) post(ctx context.Context, m message) (o store.Outcome) {
	began := time.Now()
	defer func() { o.Latency, o.At, o.Message = time.Since(began), m.at, m.id }()
	if m.checked == nil {
		var err error
		if m.checked, err = c.Rule.Check(m.url); err != nil {
			o.Reason = endpoint.RefusedAddress
			return o
		}
	}
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(c.patience, Patience))
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "", bytes.NewReader(m.body))
	if err != nil {
		o.Reason = endpoint.RefusedAddress
		return o
	}
	req.URL, req.Host = m.checked, m.checked.Host
	req.Header = http.Header{
		"Content-Type":      contentType,
		"User-Agent":        userAgent,
		"Webhook-Id":        {m.id},
		"Webhook-Timestamp": {strconv.FormatInt(m.at.Unix(), 10)},
		"Webhook-Signature": {endpoint.Signature(m.secrets, m.id, m.at, m.body)},
	}
	res, err := c.http.RoundTrip(req) // which follows no redirect and knows no cookie
	if err != nil {
		o.Reason = reasonOf(err)
		return o
	}
	defer res.Body.Close()
	o.Code = res.StatusCode
	if res.Body != http.NoBody {
		o.Answer, err = io.ReadAll(io.LimitReader(res.Body, answerRead))
		o.Answer = o.Answer[:min(len(o.Answer), store.AnswerKept)]
	}
	switch {
	case err != nil && res.StatusCode < 300: // it hung in the middle of its answer: nobody knows what it did
		o.Reason = reasonOf(err)
	case res.StatusCode >= 300 && res.StatusCode < 400:
		o.Reason = "redirect"
	case res.StatusCode < 200 || res.StatusCode > 299:
		o.Reason = "refused"
		o.RetryAfter = retryAfter(res.Header.Get("Retry-After"))
	}
	return o
}

// retryAfter returns the seconds that a receiver asks for; 0 for anything else.
func retryAfter(text string) time.Duration {
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || n > 86400 {
		return 0
	}
	return time.Duration(n) * time.Second
}

// reasonOf names what went wrong without repeating it: an error may hold the address.
func reasonOf(err error) string {
	var timeout net.Error
	var unknown x509.UnknownAuthorityError
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	var verification *tls.CertificateVerificationError
	switch {
	case errors.Is(err, errInside):
		return endpoint.RefusedAddress
	case errors.Is(err, errLookup):
		return endpoint.LookupFailed
	case errors.As(err, &unknown), errors.As(err, &name), errors.As(err, &invalid), errors.As(err, &verification):
		return "certificate_refused"
	case errors.As(err, &timeout) && timeout.Timeout(), errors.Is(err, context.DeadlineExceeded):
		return "timeout"
	}
	return "connection_failed"
}
