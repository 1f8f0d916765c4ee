package connect

import (
	"context"

	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/asaasapi"
	"patapay/tenants/connection"
	"patapay/tenants/people"
	"patapay/tenants/vault"
)

// GoLive says what a sandbox clinic moves to production with.
type GoLive struct {
	Key          vault.Secret // of the production account, as it was pasted
	KeyExpiresOn domain.Day   // the day that was given to the key when it was made; "" none or not known
	Email        string       // where the gateway is to write when deliveries fail

	// Audit writes the entry of the tenant that the transaction is in; it runs once in each.
	Audit func(tx *tenants.Tx, from, to tenants.Clinic) error
}

// Live is a clinic in production, with what is under way there.
type Live struct {
	Clinic  tenants.Clinic
	SetUp   tenants.Operation // of the webhook, with the round trip
	Sandbox Removal           // what became of our webhook at the gateway's sandbox
}

// MoveToProduction verifies a production key, which must be of an account with the clinic's own CNPJ, makes the
// production tenant that takes the sandbox one's place, connects it, and lets the clinic's people and the platform's
// id go over to it; a worker then sets the webhook up. The sandbox tenant keeps every row of its money, apart, and is
// disconnected. It fails as Save does, and with Conflict for a clinic that is not an active sandbox one or has moved.
// When it fails nothing was changed.
func MoveToProduction(
	ctx context.Context, c *Connector, clinic tenants.Clinic, in GoLive,
) (live Live, err error) {
	target := clinic
	target.Sandbox = false
	save := Connect{Key: &in.Key, KeyExpiresOn: &in.KeyExpiresOn, Email: &in.Email, Precondition: Unconditional}
	conn, key, _, err := examination{c, target, state{}, save}.examine(ctx)
	if err != nil {
		return live, err
	}
	var cred asaasapi.Credential
	var webhook string
	live.Clinic, err = c.DB.OpenProduction(ctx, clinic.ID, c.Vault, c.Now().UTC(), func(p tenants.Production) error {
		var moving people.Moving
		err := p.InSandbox(func(tx *tenants.Tx) (err error) {
			if cred, webhook, err = c.last(tx); err != nil {
				return err
			}
			if moving, err = people.Leave(tx, c.Vault); err != nil {
				return err
			}
			if err = connection.Disconnect(tx, c.Now().UTC()); err != nil {
				return err
			}
			return in.Audit(tx, p.From, p.To)
		})
		if err != nil {
			return err
		}
		return p.InProduction(func(tx *tenants.Tx) (err error) {
			if err = people.Arrive(tx, moving, c.Vault); err != nil {
				return err
			}
			if _, err = c.store(tx, &conn, key); err != nil {
				return inUse(err)
			}
			if live.SetUp, err = c.operation(p.To, domain.OperationSetUp, 0); err != nil {
				return err
			}
			if err = tx.StartOperation(live.SetUp); err != nil {
				return err
			}
			return in.Audit(tx, p.From, p.To)
		})
	})
	if err != nil {
		return Live{}, err
	}
	if c.Notify != nil {
		c.Notify(live.Clinic.ID, live.SetUp.ID)
	}
	live.Sandbox = c.remove(ctx, cred, webhook)
	return live, nil
}
