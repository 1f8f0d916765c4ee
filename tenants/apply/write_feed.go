package apply

import (
	"time"

	"patapay/tenants/ledger"

	"github.com/jackc/pgx/v5"
)

// feedRows gathers the run's changes as columns, for one INSERT.
type feedRows struct {
	seqs            []int64
	kinds, asaasIDs []string
	ids             [][16]byte
	versions        []int32
	states          []string
	texts           [][]byte
}

// change notes a projection's next version: the next entry of the clinic's feed.
func (w *run) change(c Change, e *entity) {
	w.report.Changes = append(w.report.Changes, c)
	w.head.Feed++
	f := &w.feed
	f.seqs, f.kinds, f.asaasIDs, f.ids = append(f.seqs, w.head.Feed), append(f.kinds, string(c.Kind)),
		append(f.asaasIDs, c.AsaasID), append(f.ids, c.ID)
	f.versions, f.states, f.texts = append(f.versions, int32(c.Version)), append(f.states, string(e.folded.state)),
		append(f.texts, e.folded.texts)
}

// queueFeed writes the run's changes. They are numbered under the clinic's lock, so that
// no reader ever sees a number before a smaller one.
func (w *run) queueFeed(b *pgx.Batch) {
	f := w.feed
	w.feed = feedRows{}
	if len(f.seqs) == 0 {
		return
	}
	b.Queue(`INSERT INTO changes (clinic_id, seq, kind, object_id, asaas_id, version, at, state, texts)
		SELECT $1, u.seq, u.kind, u.id, u.asaas_id, u.version, $2, u.state::json, u.texts
		FROM unnest($3::bigint[], $4::text[], $5::uuid[], $6::text[], $7::integer[], $8::text[], $9::bytea[]) u(seq, kind, id, asaas_id, version, state, texts)`,
		w.clinic, w.now.Truncate(time.Microsecond), f.seqs, f.kinds, f.ids, f.asaasIDs, f.versions, f.states, f.texts)
}

// queueHead writes the clinic's head when the run moved it.
func (w *run) queueHead(b *pgx.Batch, was ledger.Head) {
	if w.head.No != was.No || w.head.Feed != was.Feed {
		b.Queue(
			`UPDATE clinic_heads SET ledger_no = $2, ledger_hash = $3, feed_seq = $4 WHERE clinic_id = $1`, w.clinic,
			w.head.No, w.head.Hash, w.head.Feed,
		)
	}
}
