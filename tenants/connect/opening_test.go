package connect

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patapay/domain"
	"patapay/tenants/asaasapi"
	"patapay/tenants/vault"
)

// The disputes that stood open are one list of several statuses; a gateway that takes one status at a time is asked for
// each, and nothing is listed twice.
func TestAGatewayThatTakesOneStatusAtATimeIsAskedForEach(t *testing.T) {
	t.Parallel()
	for name, several := range map[string]bool{"several at once": true, "one at a time": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var asked []string
			gateway := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				status := r.URL.Query().Get("status")
				asked = append(asked, status)
				w.Header().Set("Content-Type", "application/json")
				switch {
				case len(status) > len("AWAITING_CHARGEBACK_REVERSAL") && !several:
					w.WriteHeader(http.StatusBadRequest)
					_, _ = w.Write([]byte(`{"errors":[{"code":"invalid_status","description":"Status inválido."}]}`))
				case several:
					_, _ = w.Write([]byte(`{"hasMore":false,"totalCount":2,"data":[{"id":"pay_1"},{"id":"pay_2"}]}`))
				case status == "CHARGEBACK_DISPUTE":
					_, _ = w.Write([]byte(`{"hasMore":false,"totalCount":0,"data":[]}`))
				default:
					_, _ = w.Write([]byte(`{"hasMore":false,"totalCount":1,"data":[{"id":"pay_` + status + `"}]}`))
				}
			}))
			t.Cleanup(gateway.Close)
			client, err := asaasapi.New(
				asaasapi.Config{Simulator: gateway.URL, Version: "test", Timeout: time.Minute, BreakAfter: 100},
			)
			require.NoError(t, err)
			t.Cleanup(client.Close)
			cred := asaasapi.Credential{Environment: domain.Sandbox, Key: vault.NewSecret("$aact_hmlg_key")}
			items, err := openLists("2026-11-29")[1].items(t.Context(), client, cred)
			require.NoError(t, err)
			require.Len(t, items, 2)
			if several {
				require.Len(t, asked, 1)
			} else {
				require.Len(t, asked, 4)
			}
		})
	}
}
