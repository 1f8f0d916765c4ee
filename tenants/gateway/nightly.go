package gateway

import (
	"context"
	"errors"
	"fmt"
	"time"

	"patapay/domain"
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

// Nightly compares every connected clinic with the gateway, one after the other, if it is
// night and nobody did so within 20 hours: the lease keeps other processes off. A clinic
// that fails holds nobody up; the errors come back joined.
func (c *Connector) Nightly(ctx context.Context) error {
	now := c.Now()
	if hour := now.In(asaas.SaoPaulo).Hour(); hour < nightBegins || hour >= nightEnds {
		return nil
	}
	clinics, err := c.DB.ConnectedClinics(ctx)
	for _, id := range clinics {
		if ctx.Err() != nil {
			break
		}
		if failed := c.night(ctx, id); failed != nil {
			err = errors.Join(err, fmt.Errorf("clinic %d: %w", id, failed))
		}
	}
	return err
}

// night compares one clinic, unless that is done or under way.
func (c *Connector) night(ctx context.Context, id domain.ClinicID) error {
	var clinic tenants.Clinic
	var due bool
	now := c.Now().UTC()
	err := c.DB.In(ctx, id, func(tx *tenants.Tx) (err error) {
		if clinic, err = tx.Self(); err != nil || clinic.State != "active" {
			return err
		}
		due, err = tx.TakeLease(nightlyLease, tenants.NewID(now).Public("hld"), now, now.Add(nightlyPause))
		return err
	})
	if err != nil || !due {
		return err
	}
	o, err := c.begin(ctx, clinic, ReconcileConnection, nightlyDays, Guard{Match: anyVersion, Audit: func(*tenants.Tx, tenants.Connection) error { return nil }})
	if domain.CodeOf(err) == domain.Conflict { // somebody asked for one just now
		return nil
	}
	if err == nil {
		o.run(ctx)
	}
	return err
}
