package apply

import (
	"github.com/jackc/pgx/v5"

	"patapay/domain"
)

// ForgedAlarm is the kind of the alarm about a money fact that came by webhook and that the
// gateway's own answer denies.
const ForgedAlarm = "forged_or_contradicted"

const forgedAction = "An event told of money that Asaas denies; the state is Asaas's. Look at the entity's events; if they were not sent by Asaas, rotate the webhook token."

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
				b.Queue(`SELECT raise_alarm($1, $2, $3, $4)`, w.clinic, ForgedAlarm, w.now, forgedAction)
				return
			}
		}
	}
}
