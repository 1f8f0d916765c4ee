package endpoint

import (
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"
)

// Forms in which an address inside has been written to look harmless, or that are refused for their form.
var harmlessForms = []string{
	"https://127.0.0.1/",
	"https://127.1/",
	"https://2130706433/",
	"https://0x7f000001/",
	"https://0x7f.0.0.1/",
	"https://0177.0.0.1/",
	"https://017700000001/",
	"https://127.0.0.1./",
	"https://localhost/",
	"https://localhost./",
	"https://a.localhost/",
	"https://[::1]/",
	"https://[::]/",
	"https://0.0.0.0/",
	"https://0/",
	"https://[::ffff:127.0.0.1]/",
	"https://[::ffff:8.8.8.8]/",
	"https://[64:ff9b::7f00:1]/",
	"https://[64:ff9b:1::a00:1]/",
	"https://[2002:7f00:1::]/",
	"https://[2001:0:7f00:1::]/",
	"https://[fe80::1]/",
	"https://[fe80::1%25eth0]/",
	"https://[fc00::1]/",
	"https://[fd00:ec2::254]/",
	"https://[ff02::1]/",
	"https://169.254.169.254/latest/meta-data",
	"https://100.100.100.200/",
	"https://100.64.0.1/",
	"https://192.0.0.192/",
	"https://168.63.129.16/",
	"https://10.0.0.1/",
	"https://172.16.0.1/",
	"https://192.168.0.1/",
	"https://224.0.0.1/",
	"https://255.255.255.255/",
	"https://198.18.0.1/",
	"https://①②⑦.0.0.1/",
	"https://127。0。0。1/",
	"https://ⓛocalhost/",
	"https://metadata.google.internal/",
	"https://intranet/",
	"https://printer.local/",
	"https://example.com@127.0.0.1/",
	"https://127.0.0.1#@example.com/",
	"https://user:pass@example.com/",
	"https://%31%32%37.0.0.1/",
	"http://example.com/",
	"http://127.0.0.1/",
	"ftp://example.com/",
	"//example.com/",
	"example.com",
	"https://example.com:80/",
	"https://example.com:22/",
	"https://example.com:1024/",
	"https://example.com:0/",
	"https://example.com:65536/",
	"https://example..com/",
	"https://",
	"https:example.com",
	"gopher://127.0.0.1:6379/_",
	"file:///etc/passwd",
	"https://pagamentos.example.org/x",
	"https://PAGAMENTOS.example.org/x",
}

func TestNoHarmlessLookingFormLeadsInside(t *testing.T) {
	t.Parallel()
	rule := URLRule{OwnHosts: []string{"pagamentos.example.org"}}
	for _, form := range harmlessForms {
		_, err := rule.Check(form)
		require.Error(t, err, form)
	}
	require.GreaterOrEqual(t, len(harmlessForms), 30)
	for _, good := range []string{
		"https://example.com/hooks?a=b", "https://example.com:443/",
		"https://example.com:8443/", "https://8.8.8.8/", "https://[2606:4700::1111]/x",
		"https://EXAMPLE.com.br/", "https://xn--clnica-4va.com.br/",
	} {
		_, err := rule.Check(good)
		require.NoError(t, err, good)
	}
}

func TestOnlyDevelopmentSendsToThisMachineWithoutTLS(t *testing.T) {
	t.Parallel()
	development := URLRule{Development: true}
	for _, mine := range []string{"http://127.0.0.1:9000/x", "http://localhost:80/", "http://[::1]:3000/"} {
		_, err := development.Check(mine)
		require.NoError(t, err, mine)
		_, err = URLRule{}.Check(mine)
		require.Error(t, err, mine)
	}
	for _, other := range []string{"http://example.com/", "http://10.0.0.1/", "http://2130706433/"} {
		_, err := development.Check(other)
		require.Error(t, err, other)
	}
}

func TestAddressesThatAreNobodysOnTheInternetAreNotPublic(t *testing.T) {
	t.Parallel()
	for _, inside := range []string{
		"0.1.2.3", "10.1.2.3", "100.127.255.255", "127.8.8.8", "169.254.1.1",
		"172.31.255.255", "192.0.0.1", "192.0.2.1", "192.88.99.1", "192.168.1.1",
		"198.19.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.251", "240.0.0.1",
		"255.255.255.255", "168.63.129.16", "::", "::1", "::ffff:1.1.1.1",
		"::1.1.1.1", "64:ff9b::1.1.1.1", "64:ff9b:1::1", "100::1", "2001::1",
		"2001:db8::1", "2002:808:808::1", "3fff::1", "fc00::1", "fdff::1", "fe80::1",
		"fec0::1", "ff02::1", "5f00::1", "fe80::1%eth0", "2606:4700::1111%eth0",
	} {
		require.False(t, Public(netip.MustParseAddr(inside)), inside)
	}
	require.False(t, Public(netip.Addr{}))
	for _, outside := range []string{
		"1.1.1.1", "8.8.8.8", "100.63.255.255", "100.128.0.1", "172.32.0.1", "2606:4700::1111", "2804:14c::1",
	} {
		require.True(t, Public(netip.MustParseAddr(outside)), outside)
	}
}
