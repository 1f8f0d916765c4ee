package v1_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode"

	"patapay/domain/asaas/simulator/accounts"

	"github.com/stretchr/testify/require"
)

// namedBy are the parameters by which a route names one of the gateway's objects.
var namedBy = []string{"q", "asaasId", "payment", "entity", "subject", "externalReference", "customer", "checkoutSession", "installment", "subscription"}

// namingRoutes returns, made from the contract, an address for each GET route of a clinic and each
// of its parameters that names an object, with %s where the name stands.
func namingRoutes(t *testing.T) (paths []string) {
	t.Helper()
	raw, err := os.ReadFile("openapi.json")
	require.NoError(t, err)
	var doc struct {
		Paths map[string]map[string]struct {
			Parameters []struct{ In, Name string }
		}
	}
	require.NoError(t, json.Unmarshal(raw, &doc))
	for path, methods := range doc.Paths {
		own, inClinic := strings.CutPrefix(path, "/v1/tenants/{tenant}")
		for _, p := range methods["get"].Parameters {
			switch {
			case !inClinic:
			case p.In == "query" && slices.Contains(namedBy, p.Name):
				if own = strings.ReplaceAll(own, "{id}", "%s"); !strings.Contains(own, "{") && !strings.Contains(own, "%s") {
					paths = append(paths, own+"?"+p.Name+"=%s")
				}
			case p.In == "path" && p.Name == "id" && (strings.HasPrefix(own, "/invoices/") || strings.HasPrefix(own, "/anticipations/")):
				paths = append(paths, strings.ReplaceAll(own, "{id}", "%s"))
			}
		}
	}
	slices.Sort(paths)
	return slices.Compact(paths)
}

// otherCase turns the case of some letters of text, of one at least.
func otherCase(rng *rand.Rand, text string) string {
	for {
		twin := strings.Map(func(r rune) rune {
			if !unicode.IsLetter(r) || rng.IntN(2) == 0 {
				return r
			}
			if unicode.IsUpper(r) {
				return unicode.ToLower(r)
			}
			return unicode.ToUpper(r)
		}, text)
		if twin != text {
			return twin
		}
	}
}

// Two ids that differ in case alone are two payments, in every list, filter and path that the
// contract has: what one names never shows the other.
func TestTwoIDsThatDifferInCaseAloneStayTwo(t *testing.T) {
	w := newReadWorld(t)
	c := w.clinic(t, "Vida")
	rng := rand.New(rand.NewPCG(7, 0))
	type pair [2]string
	var pairs []pair
	for n := range 4 {
		id := accounts.NewPaymentID(rng.IntN)
		twins := pair{id, "pay_" + otherCase(rng, strings.TrimPrefix(id, "pay_"))}
		pairs = append(pairs, twins)
		for i, id := range twins {
			mark := fmt.Sprintf("&9%d%d", n+10, i)
			reference, customer := "ref-"+id, "cus_"+strings.TrimPrefix(id, "pay_")
			w.deliver(t, c, edited("payment_received_pix.real", "pay_3h08j28ezvwv7s4h", id, "REF-0002", reference, "&17877802", mark, "cus_000008622308", customer),
				edited("receivable_anticipation_credited.doc", "pay_4310966350068380", id, "&", mark))
		}
	}
	r := w.as(t, c, "finance")
	routes := namingRoutes(t)
	require.Greater(t, len(routes), 15)
	for _, twins := range pairs {
		for i, id := range twins {
			twin, short := twins[1-i], strings.TrimPrefix(id, "pay_")
			for _, route := range routes {
				for _, name := range []string{id, "ref-" + id, "cus_" + short} {
					got := r.get(fmt.Sprintf(route, url.PathEscape(name)))
					require.NotContains(t, got.text, strings.TrimPrefix(twin, "pay_"), "%s %s", route, name)
				}
			}
			require.Equal(t, id, r.ok("/invoices/" + id).body["asaasId"])
			for route, member := range map[string]string{
				"/invoices?q=": "asaasId", "/invoices?asaasId=": "asaasId", "/events?entity=": "entity", "/events?q=": "entity",
				"/ledger/entries?subject=": "subject",
			} {
				require.Contains(t, asaasIDs(r.ok(route+id).data(), member), id, route)
			}
		}
	}
	all := []string{}
	for _, twins := range pairs {
		all = append(all, twins[:]...)
	}
	require.Subset(t, asaasIDs(r.ok("/invoices?limit=100").data(), "asaasId"), all)
	rows := r.table(r.made("invoices", map[string]string{"q": pairs[0][1]}))
	require.Len(t, rows, 1, "a file shows what the list does")
	require.Equal(t, pairs[0][1], rows[0]["ID do Asaas"])
}
