package apply

import (
	"strings"

	"github.com/jackc/pgx/v5"

	"patapay/domain"
)

// queueForged raises the alarm when a contradiction settles in this run: by the answer
// that denies an event, or by an event that an earlier answer denies.
func (w *run) queueForged(b *pgx.Batch, p *prepared) {
	here := make(map[domain.EventKey]bool, len(p.rows))
	for _, r := range p.rows {
		here[r.key] = true
	}
	for _, e := range p.entities {
		for _, c := range domain.Contradictions(e.history) {
			if here[c.Event] || here[c.By] {
				b.Queue(
					`SELECT raise_alarm($1, $2, $3, $4)`, w.clinic, string(domain.AlarmForged), w.now,
					domain.AlarmForged.NextAction(),
				)
				return
			}
		}
	}
}

// queueProbe brings the clinic's next look forward when an event tells of an API key. The
// event may be about a key that is not ours, so it moves no state: the look asks the
// gateway, and only its 401 does (docs/architecture.md, connection).
func queueProbe(b *pgx.Batch, w *run, rows []*dueRow) {
	for _, r := range rows {
		if !r.gatewaySnapshot && strings.HasPrefix(r.typ, "ACCESS_TOKEN_") {
			b.Queue(`UPDATE guard_rounds SET next_at = $2 WHERE clinic_id = $1 AND next_at > $2`, w.clinic, w.now)
			return
		}
	}
}
