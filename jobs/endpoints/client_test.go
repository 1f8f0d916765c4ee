package endpoints

import (
	"context"
	"crypto/x509"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patapay/domain/endpoint"
	store "patapay/tenants/endpoints"
)

// names is a resolver whose answers a test gives.
type names map[string][]string

func (n names) lookup(_ context.Context, host string) (all []netip.Addr, _ error) {
	for _, a := range n[host] {
		all = append(all, netip.MustParseAddr(a))
	}
	return all, nil
}

func posted(t *testing.T, c *Client, url string) (store.Outcome, string) {
	t.Helper()
	c.Start()
	t.Cleanup(c.Close)
	secret := endpoint.SecretText([endpoint.SecretBytes]byte{1})
	return c.post(
		t.Context(),
		message{url: url, id: "msg_1", at: time.Now(), secrets: []string{secret}, body: []byte(`{}`)},
	), secret
}

// tlsReceiver is a receiver with a certificate for example.com, and how many requests it got.
func tlsReceiver(
	t *testing.T,
	handler http.HandlerFunc,
) (s *httptest.Server, port string, roots *x509.CertPool, asked *atomic.Int64) {
	t.Helper()
	asked = &atomic.Int64{}
	s = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		handler(w, r)
	}))
	t.Cleanup(s.Close)
	u, err := url.Parse(s.URL)
	require.NoError(t, err)
	roots = x509.NewCertPool()
	roots.AddCert(s.Certificate())
	return s, u.Port(), roots, asked
}

func ok(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) }

// A name may lead to any of these when it is connected to, whatever it led to before.
func TestANameThatLeadsInsideIsRefusedWhenItIsConnectedTo(t *testing.T) {
	t.Parallel()
	_, port, roots, asked := tlsReceiver(t, ok)
	for _, inside := range []string{
		"127.0.0.1", "127.8.8.8", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.0.1",
		"169.254.169.254", "100.64.0.1", "100.100.100.200", "192.0.0.192",
		"168.63.129.16", "198.18.0.1", "224.0.0.1", "255.255.255.255", "::",
		"::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254",
		"64:ff9b::7f00:1", "64:ff9b:1::1", "2002:7f00:1::1", "2001:0:7f00:1::1", "2001:db8::1",
		"fc00::1", "fd00:ec2::254", "fe80::1", "fec0::1", "ff02::1", "::127.0.0.1",
	} {
		c := &Client{Lookup: names{"example.com": {inside}}.lookup, roots: roots}
		o, _ := posted(t, c, "https://example.com:"+port+"/")
		require.Equal(t, endpoint.RefusedAddress, o.Reason, inside)
		require.Zero(t, o.Code)
		require.Empty(t, o.Answer)
	}
	require.Zero(t, asked.Load())
}

func TestAnAddressOfOursIsRefusedAlthoughItIsPublic(t *testing.T) {
	t.Parallel()
	own := netip.MustParseAddr("127.0.0.1")
	_, port, roots, asked := tlsReceiver(t, ok)
	c := &Client{
		Lookup: names{"example.com": {"127.0.0.1"}}.lookup, roots: roots,
		public: func(netip.Addr) bool { return true }, Own: func(a netip.Addr) bool { return a == own },
	}
	o, _ := posted(t, c, "https://example.com:"+port+"/")
	require.Equal(t, endpoint.RefusedAddress, o.Reason)
	require.Zero(t, asked.Load())
}

// A name that led outside for the first connection and inside for the next one.
func TestANameIsLookedUpAnewForEachConnection(t *testing.T) {
	t.Parallel()
	_, port, roots, asked := tlsReceiver(
		t,
		func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Connection", "close") },
	)
	looked := 0
	c := &Client{
		roots: roots,
		// stands for an address outside
		public: func(a netip.Addr) bool { return a.String() == "127.0.0.1" || endpoint.Public(a) },
		Lookup: func(context.Context, string) ([]netip.Addr, error) {
			looked++
			return []netip.Addr{netip.MustParseAddr([]string{"127.0.0.1", "127.0.0.2"}[min(looked, 2)-1])}, nil
		},
	}
	o, _ := posted(t, c, "https://example.com:"+port+"/")
	require.Empty(t, o.Reason)
	o = c.post(t.Context(), message{url: "https://example.com:" + port + "/", id: "2", at: time.Now()})
	require.Equal(t, endpoint.RefusedAddress, o.Reason)
	require.Equal(t, []int64{2, 1}, []int64{int64(looked), asked.Load()})
}

