package dev

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"patapay/api/rest"
	"patapay/api/webhook"
	"patapay/domain"
	"patapay/domain/asaas"
	"patapay/tenants"
)

// Readiness is what --ready-file holds and what is printed: everything needed to try.
type Readiness struct {
	URL          string        `json:"url"`
	WebhookURL   string        `json:"webhookUrl"`
	SimulatorURL string        `json:"simulatorUrl"`
	OpsAddr      string        `json:"opsAddr"`    // of /metrics, /healthz and /readyz
	AdminToken   string        `json:"adminToken"` // platform scope, 12 hours
	Clinics      []ReadyClinic `json:"clinics"`
	NewKey       string        `json:"newAccountKey"`         // of an account that no clinic has connected
	DatabaseURL  string        `json:"databaseUrl,omitempty"` // the owner's, of throw-away services alone
}

// ReadyClinic is what one needs to try a clinic of the development world: its ids, login and token.
type ReadyClinic struct {
	ID           string `json:"id"`
	Name         string `json:"name"`
	Login        string `json:"login"`
	Password     string `json:"password"`
	Token        string `json:"token"` // the clinic's admin, 12 hours
	AccountID    string `json:"accountId"`
	WebhookToken string `json:"webhookToken"`
}

const demoTokenLife = 12 * time.Hour

// ready gathers the URLs, and signs and registers the tokens.
func (d *dev) ready(ctx context.Context) (r Readiness, err error) {
	r = Readiness{
		URL: d.Config.PublicURL, WebhookURL: d.Config.PublicURL + webhook.Path,
		SimulatorURL: d.simURL, OpsAddr: d.opsAddr,
	}
	if d.cmd.Ephemeral {
		r.DatabaseURL = d.Config.DatabaseURL.Reveal()
	}
	if r.AdminToken, err = d.token(ctx, tenants.Clinic{}); err != nil {
		return r, err
	}
	for _, a := range d.accounts {
		if !a.connected {
			r.NewKey = a.Key
			continue
		}
		clinic, err := d.app.APIDB.ClinicBy(ctx, domain.UUID{}, "demo-"+a.ID)
		if err != nil {
			return r, err
		}
		token, err := d.token(ctx, clinic)
		if err != nil {
			return r, err
		}
		r.Clinics = append(
			r.Clinics,
			ReadyClinic{
				ID:           clinic.PublicID.Public("ten"),
				Name:         a.Name,
				Login:        a.login,
				Password:     demoPassword,
				Token:        token,
				AccountID:    a.ID,
				WebhookToken: a.token(),
			},
		)
	}
	return r, nil
}

// token returns a registered service token with every scope, for a clinic, or for the
// platform when the clinic is none.
func (d *dev) token(ctx context.Context, clinic tenants.Clinic) (string, error) {
	return d.app.SignService(ctx, clinic, "dev", rest.AllScopes(), demoTokenLife)
}

// write puts the object where others wait for it, in one step.
func (r Readiness) write(path string) error {
	raw, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	part := filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+".part")
	if err := os.WriteFile(part, append(raw, '\n'), 0o600); err != nil {
		return err
	}
	return os.Rename(part, path)
}

// Print tells a person where everything is, ending in commands to copy: a payment that Asaas makes,
// and one that somebody made up.
func (r Readiness) Print(w io.Writer) {
	fmt.Fprintf(w, "\nPataPay está no ar. Ctrl-C para tudo; o próximo início mantém os dados.\n\n")
	fmt.Fprintf(
		w, "  API e páginas    %s\n  Webhook          %s\n  Asaas simulado   %s\n\n", r.URL, r.WebhookURL,
		r.SimulatorURL,
	)
	fmt.Fprintf(w, "  Clínicas (senha de todas: %s)\n", demoPassword)
	for _, c := range r.Clinics {
		fmt.Fprintf(w, "    %-30s %-26s %s\n", c.Name, c.Login, c.ID)
	}
	c := r.Clinics[0]
	fmt.Fprintf(w, "\n  Conta do simulador ainda sem clínica, para testar a conexão:\n    %s\n", r.NewKey)
	read := func(what string) string {
		return fmt.Sprintf("curl -s '%s/v1/tenants/%s/%s' -H 'Authorization: Bearer %s'", r.URL, c.ID, what, c.Token)
	}
	for i, step := range []struct{ words, command string }{
		{"Um cliente paga um Pix no Asaas simulado, que avisa o PataPay:", r.curlPayment(c)},
		{
			"A fatura; em meio minuto o Asaas a confirma (confirmedBy: api):",
			read("invoices?externalReference=" + firstReference),
		},
		{"Um aviso inventado, com o token certo, de um pagamento que o Asaas não conhece:", r.curlForged(c)},
		{
			"Em meio minuto o Asaas o desmente (flags: not_found_at_asaas); depois da quinta vez, umas 17 horas, " +
				"status: not_at_asaas, fora de toda soma:", read("invoices/pay_inventado00001"),
		},
	} {
		fmt.Fprintf(w, "\n  %d. %s\n\n%s\n", i+1, step.words, step.command)
	}
	fmt.Fprintln(w)
}

// firstReference is billing's own name of the first payment.
const firstReference = "primeiro-pagamento"

// curlPayment asks the simulator for a payment: it makes it, so it knows it, and sends its events.
func (r Readiness) curlPayment(c ReadyClinic) string {
	return fmt.Sprintf(
		`curl -s -X POST '%s/admin/accounts/%s/flows/pix' -H 'Content-Type: application/json' `+
			`-d '{"amountCents":12990,"reference":"%s"}'`,
		r.SimulatorURL, c.AccountID, firstReference,
	)
}

// curlForged posts an event as Asaas would, about a payment that Asaas does not have.
func (r Readiness) curlForged(c ReadyClinic) string {
	now := time.Now().In(asaas.SaoPaulo)
	body := fmt.Sprintf(
		`{"id":"evt_15e444ff9b9ab9ec29294aa1abe68025&%d","event":"PAYMENT_RECEIVED",`+
			`"dateCreated":"%s","account":{"id":"%s","ownerId":null},`+
			`"payment":{"object":"payment","id":"pay_inventado00001","value":129.90,"netValue":128.91,"billingType":"PIX",`+
			`"status":"RECEIVED","dueDate":"%s","description":"Consulta e vacina V10"}}`,
		now.Unix(),
		now.Format(time.DateTime),
		c.AccountID,
		now.Format(time.DateOnly),
	)
	return fmt.Sprintf(
		"curl -s -X POST '%s' -H 'Content-Type: application/json' -H 'asaas-access-token: %s' -d '%s'", r.WebhookURL,
		c.WebhookToken, body,
	)
}
