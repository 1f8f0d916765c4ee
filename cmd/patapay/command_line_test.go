package main

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"
	"github.com/stretchr/testify/require"
)

// parsed reads a command line as the program does.
func parsed(t *testing.T, line ...string) (*kong.Context, error) {
	t.Helper()
	parser, err := newParser(kong.BindTo(t.Context(), (*context.Context)(nil)))
	require.NoError(t, err)
	return parser.Parse(withEquals(parser.Model, line))
}

func TestALeadingZeroIsNoOctalNumber(t *testing.T) {
	for text, want := range map[string]int{"010": 10, "8": 8, "08": 8, "0100": 100, "0": 0} {
		_, err := parsed(t, "invoices", "list", "ten_1", "--limit", text)
		require.NoError(t, err, text)
		require.Equal(t, want, commands.Invoices.List.Limit, text)
	}
	for _, text := range []string{"0x10", "0b1", "0o7", "1_000", "1e3", "ten", "", "99999999999999999999"} {
		_, err := parsed(t, "invoices", "list", "ten_1", "--limit", text)
		require.Error(t, err, text)
	}
	_, err := parsed(t, "sim", "serve", "--seed", "010")
	require.NoError(t, err)
	require.EqualValues(t, 10, commands.Sim.Serve.Seed)
	_, err = parsed(t, "sim", "serve", "--seed", "-1")
	require.Error(t, err)
}

func TestAShortFlagTakesItsValueBehindAnEqualsSign(t *testing.T) {
	for _, line := range [][]string{{"-o=json"}, {"-o", "json"}, {"-ojson"}, {"--output=json"}, {"--output", "json"}} {
		_, err := parsed(t, append([]string{"invoices", "list", "ten_1"}, line...)...)
		require.NoError(t, err, line)
		require.Equal(t, "json", commands.Invoices.List.Output, line)
	}
	_, err := parsed(t, "export", "ten_1", "--kind", "invoices", "-f=a=b.csv")
	require.NoError(t, err)
	require.Equal(t, "a=b.csv", commands.Export.File)
	_, err = parsed(t, "invoices", "list", "ten_1", "-o=yaml")
	require.Error(t, err)
}

// Every command that asks for a clinic here reads its argument in the same way.
func TestATenantIsNamedInEitherFormEverywhere(t *testing.T) {
	w := newAPIWorld(t)
	vida, err := w.Clinic(t.Context(), "ext:vida")
	require.NoError(t, err)
	for _, name := range []string{"ext:vida", vida.PublicID.Public("ten")} {
		token, err := tokenCmd{Tenant: name, Role: "service", Name: "cli", TTL: time.Hour}.sign(t.Context(), w.App)
		require.NoError(t, err, name)
		require.Equal(t, 200, w.get(token, "/v1/tenants/"+name))
		require.NoError(t, verifyLedgers(w.App, t.Context(), name, io.Discard))
		require.NoError(t, verifyAudit(w.App, t.Context(), name, io.Discard))
		require.NoError(t, rebuildShadow(w.App, t.Context(), name, io.Discard))
	}
	for _, name := range []string{"vida", "ext:", "ten_", "ext:nobody", "ten_0000000000000000000000000g", ""} {
		_, err := w.Clinic(t.Context(), name)
		require.Error(t, err, "%q", name)
		if name != "" {
			require.Error(t, verifyLedgers(w.App, t.Context(), name, io.Discard), "%q", name)
		}
	}
}

func TestMoneyIsAnAmountInTablesAndFiles(t *testing.T) {
	const page = `{"data":[{"asaasId":"pay_1_a1B2c3D4e5F6g7","status":"refunded","method":"pix",` +
		`"value":{"amountCents":-99,"currency":"BRL"},"dueDate":"2026-11-30","paidAt":null,"externalReference":"=1+1",` +
		`"id":"ivc_1","flags":["order","amounts"]}],"page":{"hasMore":false,"nextCursor":null,"prevCursor":null}}`
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, page)
	}))
	t.Cleanup(server.Close)
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	t.Setenv("PATAPAY_URL", server.URL)
	for _, form := range []string{"table", "csv"} {
		out, code := cli(t, "", "invoices", "list", "ten_1", "-o", form)
		require.Zero(t, code, out)
		require.NotContains(t, out, "amountCents")
		require.NotContains(t, out, "'-0.99")
		require.Contains(t, out, "-0.99")
		require.Contains(t, out, "pay_1_a1B2c3D4e5F6g7", "ids keep their case")
	}
	out, _ := cli(t, "", "invoices", "list", "ten_1", "-o", "csv")
	require.Contains(t, out, "'=1+1")
	out, _ = cli(t, "", "invoices", "list", "ten_1", "-o", "json")
	require.True(t, strings.Contains(out, `"amountCents": -99`), "json is the API's own")
}
