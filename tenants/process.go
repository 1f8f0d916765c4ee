package tenants

import (
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"patapay/domain"
)

// ProcessKept is how long a process counts as running after it was noted last.
const ProcessKept = 2 * time.Minute

// Process is a program of this deployment that runs.
type Process struct {
	ID     domain.UUID // of this start of it
	Name   string      // what it runs, and where
	Marks  []string    // of the newest keys that it has, without blanks
	SeenAt time.Time   // UTC, when it was noted last
}

// Has tells whether the process has the key of a mark.
func (p Process) Has(mark string) bool { return slices.Contains(p.Marks, mark) }

// NoteProcess notes that a process runs at its SeenAt, and forgets those that ended without a word. The transaction is
// the platform's.
func NoteProcess(tx *Tx, p Process) error {
	err := tx.Gorm().Exec(`DELETE FROM processes WHERE seen_at < $1`, p.SeenAt.Add(-ProcessKept)).Error
	if err == nil {
		err = tx.Gorm().Exec(`INSERT INTO processes (process_id, name, marks, seen_at) VALUES ($1, $2, $3, $4)
			ON CONFLICT (process_id) DO UPDATE SET seen_at = excluded.seen_at`,
			DBUUID(p.ID), p.Name, strings.Join(p.Marks, " "), p.SeenAt).Error
	}
	return Translate(err, "process")
}

// EndProcess forgets a process that ends; none is no failure. The transaction is the platform's.
func EndProcess(tx *Tx, id domain.UUID) error {
	return Translate(tx.Gorm().Exec(`DELETE FROM processes WHERE process_id = $1`, DBUUID(id)).Error, "process")
}

// Processes returns the processes that run at now, in the order of their names. The transaction is the platform's.
func Processes(tx *Tx, now time.Time) (list []Process, err error) {
	err = tx.Conn(func(c *pgx.Conn) error {
		rows, err := c.Query(tx.Context(), `SELECT process_id, name, marks, seen_at FROM processes WHERE seen_at >= $1
			ORDER BY name, process_id`, now.Add(-ProcessKept))
		if err != nil {
			return err
		}
		list, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (p Process, err error) {
			var id [16]byte
			var marks string
			err = row.Scan(&id, &p.Name, &marks, &p.SeenAt)
			p.ID, p.Marks, p.SeenAt = id, strings.Fields(marks), p.SeenAt.UTC()
			return p, err
		})
		return err
	})
	return list, Translate(err, "processes")
}
