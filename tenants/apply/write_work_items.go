package apply

import (
	"patapay/domain"
	"patapay/tenants/ledger"

	"github.com/jackc/pgx/v5"
)

// queueWorkItems opens what the entities give cause for, closes what they no longer do,
// and has rivals of a reference read again. Where nothing is odd it asks nothing.
func (w *run) queueWorkItems(b *pgx.Batch, entities []*entity) {
	var open []domain.Concern
	var settled []string
	for _, e := range entities {
		open = append(open, e.concerns...)
		if e.eased() {
			settled = append(settled, e.name.id)
		}
		if len(e.missing) > 0 {
			for _, id := range e.rivals {
				b.Queue(`SELECT want_truth($1, 'payment', $2, $3, $4)`, w.clinic, id, domain.ReadExpected, w.now)
			}
		}
	}
	if len(settled) > 0 {
		var keep []string
		for _, c := range open {
			keep = append(keep, c.Kind+" "+c.Subject)
		}
		b.Queue(`UPDATE work_items SET outcome = 'gone', resolved_at = $2, updated_at = $2, version = version + 1
			WHERE clinic_id = $1 AND outcome = '' AND subject = ANY($3) AND kind <> 'statement_line' AND kind || ' ' || subject <> ALL($4)`, w.clinic, w.now, settled, append([]string{""}, keep...))
	}
	if len(open) > 0 {
		b.Queue(ledger.OpenItems, ledger.OpenArgs(w.clinic, w.now, open)...)
	}
}

// eased tells whether something that was booked has just been put right, so that an item
// may be gone.
func (e *entity) eased() bool {
	for _, f := range e.missing {
		if f.Key.IsCorrection() || f.Key.IsVoid() {
			return true
		}
	}
	return false
}
