package apply

import (
	"strings"

	"patapay/domain"
)

// addForged raises the alarm when a contradiction settles in this run: by the answer
// that denies an event, or by an event that an earlier answer denies.
func (p *prepared) addForged(s *saving) {
	here := make(map[domain.EventKey]bool, len(p.rows))
	for _, r := range p.rows {
		here[r.key] = true
	}
	for _, e := range p.entities {
		for _, c := range domain.Contradictions(e.history) {
			if here[c.Event] || here[c.By] {
				s.alarms.add(p.clinic, domain.AlarmForged)
				return
			}
		}
	}
}

// addProbe brings the clinic's next look forward when an event tells of an API key. The
// event may be about a key that is not ours, so it moves no state: the look asks the
// gateway, and only its 401 does (docs/architecture.md, connection).
func (p *prepared) addProbe(s *saving) {
	for _, r := range p.rows {
		if !r.gatewaySnapshot && strings.HasPrefix(r.typ, "ACCESS_TOKEN_") {
			s.probes = append(s.probes, int32(p.clinic))
			return
		}
	}
}
