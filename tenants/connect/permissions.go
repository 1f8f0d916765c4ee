package connect

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"patapay/tenants/asaasapi"
)

// permission is one that the product reads by, and how to learn whether a key has it. A read
// proves it; nothing is written to try a permission out.
type permission struct {
	name  string // in the words of the gateway's panel
	what  string // does not work without it, pt-BR
	vital bool   // without it a key is not saved, and a connection needs attention
	ask   func(context.Context, *asaasapi.Client, asaasapi.Credential) error
}

// permissions are all that the product reads by. That of checkouts has no read.
var permissions = []permission{
	{
		asaasapi.ReadAccount,
		"saber de quem é a conta e até quando valem os dados comerciais",
		true,
		func(ctx context.Context, c *asaasapi.Client, cred asaasapi.Credential) error {
			_, err := c.AccountStatus(ctx, cred)
			return err
		},
	},
	{
		asaasapi.ReadPayments,
		"conferir faturas",
		true,
		func(ctx context.Context, c *asaasapi.Client, cred asaasapi.Credential) error {
			return asaasapi.ProbeList(ctx, c, cred, "/payments", asaasapi.ReadPayments)
		},
	},
	{
		asaasapi.ReadAnticipations,
		"conferir antecipações",
		true,
		func(ctx context.Context, c *asaasapi.Client, cred asaasapi.Credential) error {
			return asaasapi.ProbeList(ctx, c, cred, "/anticipations", asaasapi.ReadAnticipations)
		},
	},
	{
		asaasapi.ReadWebhooks,
		"conferir e consertar os avisos",
		false,
		func(ctx context.Context, c *asaasapi.Client, cred asaasapi.Credential) error {
			return asaasapi.ProbeList(ctx, c, cred, "/webhooks", asaasapi.ReadWebhooks)
		},
	},
	{
		asaasapi.ReadMoney,
		"saldo e extrato",
		false,
		func(ctx context.Context, c *asaasapi.Client, cred asaasapi.Credential) error {
			if err := asaasapi.ProbeList(ctx, c, cred, "/financialTransactions", asaasapi.ReadMoney); err != nil {
				return err
			}
			_, err := c.Balance(ctx, cred)
			return err
		},
	},
	{
		asaasapi.ReadCustomers,
		"nomes dos pagadores",
		false,
		func(ctx context.Context, c *asaasapi.Client, cred asaasapi.Credential) error {
			return asaasapi.ProbeList(ctx, c, cred, "/customers", asaasapi.ReadCustomers)
		},
	},
}

// unreadable are the permissions that no read proves.
const unreadable = asaasapi.WriteCheckouts + ": não verificável por leitura."

// probeAll returns the names of all permissions that the key has not, in the order of the
// table, with no more reads than the table has lines and one. Any other refusal is returned.
func probeAll(ctx context.Context, client *asaasapi.Client, cred asaasapi.Credential) (names []string, err error) {
	for _, p := range permissions {
		err := p.ask(ctx, client, cred)
		var e *asaasapi.Error
		switch {
		case errors.As(err, &e) && e.Code == asaasapi.PermissionLacks:
			names = append(names, p.name)
		case err != nil:
			return nil, err
		}
	}
	return names, nil
}

// nameAll adds to a refusal for a permission those for reading that lack as well, so
// that one edit of the key mends all.
func nameAll(ctx context.Context, client *asaasapi.Client, cred asaasapi.Credential, err error) error {
	var e *asaasapi.Error
	if !errors.As(err, &e) || e.Code != asaasapi.PermissionLacks {
		return err
	}
	names, other := probeAll(ctx, client, cred)
	if other != nil {
		return err
	}
	for _, name := range names {
		if !slices.Contains(e.Permission, name) {
			e.Permission = append(e.Permission, name)
		}
	}
	return err
}

// refuseVital fails with permission_missing, naming all that lack, if one of them is vital.
func refuseVital(names []string) error {
	for _, p := range permissions {
		if p.vital && slices.Contains(names, p.name) {
			return &asaasapi.Error{Code: asaasapi.PermissionLacks, Status: http.StatusForbidden, Permission: names}
		}
	}
	return nil
}

// lackText names what lacks, beside what does not work without it.
func lackText(names []string) string {
	var lines []string
	for _, p := range permissions {
		if slices.Contains(names, p.name) {
			lines = append(lines, p.name+" – sem ela não há: "+p.what)
		}
	}
	return "Faltam permissões na chave: " + strings.Join(
		lines, "; ",
	) + ". Edite a chave no Asaas (Integrações › Chaves de API) e verifique de novo. " + unreadable
}
