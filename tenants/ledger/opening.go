package ledger

import (
	"time"

	"github.com/jackc/pgx/v5"

	"patapay/domain"
	"patapay/tenants"
)

// Begins returns the day on which the clinic's ledger begins, "" before it was opened.
func Begins(tx *tenants.Tx) (day domain.Day, err error) {
	err = tx.Conn(func(c *pgx.Conn) error {
		return c.QueryRow(tx.Context(), `SELECT ledger_from FROM clinic_heads WHERE clinic_id = $1`, tx.Clinic()).Scan(&day)
	})
	return day, tenants.Translate(err, "clinic head")
}

// Begin makes the clinic's ledger begin on day, once: a ledger that has begun keeps
// its day. What was booked of before is put right by Rebook.
func Begin(tx *tenants.Tx, day domain.Day) error {
	return tenants.Translate(
		tx.Gorm().Exec(
			`UPDATE clinic_heads SET ledger_from = $1 WHERE clinic_id = $2 AND ledger_from = ''`, string(day),
			tx.Clinic(),
		).Error,
		"clinic head",
	)
}

// OpenBalance books what the account held when the ledger began, as the gateway tells it
// now. When the gateway tells it otherwise later, that is a correction, and seen as one.
func OpenBalance(tx *tenants.Tx, chain Chain, day domain.Day, held domain.Money, now time.Time) error {
	var facts []domain.Fact
	if held != 0 {
		facts = []domain.Fact{
			{
				Key: domain.FactKey{
					Subject: string(KindOpening),
					Name:    domain.FactOpening,
					Cycle:   1,
				},
				At: domain.LocalTime(day + " 00:00:00"),
				Legs: []domain.Leg{
					{Account: domain.AccountAvailable, Amount: held},
					{Account: domain.AccountOpening, Amount: -held},
				},
			},
		}
	}
	booked, err := bookedOf(tx, string(KindOpening))
	if err != nil {
		return err
	}
	var list []Posting
	for _, f := range domain.Missing(facts, booked) {
		list = append(list, Posting{KindOpening, f})
	}
	return Post(tx, chain, now, list...)
}
