package apply

import (
	"github.com/jackc/pgx/v5"

	"patapay/domain"
	"patapay/tenants/ledger"
)

// queueWorkItems opens what the entities give cause for and closes what they no longer do. Both
// follow from the state now, whatever has just been booked, or by which way it became so.
func (w *run) queueWorkItems(b *pgx.Batch, entities []*entity) {
	var open []domain.Concern
	var subjects, keep []string
	for _, e := range entities {
		if !hasFacts(e.name.kind) {
			continue
		}
		subjects = append(subjects, e.name.id)
		for _, c := range e.concerns {
			open, keep = append(open, c), append(keep, c.Kind+" "+c.Subject)
		}
	}
	if len(subjects) > 0 {
		b.Queue(`UPDATE work_items SET outcome = 'gone', resolved_at = $2, updated_at = $2, version = version + 1
			WHERE clinic_id = $1 AND outcome = '' AND resolved_at IS NULL AND subject = ANY($3) AND kind = ANY($4)
			AND kind || ' ' || subject <> ALL($5)`,
			w.clinic, w.now, subjects, domain.EntityConcerns(), append([]string{""}, keep...))
	}
	if len(open) > 0 {
		b.Queue(ledger.OpenItems, ledger.OpenArgs(w.clinic, w.now, open)...)
	}
}
