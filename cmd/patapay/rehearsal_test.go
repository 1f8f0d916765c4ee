package main

import (
	"encoding/json"
	"errors"
	"net/http"
	"os/exec"
	"strings"
	"testing"

	"patapay/domain/asaas/simulator/accounts"

	"github.com/stretchr/testify/require"

	"patapay/cmd/patapay/dev"
)

// Every message about keys is reached on the real program by the key made for it.
func TestEveryKeyMessageIsReachedByItsRehearsal(t *testing.T) {
	s := newStage(t)
	seen := map[string]bool{}
	for i, r := range accounts.Rehearsals() {
		t.Run(r.Code+" "+r.About, func(t *testing.T) {
			t.Parallel()
			p := &dev.Part{Stage: s, Account: accounts.Account{ID: string(rune('a' + i))}}
			var tenant struct{ ID string }
			require.NoError(t, p.Call(t.Context(), http.MethodPost, "/v1/tenants", map[string]any{
				"externalId": "ensaio-" + p.Account.ID,
				"name":       "Clínica Nova",
				"taxId":      "19131243000197",
				"sandbox":    true,
				"admin":      map[string]string{"name": "Ensaio", "email": p.Account.ID + "@patapay.example"},
			}, &tenant))
			p.Tenant = tenant.ID
			var answered json.RawMessage
			err := p.Call(
				t.Context(),
				http.MethodPut,
				p.Path("connection"),
				map[string]any{"apiKey": r.Paste, "confirmTaxId": r.Code == "account_in_use"},
				&answered,
			)
			said := string(answered)
			if err != nil {
				said = err.Error()
				var status *dev.StatusError
				if !errors.As(err, &status) {
					t.Fatal(err)
				}
			}
			if (err == nil) != (r.Code == "dollar_completed") || !strings.Contains(said, `"`+r.Code+`"`) {
				t.Errorf("want %s, got %s", r.Code, said)
			}
		})
		seen[r.Code] = true
	}
	require.Len(t, seen, 13, "one for each message")
}

func TestTheHelpListsTheRehearsals(t *testing.T) {
	help := (&dev.SimCmd{}).Help()
	for _, r := range accounts.Rehearsals() {
		if !strings.Contains(help, r.Code) || !strings.Contains(help, r.Paste) {
			t.Errorf("%s is not listed", r.Code)
		}
	}
	path, err := binary()
	require.NoError(t, err)
	out, err := exec.CommandContext(t.Context(), path, "sim", "--help").CombinedOutput()
	require.NoError(t, err)
	require.Contains(t, string(out), "$aact_hmlg_ensaio_sem_permissao")
}
