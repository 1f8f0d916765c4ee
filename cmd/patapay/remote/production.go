package remote

import (
	"context"

	"github.com/oapi-codegen/runtime/types"

	"patapay/api/client"
)

// ConnectionProductionCmd moves a clinic of the sandbox to production. The sandbox's tenant keeps what was tried out.
type ConnectionProductionCmd struct {
	onClinic
	keySource
	KeyExpiresOn string `placeholder:"YYYY-MM-DD" help:"The day on which the key ends, when one was chosen at Asaas."`
	Email        string `help:"Where Asaas writes when deliveries fail. None: the account's address."`
}

// Run asks, moves the clinic, follows the set-up in production to its end, and shows both tenants and the connection.
func (c ConnectionProductionCmd) Run(ctx context.Context) error {
	key, err := c.read(c.Remote)
	if err != nil {
		return err
	}
	if err := c.confirm("Move this clinic to production? Its people and its id go over at once, the sandbox is " +
		"disconnected, and there is no way back."); err != nil {
		return err
	}
	api, tenant, err := c.there()
	if err != nil {
		return err
	}
	res, err := api.MoveToProductionWithResponse(ctx, tenant, nil, client.MoveToProductionInputBody{
		APIKey: &key, KeyExpiresOn: optional(c.KeyExpiresOn), NotificationEmail: optional(types.Email(c.Email)),
	})
	if err != nil {
		return dry(failed(err))
	}
	if err := c.Show(res.Body, "tenantId", "sandboxTenantId", "sandbox.webhook"); err != nil {
		return err
	}
	if _, err := c.follow(ctx, res.JSON200.SetUpOperation); err != nil {
		return err
	}
	c.Clinic = res.JSON200.TenantID // ten_… named the sandbox's until now
	return c.active(ctx)
}
