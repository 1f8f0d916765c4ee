package app

import (
	"context"
	"net"
	"net/netip"
	"net/url"
	"strings"

	"patapay/api/v1/feed"
	"patapay/domain/endpoint"
	"patapay/jobs"
	"patapay/jobs/endpoints"
)

// endpointRule says where the feed may be pushed to: anywhere but to ourselves.
func (a *App) endpointRule() endpoint.URLRule {
	rule := endpoint.URLRule{Development: a.Config.Development()}
	if u, err := url.Parse(a.Config.PublicURL); err == nil {
		rule.OwnHosts = []string{strings.ToLower(u.Hostname())}
	}
	return rule
}

// endpointSender builds what pushes the feed's entries. Until ctx ends it is told when a feed has grown.
func (a *App) endpointSender(ctx context.Context) *endpoints.Sender {
	return &endpoints.Sender{
		DB: a.APIDB, Vault: a.Vault, Bodies: &feed.Bodies{DB: a.APIDB, Vault: a.Vault, Now: a.wall},
		Now: a.Now, Wall: a.wall, Log: a.log,
		Client: &endpoints.Client{Rule: a.endpointRule(), Own: ownAddresses(a.Config.OutgoingIPs)},
		Next:   nextOfAny(jobs.NewChanges(ctx, a.redis)),
	}
}

func nextOfAny(c *jobs.Changes) func() <-chan struct{} {
	return func() <-chan struct{} { return c.Next(0) }
}

// ownAddresses tells of an address whether it is this machine's, or one that we call others from.
func ownAddresses(outgoing []string) func(netip.Addr) bool {
	own := map[netip.Addr]bool{}
	for _, text := range outgoing {
		if addr, err := netip.ParseAddr(text); err == nil {
			own[addr.Unmap()] = true
		}
	}
	interfaces, _ := net.InterfaceAddrs() // what is not told is private, or refused by its form
	for _, i := range interfaces {
		if prefix, err := netip.ParsePrefix(i.String()); err == nil {
			own[prefix.Addr().Unmap()] = true
		}
	}
	return func(addr netip.Addr) bool { return own[addr.Unmap()] }
}
