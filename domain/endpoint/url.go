package endpoint

import (
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"patapay/domain"
)

// mostURL is how many bytes an address may have.
const mostURL = 2000

// URLRule says where endpoints may lead.
type URLRule struct {
	Development bool     // http to this machine is allowed too
	OwnHosts    []string // names we answer at ourselves, lower case
}

// Check returns an endpoint's address, or fails with Invalid and what is wrong with it, pt-BR. What its
// name leads to is looked at when something is sent, for that may change at any time.
func (r URLRule) Check(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	switch {
	case len(text) > mostURL || err != nil || u.Host == "" || u.Opaque != "":
		return nil, domain.Errorf(domain.Invalid, "Informe um endereço completo, como https://exemplo.com.br/avisos.")
	case u.User != nil || u.Fragment != "" || strings.Contains(text, "#"):
		return nil, domain.Errorf(domain.Invalid, "O endereço não pode ter usuário, senha nem #.")
	}
	host := strings.ToLower(u.Hostname())
	if r.Development && u.Scheme == "http" && thisMachine(host) {
		return u, nil
	}
	switch {
	case u.Scheme != "https":
		return nil, domain.Errorf(domain.Invalid, "O endereço precisa começar com https://.")
	case !allowedPort(u.Port()):
		return nil, domain.Errorf(domain.Invalid, "A porta precisa ser 443 ou maior que 1024.")
	case !r.publicHost(host):
		return nil, domain.Errorf(domain.Invalid, "O endereço precisa ser público na internet, e não o nosso.")
	}
	return u, nil
}

// thisMachine tells whether a host is this machine in plain words.
func thisMachine(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}

func allowedPort(port string) bool {
	if port == "" || port == "443" {
		return true
	}
	n, err := strconv.Atoi(port)
	return err == nil && n > 1024 && n <= 65535
}

// publicHost tells whether a host may be one of the internet: a plain address, or a name of two parts or
// more that is not the notation of a number, which some resolvers read as an address.
func (r URLRule) publicHost(host string) bool {
	if addr, err := netip.ParseAddr(host); err == nil {
		return Public(addr)
	}
	if strings.Trim(host, "abcdefghijklmnopqrstuvwxyz0123456789.-") != "" || strings.Contains(host, "..") {
		return false
	}
	label := strings.Split(host, ".")
	last := label[len(label)-1]
	if len(label) < 2 || last == "" || last[0] >= '0' && last[0] <= '9' {
		return false
	}
	switch last {
	case "localhost", "local", "internal", "lan", "home", "corp", "arpa", "invalid", "test", "onion":
		return false
	}
	for _, own := range r.OwnHosts {
		if host == own {
			return false
		}
	}
	return true
}
