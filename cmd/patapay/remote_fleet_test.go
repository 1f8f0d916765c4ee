package main

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"patapay/cmd/patapay/remote"

	"github.com/stretchr/testify/require"
)

func TestTheCommandsMoveAClinicToProductionAndShowTheFleet(t *testing.T) {
	r := startDev(t)
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	t.Setenv("PATAPAY_URL", r.URL)
	t.Setenv("PATAPAY_TOKEN", r.AdminToken)
	code, body := askAPI(t, "POST", r.SimulatorURL+"/admin/accounts", "",
		`{"name":"`+r.Clinics[0].Name+`","cpfCnpj":"11222333000181","environment":1}`)
	require.Equal(t, 200, code, body)
	var account struct {
		Key string `json:"apiKey"`
	}
	require.NoError(t, json.Unmarshal([]byte(body), &account))

	move := []string{"connection", "production", r.Clinics[0].ID, "--key-file"}
	right, wrong := append(slices.Clone(move), keyFile(t, account.Key)), append(slices.Clone(move), keyFile(t, r.NewKey))
	out, exit := cli(t, "", append(right, "--dry-run", "--yes")...)
	require.Zero(t, exit, out)
	require.Contains(t, out, "would POST ")
	out, exit = cli(t, "n\n", right...)
	require.Equal(t, remote.ExitFailure, exit, out)
	require.Contains(t, out, "there is no way back")
	out, exit = cli(t, "", append(wrong, "--yes")...)
	require.NotZero(t, exit, "a key of the sandbox, of another CNPJ: "+out)
	out, exit = cli(t, "", append(right, "--yes")...)
	require.Zero(t, exit, out)
	require.Regexp(t, `sandboxTenantId +`+r.Clinics[0].ID, out)
	require.Regexp(t, `sandbox.webhook +deleted`, out)
	require.Regexp(t, `state +active`, out)
	require.NotContains(t, out, account.Key)

	out, exit = cli(t, "", "tenants", "list", "-o", "ndjson")
	require.Zero(t, exit, out)
	require.Contains(t, out, `"productionTenantId":"ten_`)
	require.Equal(t, len(r.Clinics)+1, strings.Count(out, "\n"), "the sandbox's tenant stays")
	out, exit = cli(t, "", "ops", "clinics", "-q", r.Clinics[1].ID)
	require.Zero(t, exit, out)
	require.Regexp(t, `(?m)^`+r.Clinics[1].ID+` .* awaiting_first_event `, out)
	require.Equal(t, 2, strings.Count(out, "\n"), "one clinic below the heads: "+out)
	out, exit = cli(t, "", "ops", "overview")
	require.Zero(t, exit, out)
	require.Regexp(t, `connections +clinics=\d+ connection=\w+`, out)
	require.Regexp(t, `counts.openAlarms +\d`, out)
	out, exit = cli(t, "", "ops", "alarms", "--state", "all", "--limit", "1", "-o", "csv")
	require.Zero(t, exit, out)
	require.True(t, strings.HasPrefix(out, "tenantId,tenantName,kind,"), out)
	t.Setenv("PATAPAY_TOKEN", r.Clinics[1].Token)
	out, exit = cli(t, "", "ops", "overview")
	require.Equal(t, remote.ExitDenied, exit, "a clinic's own token: "+out)
}
