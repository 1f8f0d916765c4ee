package endpoint

import "net/netip"

// The reasons for which nothing is sent to an address. They stand in the delivery log, and say nothing
// of the address itself.
const (
	RefusedAddress = "refused_address" // it is, or leads to, a place inside
	LookupFailed   = "lookup_failed"
)

// inside are the IPv4 addresses that are nobody's on the internet (RFC 6890 and its registry), beside
// those that netip names, and one that a cloud answers its own machines at.
var inside = prefixes(
	"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15",
	"198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4", "168.63.129.16/32",
)

// outside is where IPv6 addresses of the internet are; special are those in it that stand for other
// networks: Teredo and other protocols, documentation, 6to4.
var (
	outside = netip.MustParsePrefix("2000::/3")
	special = prefixes("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
)

func prefixes(list ...string) (all []netip.Prefix) {
	for _, one := range list {
		all = append(all, netip.MustParsePrefix(one))
	}
	return all
}

// Public tells whether an address is one of the internet, that anybody may be sent to. An IPv4 address
// written or wrapped as IPv6 is none: who means it writes it plainly.
func Public(addr netip.Addr) bool {
	switch {
	case !addr.IsValid(), addr.Zone() != "", addr.Is4In6(), addr.IsPrivate(), addr.IsLoopback(), addr.IsMulticast(),
		addr.IsLinkLocalUnicast(), addr.IsUnspecified():
		return false
	case addr.Is4():
		return !contains(inside, addr)
	}
	return outside.Contains(addr) && !contains(special, addr)
}

func contains(list []netip.Prefix, addr netip.Addr) bool {
	for _, p := range list {
		if p.Contains(addr) {
			return true
		}
	}
	return false
}
