package tenants

import (
	"database/sql/driver"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"patapay/domain"
)

// DBUUID is a UUID as a column of a gorm row.
type DBUUID domain.UUID

// Scan reads what the driver returns: text, or the 16 bytes.
func (u *DBUUID) Scan(v any) error {
	switch v := v.(type) {
	case [16]byte:
		*u = v
		return nil
	case string:
		b, err := hex.DecodeString(strings.ReplaceAll(v, "-", ""))
		if err == nil && len(b) == 16 {
			*u = DBUUID(b)
			return nil
		}
	}
	return fmt.Errorf("not a uuid column: %T", v)
}

// Value writes the text form.
func (u DBUUID) Value() (driver.Value, error) {
	h := hex.EncodeToString(u[:])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:], nil
}

// OrZero returns the instant in UTC, or the zero one for null.
func OrZero(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.UTC()
}

// OrNull returns the instant for SQL, null for the zero one.
func OrNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
