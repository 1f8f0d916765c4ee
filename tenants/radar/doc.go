// Package radar keeps what the gateway sends that no list of ours has: events, members, words and forms, by where they
// stood and what they looked like, over all clinics and without any value (docs/gateway.md, the radar).
package radar
