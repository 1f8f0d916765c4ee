package apply

import (
	"github.com/jackc/pgx/v5"

	"patapay/domain"
)

// queueForged raises the alarm when a contradiction settles in this wake: by the answer
// that denies an event, or by an event that an earlier answer denies.
func (w *wake) queueForged(b *pgx.Batch, p *prepared) {
	here := make(map[domain.EventKey]bool, len(p.rows))
	for _, r := range p.rows {
		here[r.key] = true
	}
	for _, e := range p.entities {
		for _, c := range domain.Contradictions(e.history) {
			if here[c.Event] || here[c.By] {
				b.Queue(`SELECT raise_alarm($1, $2, $3, $4)`, w.clinic, string(domain.AlarmForged), w.now, domain.AlarmForged.NextAction())
				return
			}
		}
	}
}
