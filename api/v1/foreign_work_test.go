package v1_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"patapay/api/auth"
	"patapay/tenants"
	"patapay/tenants/tenantstest"
)

// Who may not see a clinic could tell by the time of the answer whether there is one, if
// its absence took fewer statements.
func TestAForeignTenantCostsTheStatementsOfAnAbsentOne(t *testing.T) {
	t.Parallel()
	w, wire := newTappedWorld(t, 1)
	own, other := w.clinic(t, "Minha"), w.clinic(t, "Alheia")
	r := w.as(t, own, auth.RoleAdmin)
	r.ok("/invoices") // the token is remembered, and below the lookups' statements are prepared
	require.Equal(t, 404, r.get("/v1/tenants/ext:nobodys").status)
	absent := tenants.NewID(w.now).Public("ten")
	for _, rest := range []string{
		"", "/connection", "/invoices", "/invoices/ivc_0", "/events", "/feed", "/users", "/ledger/entries", "/deadlines",
	} {
		counts := map[string]tenantstest.Counts{}
		for _, tenant := range []string{other.PublicID.Public("ten"), absent, "ext:nobodys"} {
			wire.Reset()
			require.Equal(t, 404, r.get("/v1/tenants/"+tenant+rest).status, tenant+rest)
			counts[tenant], _ = wire.Reset()
			require.NotZero(t, counts[tenant].Trips)
		}
		first := counts[absent]
		for _, one := range counts {
			require.Equal(t, first.Trips, one.Trips, rest)
			require.Equal(t, first.Commands["SELECT"], one.Commands["SELECT"], rest)
		}
	}
}

// Mass assignment: who sends members that only we set (a role's clinic, an id, a state) is refused, for no body of the
// contract takes a member that it does not name.
func TestNoRequestBodyOfTheContractTakesAMemberThatItDoesNotName(t *testing.T) {
	t.Parallel()
	type schema struct {
		Ref        string             `json:"$ref"`
		Type       any                `json:"type"`
		Properties map[string]*schema `json:"properties"`
		Items      *schema            `json:"items"`
		Additional json.RawMessage    `json:"additionalProperties"`
	}
	var doc struct {
		Paths map[string]map[string]struct {
			RequestBody struct {
				Content map[string]struct{ Schema *schema }
			}
		}
		Components struct{ Schemas map[string]*schema }
	}
	raw, err := os.ReadFile("openapi.json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(raw, &doc))
	bodies := 0
	var walk func(at string, s *schema)
	walk = func(at string, s *schema) {
		if name, ok := strings.CutPrefix(s.Ref, "#/components/schemas/"); ok {
			s = doc.Components.Schemas[name]
		}
		if s.Items != nil {
			walk(at+"[]", s.Items)
		}
		if s.Properties != nil {
			require.Equal(t, "false", string(s.Additional), at)
		}
		for name, member := range s.Properties {
			if name != "$schema" {
				walk(at+"."+name, member)
			}
		}
	}
	for path, operations := range doc.Paths {
		for method, op := range operations {
			for _, content := range op.RequestBody.Content {
				bodies++
				walk(method+" "+path, content.Schema)
			}
		}
	}
	require.Greater(t, bodies, 30)
}
