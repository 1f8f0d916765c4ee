package apply

import (
	"time"

	"github.com/jackc/pgx/v5"

	"patapay/domain"
	"patapay/tenants/ledger"
)

// feedRows gathers changes as columns, for one INSERT.
type feedRows struct {
	clinics         []int32
	seqs            []int64
	kinds, asaasIDs []string
	ids             [][16]byte
	versions        []int32
	states          []string
	texts           [][]byte
}

// change notes a projection's next version: the next entry of the clinic's feed.
func (w *run) change(s *saving, c Change, e *entity) {
	w.report.Changes = append(w.report.Changes, c)
	w.head.Feed++
	f := &s.feed
	f.clinics, f.seqs = append(f.clinics, int32(w.clinic)), append(f.seqs, w.head.Feed)
	f.kinds, f.asaasIDs, f.ids = append(f.kinds, string(c.Kind)), append(f.asaasIDs, c.AsaasID), append(f.ids, c.ID)
	f.versions, f.states = append(f.versions, int32(c.Version)), append(f.states, string(e.folded.state))
	f.texts = append(f.texts, e.folded.texts)
}

// queue writes the changes. They are numbered under their clinics' locks, so that
// no reader ever sees a number before a smaller one.
func (f *feedRows) queue(b *pgx.Batch, now time.Time) {
	if len(f.seqs) == 0 {
		return
	}
	b.Queue(`INSERT INTO changes (clinic_id, seq, kind, object_id, asaas_id, version, at, state, texts)
		SELECT u.clinic, u.seq, u.kind, u.id, u.asaas_id, u.version, $2, u.state::json, u.texts
		FROM unnest($1::integer[], $3::bigint[], $4::text[], $5::uuid[], $6::text[], $7::integer[], $8::text[], $9::bytea[])
		  u(clinic, seq, kind, id, asaas_id, version, state, texts)`,
		f.clinics, now.Truncate(time.Microsecond), f.seqs, f.kinds, f.ids, f.asaasIDs, f.versions, f.states, f.texts)
}

// headRows gathers the ends of ledgers and feeds that moved.
type headRows struct {
	clinics    []int32
	nos, feeds []int64
	hashes     [][]byte
}

func (h *headRows) add(clinic domain.ClinicID, was, is ledger.Head) {
	if is.No != was.No || is.Feed != was.Feed {
		h.clinics, h.nos = append(h.clinics, int32(clinic)), append(h.nos, is.No)
		h.hashes, h.feeds = append(h.hashes, is.Hash), append(h.feeds, is.Feed)
	}
}

// queue writes the clinics' heads.
func (h *headRows) queue(b *pgx.Batch) {
	if len(h.clinics) > 0 {
		b.Queue(
			`UPDATE clinic_heads h SET ledger_no = u.no, ledger_hash = u.hash, feed_seq = u.feed
			FROM unnest($1::integer[], $2::bigint[], $3::bytea[], $4::bigint[]) u(clinic, no, hash, feed)
			WHERE h.clinic_id = u.clinic`,
			h.clinics, h.nos, h.hashes, h.feeds,
		)
	}
}
