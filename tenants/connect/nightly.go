package connect

import (
	"time"

	"patapay/domain/asaas"
	"patapay/tenants"
)

const (
	nightlyLease = "nightly"
	nightlyPause = 20 * time.Hour // less than a day, so that a night is never left out
	nightlyDays  = 3              // back: a night that failed is made good by the next two
	nightBegins  = 1              // o'clock, São Paulo
	nightEnds    = 6
)

// nightDue takes the clinic's night, if it is night and nobody did within 20 hours.
func (g *monitoring) nightDue(tx *tenants.Tx) (bool, error) {
	now := g.Now()
	if hour := now.In(asaas.SaoPaulo).Hour(); hour < nightBegins || hour >= nightEnds {
		return false, nil
	}
	return tx.TakeLease(nightlyLease, g.holder, now.UTC(), now.UTC().Add(nightlyPause))
}
