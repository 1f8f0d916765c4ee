package ledger

import (
	"encoding/json"
	"time"

	"patapay/domain"
	"patapay/tenants"
)

// SaveFees keeps what the clinic's account pays for its charges, as the gateway told at now.
func SaveFees(tx *tenants.Tx, fees domain.Fees, now time.Time) error {
	text, err := json.Marshal(fees)
	if err != nil {
		return err
	}
	return tenants.Translate(tx.Gorm().Exec(`UPDATE clinic_heads SET fees = ?, fees_read_at = ? WHERE clinic_id = ?`,
		string(text), now.UTC(), tx.Clinic()).Error, "fees")
}

// feesOf reads what SaveFees has kept; what cannot be read is not known.
func feesOf(text string) (fees domain.Fees) {
	if text == "" || json.Unmarshal([]byte(text), &fees) != nil {
		return nil
	}
	return fees
}
