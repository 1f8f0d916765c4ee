package connection

import (
	"time"

	"github.com/jackc/pgx/v5"

	"patapay/domain"
	"patapay/tenants"
)

// Observation is what the last health checks saw of the clinic at the gateway, and what must
// outlive the one that saw it.
type Observation struct {
	SeenAt            time.Time  // the configurations were last read; zero: never
	RightAt           time.Time  // the webhook was last seen as it should be; zero: never
	Webhook           string     // the configuration that was last seen; "" none
	ProbedAt          time.Time  // the key's permissions were asked for; zero: never
	Lacking           []string   // permissions that the key had not, in the words of the gateway's panel
	CommercialEnds    domain.Day // commercial data are to be confirmed by this day; "" not known
	CommercialExpired bool
	QuotaAccount      string // under which the gateway client counts the calls of the key that was used; "" none
}

// LastObservation returns what was seen last; the zero Observation before the first health check.
func LastObservation(tx *tenants.Tx) (s Observation, err error) {
	err = tx.Conn(func(c *pgx.Conn) error {
		rows, err := c.Query(
			tx.Context(),
			`SELECT seen_at, right_at, webhook_seen, probed_at, lacking, coalesce(commercial_ends::text, ''), commercial_expired,
			quota_account
			FROM connection_checks WHERE clinic_id = $1`,
			tx.Clinic(),
		)
		if err != nil {
			return err
		}
		seen, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (s Observation, err error) {
			var saw, right, probed *time.Time
			err = row.Scan(
				&saw, &right, &s.Webhook, &probed, &s.Lacking, &s.CommercialEnds, &s.CommercialExpired, &s.QuotaAccount,
			)
			s.SeenAt, s.RightAt, s.ProbedAt = tenants.OrZero(saw), tenants.OrZero(right), tenants.OrZero(probed)
			return s, err
		})
		if len(seen) > 0 {
			s = seen[0]
		}
		return err
	})
	return s, tenants.Translate(err, "what health checks observed")
}

// SaveObservation stores what a health check saw; the row is the one of its checks.
func SaveObservation(tx *tenants.Tx, s Observation) error {
	if s.Lacking == nil {
		s.Lacking = []string{}
	}
	var ends *string
	if s.CommercialEnds != "" {
		day := string(s.CommercialEnds)
		ends = &day
	}
	return tenants.Translate(tx.Conn(func(c *pgx.Conn) error {
		_, err := c.Exec(
			tx.Context(),
			`UPDATE connection_checks SET right_at = $2, webhook_seen = $3, probed_at = $4, lacking = $5,
			commercial_ends = $6::date, commercial_expired = $7, seen_at = $8, quota_account = $9 WHERE clinic_id = $1`,
			tx.Clinic(), tenants.OrNull(s.RightAt), s.Webhook, tenants.OrNull(s.ProbedAt), s.Lacking, ends,
			s.CommercialExpired, tenants.OrNull(s.SeenAt), s.QuotaAccount,
		)
		return err
	}), "what health checks observed")
}
