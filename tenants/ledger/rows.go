package ledger

import (
	"time"

	"patapay/domain"

	"github.com/jackc/pgx/v5"
)

// Rows gathers bookings as columns, for one INSERT a table.
type Rows struct {
	nos, legNos                []int64
	kinds, subjects, facts, at []string
	cycles                     []int32
	legCounts, legs            []int16
	conflicts                  []bool
	sources, hashes            [][]byte
	bookedAt                   []time.Time
	accounts                   []string
	amounts                    []int64
}

// Add gathers one booking and its legs.
func (s *Rows) Add(b Booking) {
	s.nos, s.kinds, s.subjects, s.facts = append(s.nos, b.No), append(s.kinds, string(b.Kind)),
		append(s.subjects, b.Key.Subject), append(s.facts, b.Key.Name)
	s.cycles, s.conflicts, s.at = append(s.cycles, int32(b.Key.Cycle)), append(s.conflicts, b.Conflict),
		append(s.at, string(b.At))
	s.sources, s.hashes, s.bookedAt = append(s.sources, b.By.Bytes()), append(s.hashes, b.hash),
		append(s.bookedAt, b.BookedAt)
	s.legCounts = append(s.legCounts, int16(len(b.Legs)))
	for i, l := range b.Legs {
		s.legNos, s.legs = append(s.legNos, b.No), append(s.legs, int16(i+1))
		s.accounts, s.amounts = append(s.accounts, string(l.Account)), append(s.amounts, int64(l.Amount))
	}
}

// Queue writes the rows.
func (s *Rows) Queue(b *pgx.Batch, clinic domain.ClinicID) {
	if len(s.nos) == 0 {
		return
	}
	b.Queue(
		`INSERT INTO ledger_transactions (clinic_id, no, kind, subject, fact, cycle, legs, conflict, at, source, hash, booked_at)
		SELECT $1, * FROM unnest($2::bigint[], $3::text[], $4::text[], $5::text[], $6::integer[], $7::smallint[], $8::boolean[], $9::text[], $10::bytea[], $11::bytea[], $12::timestamptz[])`,
		clinic, s.nos, s.kinds, s.subjects, s.facts, s.cycles, s.legCounts, s.conflicts, s.at, s.sources, s.hashes,
		s.bookedAt,
	)
	b.Queue(
		`INSERT INTO ledger_entries (clinic_id, no, leg, account, amount) SELECT $1, * FROM unnest($2::bigint[], $3::smallint[], $4::text[], $5::bigint[])`,
		clinic, s.legNos, s.legs, s.accounts, s.amounts,
	)
}
