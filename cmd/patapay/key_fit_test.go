package main

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patapay/cmd/patapay/app"
	"patapay/tenants"
	"patapay/tenants/tenantstest"
	"patapay/tenants/vault"
)

func opened(t *testing.T, environ []string) *app.App {
	t.Helper()
	cfg, err := app.Load(environ)
	require.NoError(t, err)
	a, err := app.New(cfg, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	t.Cleanup(a.Close)
	return a
}

// A pepper of another deployment finds no token: each authentic delivery was answered 401, as if it were forged, and
// fifteen of those pause the clinic's queue.
func TestSecretsOfAnotherDeploymentAreRefusedAtTheStartAndAnswerNo401(t *testing.T) {
	t.Parallel()
	db := tenantstest.New(t)
	right := settingsOf(db)
	a := opened(t, right)
	require.NoError(t, a.Preflight(t.Context()), "a deployment that holds nothing fits any secret")
	for _, name := range []string{"Vida", "Sorriso"} {
		c, _, err := a.APIDB.AddClinic(t.Context(), tenants.Clinic{Name: name}, a.Vault, time.Now())
		require.NoError(t, err)
		require.NoError(t, a.APIDB.In(t.Context(), c.ID, func(tx *tenants.Tx) error {
			return tx.Audit(
				tenants.ChainOf(a.Chains),
				tenants.AuditEntry{At: time.Now(), Actor: "usr_1", Action: "tenant.create"},
			)
		}))
	}
	require.NoError(t, opened(t, right).Preflight(t.Context()))
	ownerSQL(
		t,
		db,
		`ALTER TABLE audit DISABLE TRIGGER ALL;
		UPDATE audit SET hash = '\x00' WHERE clinic_id = (SELECT max(clinic_id) FROM clinics)`,
	)
	require.NoError(t, opened(t, right).Preflight(t.Context()), "one clinic's damaged log is no wrong secret")

	master, err := vault.NewMaster()
	require.NoError(t, err)
	random := make([]byte, 32)
	_, _ = rand.Read(random)
	pepper := base64.StdEncoding.EncodeToString(random)
	for setting, other := range map[string]string{"TOKEN_PEPPER": pepper, "MASTER_KEYSET": master.Reveal()} {
		t.Run(setting, func(t *testing.T) {
			wrong := opened(t, append(right[:len(right):len(right)], setting+"="+other))
			require.ErrorContains(t, wrong.Preflight(t.Context()), setting)

			// One that started while the database was away finds out later.
			late := opened(t, append(right[:len(right):len(right)], setting+"="+other))
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			router, done, err := late.Router(ctx, nil)
			require.NoError(t, err)
			defer done()
			code := 0
			tenantstest.Eventually(t, time.Minute, "deliveries are answered 503", func() bool {
				post := httptest.NewRequest(http.MethodPost, "/financial/gateway-payments/webhook/asaas", strings.NewReader(`{}`))
				post.Header.Set("asaas-access-token", "a token that some clinic may well have")
				answer := httptest.NewRecorder()
				router.ServeHTTP(answer, post)
				code = answer.Code
				return code == http.StatusServiceUnavailable
			})
			ready := httptest.NewRecorder()
			(&app.Health{Registry: late.Registry, Checks: late.Checks()}).Handler().ServeHTTP(
				ready,
				httptest.NewRequest(http.MethodGet, "/readyz", nil),
			)
			require.Equal(t, http.StatusServiceUnavailable, ready.Code)
			var told any
			require.NoError(t, json.Unmarshal(ready.Body.Bytes(), &told), ready.Body.String())
			require.Contains(t, ready.Body.String(), setting)
		})
	}
}
