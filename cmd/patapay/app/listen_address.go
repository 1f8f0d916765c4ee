package app

import (
	"fmt"
	"net"
	"net/netip"
)

// OwnAddress returns addr, host:port, with a range such as 172.30.77.0/24 in place of the host turned into this
// machine's own address in it. A container that is in several networks so listens in one of them alone, whatever
// address it was given there. Any other host stays as it is. It fails when no address of ours is in the range.
func OwnAddress(addr string) (string, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return "", err
	}
	within, err := netip.ParsePrefix(host)
	if err != nil {
		return addr, nil
	}
	all, err := net.InterfaceAddrs()
	if err != nil {
		return "", err
	}
	for _, one := range all {
		own, err := netip.ParsePrefix(one.String())
		if err == nil && within.Contains(own.Addr().Unmap()) {
			return net.JoinHostPort(own.Addr().Unmap().String(), port), nil
		}
	}
	return "", fmt.Errorf("this machine has no address in %s", within)
}
