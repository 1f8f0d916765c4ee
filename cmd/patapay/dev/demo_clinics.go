package dev

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"time"

	"patapay/api/auth"
	"patapay/api/webhook"
	"patapay/cmd/patapay/app"
	"patapay/domain"
	"patapay/domain/asaas/simulator/accounts"
	"patapay/domain/asaas/simulator/flows"
	"patapay/domain/asaas/simulator/webhooks"
	"patapay/tenants"
	"patapay/tenants/asaasapi"
	"patapay/tenants/connection"
	"patapay/tenants/people"
	"patapay/tenants/vault"
)

// demoAccount is an account of the simulator and the clinic that has it. Everything is
// derived from its name, so that a second start knows the same keys and tokens.
type demoAccount struct {
	accounts.Account
	login     string
	connected bool // the last one waits for somebody to try the connection with
}

// demoPassword is the password of every demo login. `make run` prints it.
const demoPassword = "patapay-demo-2026"

func demoAccounts() []demoAccount {
	list := []demoAccount{
		{
			Account:   accounts.Account{Name: "Clínica Vida Animal", TaxID: "11222333000181"},
			login:     "vida@patapay.example",
			connected: true,
		},
		{
			Account:   accounts.Account{Name: "Pet Sorriso", TaxID: "11444777000161"},
			login:     "sorriso@patapay.example",
			connected: true,
		},
		{
			Account:   accounts.Account{Name: "Hospital Veterinário Boa Pata", TaxID: "45997418000153"},
			login:     "boapata@patapay.example",
			connected: true,
		},
		{Account: accounts.Account{Name: "Clínica Nova", TaxID: "19131243000197"}},
	}
	for i := range list {
		a := &list[i].Account
		a.Environment = domain.Sandbox
		a.ID, a.WalletID = demoUUID(a.Name+" account"), demoUUID(a.Name+" wallet")
		a.Key = "$aact_hmlg_000" + demoHex(a.Name + " key")[:61] + "::" + demoUUID(a.Name+" key id")
	}
	return list
}

func demoHex(words string) string {
	sum := sha256.Sum256([]byte("PataPay demo, not a secret: " + words))
	return hex.EncodeToString(sum[:])
}

func demoUUID(words string) string {
	h := demoHex(words)
	return h[:8] + "-" + h[8:12] + "-4" + h[13:16] + "-8" + h[17:20] + "-" + h[20:32]
}

// token is the webhook token of a demo clinic: 48 letters, no digit runs.
func (a demoAccount) token() string {
	b := []byte("demo" + demoHex(a.Name + " token")[:44])
	for i, c := range b {
		if c >= '0' && c <= '9' {
			b[i] = "GHJKLMNPQR"[c-'0']
		}
	}
	return string(b)
}

// connectClinics makes the demo clinics that are missing, connects them with their keys
// through the client, and configures their webhooks as an admin would by hand.
func (d *dev) connectClinics(ctx context.Context) error {
	client, err := asaasapi.New(asaasapi.Config{Simulator: d.simURL, Version: app.Version()})
	if err != nil {
		return err
	}
	defer client.Close()
	for _, a := range d.accounts {
		if !a.connected {
			continue
		}
		clinic, created, err := d.app.APIDB.AddClinic(
			ctx, tenants.Clinic{Name: a.Name, TaxID: a.TaxID, ExternalID: "demo-" + a.ID, Sandbox: true}, d.app.Vault,
			d.app.Now().UTC(),
		)
		if err == nil && created {
			d.fresh = true
			err = d.connect(ctx, client, clinic, a)
		}
		if err == nil {
			_, err = d.sim.AddWebhook(
				a.ID,
				webhooks.Webhook{Name: "PataPay – Faturas", URL: d.Config.PublicURL + webhook.Path, Token: a.token()},
			)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", a.Name, err)
		}
	}
	return nil
}

func (d *dev) connect(ctx context.Context, client *asaasapi.Client, clinic tenants.Clinic, a demoAccount) error {
	found, err := client.Verify(ctx, asaasapi.Credential{Environment: domain.Sandbox, Key: vault.NewSecret(a.Key)}, "")
	if err != nil {
		return err
	}
	now := d.app.Now().UTC()
	hash, err := auth.HashPassword(ctx, demoPassword)
	if err != nil {
		return err
	}
	return d.app.APIDB.In(ctx, clinic.ID, func(tx *tenants.Tx) error {
		if err := people.AddUser(
			tx,
			people.User{
				ID:           tenants.NewID(now),
				Email:        a.login,
				Name:         "Administração " + a.Name,
				PasswordHash: hash,
				Role:         auth.RoleAdmin,
			},
			now,
		); err != nil {
			return err
		}
		c := connection.Connection{
			PublicID:          tenants.NewID(now),
			Environment:       domain.Sandbox,
			Account:           found.ID,
			Wallet:            found.WalletID,
			OwnerName:         found.Name,
			OwnerTaxID:        found.TaxID,
			KeyHint:           "$aact_hmlg_••••••" + a.Key[len(a.Key)-4:],
			KeySetAt:          now,
			NotificationEmail: a.login,
			State:             domain.ConnectionAwaiting,
			Since:             now,
			Confirm:           true,
			Version:           1,
		}
		if err := connection.Save(tx, c, vault.NewSecret(a.Key), d.app.Vault, now); err != nil {
			return err
		}
		token := a.token()
		return connection.AddToken(tx, d.Config.Peppers.Digest(token), domain.Sandbox, token[len(token)-4:], now)
	})
}

// playFirst lets a day's worth of things happen in every demo clinic, so that there is
// something to look at.
func (d *dev) playFirst() {
	for i, a := range d.accounts {
		if !a.connected {
			continue
		}
		for j, flow := range flows.All() {
			_, _ = d.sim.Play(
				a.ID, flow,
				flows.Variation{AmountCents: int64(9_990 + 3_510*j + 1_270*i), Reference: fmt.Sprintf("orc-%d%02d", i+1, j+1)},
			)
		}
	}
}

// keepPlaying lets something happen now and then, until ctx ends.
func (d *dev) keepPlaying(ctx context.Context) {
	if d.cmd.Every <= 0 {
		return
	}
	kinds := flows.All()
	for n := 1; ; n++ {
		select {
		case <-ctx.Done():
			return
		case <-time.After(d.cmd.Every):
			a := d.accounts[rand.N(len(d.accounts)-1)]
			_, _ = d.sim.Play(
				a.ID, kinds[rand.N(len(kinds))],
				flows.Variation{AmountCents: 5_000 + rand.N[int64](60_000), Reference: fmt.Sprintf("orc-live-%d", n)},
			)
		}
	}
}
