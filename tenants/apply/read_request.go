package apply

import (
	"time"

	"github.com/jackc/pgx/v5"

	"patapay/domain"
)

// want is a read of an entity from the gateway that is asked for.
type want struct {
	reason string
	open   bool // due some day; else kept for the time of the last read
}

// Reasons of a read beside the anomaly codes of domain.
const (
	readUnverified = "hint"            // an unproved delivery named it
	wantVariant    = "variant"         // one id came with two bodies
	wantOrphan     = "orphan"          // another entity speaks of it, its own events have not come
	wantConfirm    = "confirm"         // money moved by word of a webhook
	wantLedger     = "ledger_conflict" // two carriers of one fact differ
)

const (
	applyTime   = 5 * time.Second  // what is merely late comes by itself
	orphanTime  = 60 * time.Second // docs/architecture.md, gateway snapshots
	confirmTime = 30 * time.Second // docs/architecture.md, gateway snapshots
)

// queueOrphans asks which of these payments have no record yet.
func (w *run) queueOrphans(b *pgx.Batch, payments []string, into *[]string) {
	if len(payments) == 0 || !w.side.confirm {
		return
	}
	b.Queue(`SELECT DISTINCT u.id FROM unnest($2::text[]) u(id)
		WHERE NOT EXISTS (SELECT FROM records r WHERE r.clinic_id = $1 AND r.kind = 'payment' AND r.entity_id = u.id)`,
		w.clinic, payments).Query(func(rows pgx.Rows) (err error) {
		*into, err = pgx.CollectRows(rows, pgx.RowTo[string])
		return err
	})
}

// queueReadRequests asks for the reads that the folded entities need, and takes back those
// that they no longer do. A read for an unverified delivery or a variant is taken back by nobody.
func (w *run) queueReadRequests(b *pgx.Batch, p *prepared) {
	inBatch := map[entityName]bool{}
	for _, e := range p.entities {
		inBatch[e.name] = true
		reason, delay := e.wanted(w.side.confirm)
		have := p.wants[e.name]
		switch {
		case reason != "" && !have.open:
			b.Queue(`SELECT want_truth($1, $2, $3, $4, $5)`, w.clinic, string(e.name.kind), e.name.id, reason, w.now.Add(delay))
		case reason == "" && have.open && have.reason != readUnverified && have.reason != wantVariant && have.reason != wantLedger:
			b.Queue(`UPDATE truth_wants SET due_at = 'infinity' WHERE clinic_id = $1 AND kind = $2 AND entity_id = $3`, w.clinic, string(e.name.kind), e.name.id)
		}
	}
	for _, payment := range p.orphans {
		if !inBatch[entityName{domain.KindPayment, payment}] {
			b.Queue(`SELECT want_truth($1, 'payment', $2, $3, $4)`, w.clinic, payment, wantOrphan, w.now.Add(orphanTime))
		}
	}
}

// wanted returns why the entity should be read from the gateway, and how soon; "" when not.
func (e *entity) wanted(confirm bool) (string, time.Duration) {
	doubt := e.folded.shared.NeedsTruth
	switch {
	case doubt == domain.AnomalyNoSnapshot:
		return doubt, 0
	case doubt != "":
		return doubt, applyTime
	case e.conflict && confirm:
		return wantLedger, applyTime
	case e.folded.confirm && confirm:
		return wantConfirm, confirmTime
	}
	return "", 0
}
