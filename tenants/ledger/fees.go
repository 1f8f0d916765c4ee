package ledger

import (
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"

	"patapay/domain"
	"patapay/tenants"
)

// SaveFees keeps what the clinic's account pays for its charges, as the gateway told at now.
func SaveFees(tx *tenants.Tx, fees domain.Fees, now time.Time) error {
	text, err := json.Marshal(fees)
	if err != nil {
		return err
	}
	return tenants.Translate(tx.Gorm().Exec(`UPDATE clinic_heads SET fees = $1, fees_read_at = $2 WHERE clinic_id = $3`,
		string(text), now.UTC(), tx.Clinic()).Error, "fees")
}

// feesOf reads what SaveFees has kept; what cannot be read is not known.
func feesOf(text string) (fees domain.Fees) {
	if text == "" || json.Unmarshal([]byte(text), &fees) != nil {
		return nil
	}
	return fees
}

// FeesReadAt returns when SaveFees was called last; the zero time for never.
func FeesReadAt(tx *tenants.Tx) (at time.Time, err error) {
	var read *time.Time
	err = tx.Conn(func(c *pgx.Conn) error {
		return tenants.IgnoreNoRows(c.QueryRow(tx.Context(), `SELECT fees_read_at FROM clinic_heads WHERE clinic_id = $1`,
			tx.Clinic()).Scan(&read))
	})
	return tenants.OrZero(read), tenants.Translate(err, "fees")
}
