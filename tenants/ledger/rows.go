package ledger

import (
	"time"

	"patapay/domain"

	"github.com/jackc/pgx/v5"
)

// Rows gathers bookings of one or several clinics as columns, for one INSERT a table.
type Rows struct {
	clinics, legClinics        []int32
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

// Add gathers one booking of a clinic and its legs.
func (s *Rows) Add(clinic domain.ClinicID, b Booking) {
	s.clinics = append(s.clinics, int32(clinic))
	s.nos, s.kinds, s.subjects = append(s.nos, b.No), append(s.kinds, string(b.Kind)), append(s.subjects, b.Key.Subject)
	s.facts = append(s.facts, b.Key.Name)
	s.cycles, s.conflicts = append(s.cycles, int32(b.Key.Cycle)), append(s.conflicts, b.Conflict)
	s.at = append(s.at, string(b.At))
	s.sources, s.hashes = append(s.sources, b.By.Bytes()), append(s.hashes, b.hash)
	s.bookedAt = append(s.bookedAt, b.BookedAt)
	s.legCounts = append(s.legCounts, int16(len(b.Legs)))
	for i, l := range b.Legs {
		s.legClinics, s.legNos = append(s.legClinics, int32(clinic)), append(s.legNos, b.No)
		s.legs = append(s.legs, int16(i+1))
		s.accounts, s.amounts = append(s.accounts, string(l.Account)), append(s.amounts, int64(l.Amount))
	}
}

// Queue writes the rows.
func (s *Rows) Queue(b *pgx.Batch) {
	if len(s.nos) == 0 {
		return
	}
	b.Queue(
		`INSERT INTO ledger_transactions (clinic_id, no, kind, subject, fact, cycle,
		  legs, conflict, at, source, hash, booked_at)
		SELECT u.clinic, u.no, u.kind, u.subject, u.fact, u.cycle, u.legs, u.conflict, u.at, u.source, u.hash, u.booked
		FROM unnest($1::integer[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::integer[], $7::smallint[],
		  $8::boolean[], $9::text[], $10::bytea[], $11::bytea[], $12::timestamptz[])
		    u(clinic, no, kind, subject, fact, cycle, legs, conflict, at, source, hash, booked)`,
		s.clinics, s.nos, s.kinds, s.subjects, s.facts, s.cycles, s.legCounts, s.conflicts, s.at, s.sources, s.hashes,
		s.bookedAt,
	)
	b.Queue(
		`INSERT INTO ledger_entries (clinic_id, no, leg, account, amount) SELECT u.clinic, u.no, u.leg, u.account, u.amount
		FROM unnest($1::integer[], $2::bigint[], $3::smallint[], $4::text[], $5::bigint[])
		  u(clinic, no, leg, account, amount)`,
		s.legClinics, s.legNos, s.legs, s.accounts, s.amounts,
	)
}