func TestARedirectIsAFailureAndNobodyFollowsIt(t *testing.T) {
	t.Parallel()
	inside := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("followed") }))
	t.Cleanup(inside.Close)
	for _, status := range []int{301, 302, 303, 307, 308} {
		s := httptest.NewServer(http.RedirectHandler(inside.URL, status))
		t.Cleanup(s.Close)
		o, _ := posted(t, &Client{Rule: endpoint.URLRule{Development: true}}, s.URL)
		require.Equal(t, []any{"redirect", status}, []any{o.Reason, o.Code})
	}
}

func TestACertificateThatNobodyVouchesForIsRefused(t *testing.T) {
	t.Parallel()
	_, port, roots, asked := tlsReceiver(t, ok)
	local := func(a netip.Addr) bool { return a.IsLoopback() }
	for host, trusted := range map[string]*x509.CertPool{"example.com": x509.NewCertPool(), "example.org": roots} {
		o, _ := posted(
			t,
			&Client{Lookup: names{host: {"127.0.0.1"}}.lookup, public: local, roots: trusted},
			"https://"+host+":"+port+"/",
		)
		require.Equal(t, "certificate_refused", o.Reason, host)
	}
	require.Zero(t, asked.Load())
}

// Not parallel: a proxy in the environment would be this process's.
func TestNoProxyOfTheEnvironmentIsAsked(t *testing.T) {
	proxy := httptest.NewServer(
		http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the proxy was asked") }),
	)
	t.Cleanup(proxy.Close)
	t.Setenv("HTTPS_PROXY", proxy.URL)
	t.Setenv("https_proxy", proxy.URL)
	_, port, roots, asked := tlsReceiver(t, ok)
	local := func(a netip.Addr) bool { return a.IsLoopback() }
	o, _ := posted(
		t,
		&Client{Lookup: names{"example.com": {"127.0.0.1"}}.lookup, public: local, roots: roots},
		"https://example.com:"+port+"/",
	)
	require.Empty(t, o.Reason)
	require.EqualValues(t, 1, asked.Load())
}

func TestOfALongAnswerOnlyItsBeginningIsReadAndKept(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		piece := []byte(strings.Repeat("x", 16<<10))
		for range 64 { // 1 MiB, unless nobody reads on
			if _, err := w.Write(piece); err != nil {
				return
			}
		}
	}))
	t.Cleanup(s.Close)
	o, _ := posted(t, &Client{Rule: endpoint.URLRule{Development: true}}, s.URL)
	require.Empty(t, o.Reason)
	require.Len(t, o.Answer, store.AnswerKept)
}

func TestWhatWentWrongIsNamedWithoutTheAddress(t *testing.T) {
	t.Parallel()
	gone := httptest.NewServer(nil)
	gone.Close()
	over := make(chan struct{})
	hung := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-over }))
	t.Cleanup(hung.Close)
	t.Cleanup(func() { close(over) })
	rule := endpoint.URLRule{Development: true}
	for url, want := range map[string]string{gone.URL: "connection_failed", hung.URL: "timeout"} {
		o, _ := posted(t, &Client{Rule: rule, patience: 100 * time.Millisecond}, url)
		require.Equal(t, want, o.Reason)
	}
	o, _ := posted(t, &Client{Lookup: names{}.lookup}, "https://example.com/")
	require.Equal(t, endpoint.LookupFailed, o.Reason)
	o, _ = posted(t, &Client{}, "http://127.0.0.1/")
	require.Equal(t, endpoint.RefusedAddress, o.Reason, "http is for development")
}
