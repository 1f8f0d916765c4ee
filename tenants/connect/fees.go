package connect

import (
	"context"
	"time"

	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/asaasapi"
	"patapay/tenants/ledger"
)

// feesAge is how old the account's fees may be before they are read again.
const feesAge = 20 * time.Hour

// readFees keeps the account's fees, once a day. That they cannot be read stops nothing: then what
// the gateway keeps is not judged by them.
func (c *Connector) readFees(ctx context.Context, clinic domain.ClinicID, cred asaasapi.Credential) error {
	var at time.Time
	err := c.DB.In(ctx, clinic, func(tx *tenants.Tx) (err error) { at, err = ledger.FeesReadAt(tx); return err })
	if err != nil || c.Now().Sub(at) < feesAge {
		return err
	}
	fees, err := c.Client.Fees(ctx, cred)
	if err != nil || len(fees) == 0 {
		return nil //nolint:nilerr // the next comparison asks again
	}
	return c.DB.In(ctx, clinic, func(tx *tenants.Tx) error { return ledger.SaveFees(tx, fees, c.Now()) })
}
