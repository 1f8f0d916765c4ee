package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patapay/cmd/patapay/dev"
	"patapay/domain/asaas/samples"
	"patapay/domain/asaas/simulator/webhooks"
	"patapay/tenants/tenantstest"
)

// startDev runs `patapay dev --ephemeral` in this process and returns what its ready file says.
func startDev(t *testing.T) dev.Readiness {
	t.Helper()
	file := filepath.Join(t.TempDir(), "ready.json")
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- dev.DevCmd{HTTP: "127.0.0.1:0", Ephemeral: true, ReadyFile: file}.Run(ctx)
	}()
	t.Cleanup(func() {
		cancel()
		require.NoError(t, <-ended)
	})
	var r dev.Readiness
	tenantstest.Eventually(t, 30*time.Second, "the ready file", func() bool {
		select {
		case err := <-ended:
			ended <- err
			t.Fatalf("dev ended: %v", err)
		default:
		}
		raw, err := os.ReadFile(file)
		return err == nil && json.Unmarshal(raw, &r) == nil
	})
	return r
}

// askAPI makes a request with a bearer token and returns the code and the body.
func askAPI(t *testing.T, method, url, token string, body string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/json")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return res.StatusCode, string(raw)
}

func TestThePathFromADeliveryToWhatBillingReads(t *testing.T) {
	r := startDev(t)
	require.Len(t, r.Clinics, 3)
	c := r.Clinics[0]

	// ① to ④: the published example, as it stands, with the clinic's token
	sent := webhooks.Send(
		t.Context(),
		r.WebhookURL,
		c.WebhookToken,
		samples.Event("receivable_anticipation_credited_old.doc"),
	)
	require.Equal(t, 200, sent.Status)
	url := fmt.Sprintf("%s/v1/tenants/%s/anticipations/29ad50e9-64ee-427e-a00c-a3999510ca0a", r.URL, c.ID)
	var body string
	tenantstest.Eventually(t, 5*time.Second, "the anticipation can be read", func() bool {
		var code int
		code, body = askAPI(t, "GET", url, c.Token, "")
		return code == 200
	})
	// ⑤: what billing reads, by the clinic's token and by the platform's
	require.Contains(t, body, `"status":"credited"`)
	require.Contains(t, body, `"fee":{"amountCents":564,"currency":"BRL"}`)
	code, again := askAPI(t, "GET", url, r.AdminToken, "")
	require.Equal(t, 200, code)
	require.Equal(t, body, again)

	// another clinic sees nothing of it
	other := strings.Replace(url, c.ID, r.Clinics[1].ID, 1)
	code, _ = askAPI(t, "GET", other, r.Clinics[1].Token, "")
	require.Equal(t, 404, code)
	code, _ = askAPI(t, "GET", url, r.Clinics[1].Token, "")
	require.Equal(t, 404, code)
}

func TestTheDemoLoginsOpenTheirClinic(t *testing.T) {
	r := startDev(t)
	c := r.Clinics[2]
	code, body := askAPI(
		t,
		"POST",
		r.URL+"/v1/auth/login",
		"",
		fmt.Sprintf(`{"email":%q,"password":%q}`, c.Login, c.Password),
	)
	require.Equal(t, 200, code, body)
	var login struct{ AccessToken string }
	require.NoError(t, json.Unmarshal([]byte(body), &login))
	code, body = askAPI(t, "GET", r.URL+"/v1/tenants/"+c.ID+"/connection", login.AccessToken, "")
	require.Equal(t, 200, code, body)
	require.Contains(t, body, c.AccountID)
	require.NotContains(t, body, c.WebhookToken)
}

func TestThePrintedCommandsAreTheOnesTheReadmeTellsOf(t *testing.T) {
	var out bytes.Buffer
	r := dev.Readiness{
		URL:        "http://127.0.0.1:8080",
		WebhookURL: "http://127.0.0.1:8080/x",
		Clinics:    []dev.ReadyClinic{{ID: "ten_1", AccountID: "acc", WebhookToken: "tok", Token: "jwt"}},
	}
	r.Print(&out)
	readme, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	for _, text := range []string{out.String(), string(readme)} {
		for _, word := range []string{"confirmedBy", "pay_inventado00001", "not_at_asaas"} {
			require.Contains(t, text, word)
		}
	}
}

// What a newcomer sees first is true: the first payment is one that Asaas has and confirms; the
// second is made up, and ends as what it is.
func TestTheFirstPaymentIsConfirmedByAsaasAndTheForgedOneIsDenied(t *testing.T) {
	r := startDev(t)
	var printed bytes.Buffer
	r.Print(&printed)
	var commands []string
	for line := range strings.Lines(printed.String()) {
		if strings.HasPrefix(line, "curl ") {
			commands = append(commands, line)
		}
	}
	require.Len(t, commands, 4)
	run := func(n int) string {
		out, err := exec.CommandContext(t.Context(), "bash", "-c", commands[n]).Output()
		require.NoError(t, err, commands[n])
		return string(out)
	}
	require.Regexp(t, `"payments": \[\s*"pay_`, run(0))
	require.Contains(t, run(2), `"received":true`)
	tenantstest.Eventually(t, time.Minute, "both payments are known", func() bool {
		return strings.Contains(run(1), `"status":"received"`) && strings.Contains(run(3), `"asaasId":"pay_inventado00001"`)
	})
	tenantstest.Eventually(t, time.Minute, "Asaas was asked about both", func() bool {
		skipAhead(t, r, time.Hour) // Asaas is asked half a minute later, and five times before it is believed
		return strings.Contains(run(1), `"confirmedBy":"api"`) && strings.Contains(run(3), `"status":"not_at_asaas"`)
	})
}

// skipAhead moves the clock of the simulator and of the program.
func skipAhead(t *testing.T, r dev.Readiness, by time.Duration) {
	t.Helper()
	code, body := askAPI(t, "POST", r.SimulatorURL+"/admin/clock", "", fmt.Sprintf(`{"advance":%q}`, by))
	require.Equal(t, 200, code, body)
}

func TestDevAndDemoRefuseProductionSettings(t *testing.T) {
	t.Setenv("ENVIRONMENT", "production")
	require.ErrorIs(t, dev.DevCmd{}.Run(t.Context()), dev.ErrProduction)
	db := tenantstest.New(t)
	for _, s := range settingsOf(db) {
		name, value, _ := strings.Cut(s, "=")
		t.Setenv(name, value)
	}
	t.Setenv("ENVIRONMENT", "production")
	require.Error(t, dev.DemoClinicsCmd{}.Run(t.Context()))
}
