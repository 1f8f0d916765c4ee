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

// naming tells whether a parameter may name one of the gateway's objects: each text that is no date and none of a few
// words.
func naming(p parameter) bool {
	words := []string{"account", "cursor", "customerName", "fields", "kind", "owner", "reason", "tenant"}
	return p.Schema.Type == "string" && p.Schema.Format == "" && p.Schema.Enum == nil && !slices.Contains(words, p.Name)
}

// parameter is one as the contract has it.
type parameter struct {
	In, Name string
	Schema   struct {
		Type   any
		Format string
		Enum   []any
	}
}

// namingRoutes returns, made from the contract, an address for each GET route of a clinic and each
// of its parameters that names an object, with %s where the name stands.
func namingRoutes(t *testing.T) (paths []string) {
	t.Helper()
	raw, err := os.ReadFile("openapi.json")
	require.NoError(t, err)
	var doc struct {
		Paths map[string]map[string]struct {
			Parameters []parameter
		}
	}
	require.NoError(t, json.Unmarshal(raw, &doc))
	for path, methods := range doc.Paths {
		own, inClinic := strings.CutPrefix(path, "/v1/tenants/{tenant}")
		for _, p := range methods["get"].Parameters {
			bare := strings.NewReplacer("{id}", "%s", "{externalReference}", "%s").Replace(own)
			switch {
			case !inClinic || !naming(p):
			case p.In == "query" && !strings.Contains(bare, "%s"):
				paths = append(paths, bare+"?"+p.Name+"=%s")
			case p.In == "path":
				paths = append(paths, bare)
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
	t.Parallel()
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
			w.deliver(
				t,
				c,
				edited(
					"payment_received_pix.real", "pay_3h08j28ezvwv7s4h", id, "REF-0002", reference, "&17877802", mark,
					"cus_000008622308", customer,
				),
				edited("receivable_anticipation_credited.doc", "pay_4310966350068380", id, "&", mark),
			)
		}
	}
	r := w.as(t, c, "finance")
	routes := namingRoutes(t)
	require.Greater(t, len(routes), 30)
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

// plantTwins gives a clinic with one invoice that invoice again, by the names of n pairs that differ in case alone.
func (w *readWorld) plantTwins(t *testing.T, n int) (ids []string) {
	t.Helper()
	rng := rand.New(rand.NewPCG(8, 0))
	seen := map[string]bool{}
	for len(ids) < 2*n {
		id := accounts.NewPaymentID(rng.IntN)
		twin := "pay_" + otherCase(rng, strings.TrimPrefix(id, "pay_"))
		if !seen[id] && !seen[twin] {
			seen[id], seen[twin] = true, true
			ids = append(ids, id, twin)
		}
	}
	var columns string
	require.NoError(t, w.owner(t).QueryRow(t.Context(), `SELECT string_agg(attname, ', ' ORDER BY attnum) FROM pg_attribute
		WHERE attrelid = 'invoices'::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
		AND attname NOT IN ('id', 'asaas_id', 'state', 'texts')`).Scan(&columns))
	w.exec(t, `INSERT INTO invoices (id, asaas_id, state, `+columns+`)
		SELECT overlay(i.id::text PLACING right(md5(twin), 12) FROM 25)::uuid, twin,
		  replace(state::text, asaas_id, twin)::json, `+columns+`
		FROM invoices i, unnest($1::text[]) AS twin`, ids)
	return ids
}

// A thousand pairs that differ in case alone are two thousand rows of the list, walked by its cursors, and of a file.
func TestAThousandPairsThatDifferInCaseAloneAreWalkedAndFiledAsTwo(t *testing.T) {
	t.Parallel()
	w := newReadWorld(t)
	c := w.clinic(t, "Vida")
	w.deliver(t, c, edited("payment_received_pix.real"))
	ids := append(w.plantTwins(t, 1000), "pay_3h08j28ezvwv7s4h")
	r := w.as(t, c, "finance")
	walked, _ := r.walk("/invoices?limit=100&fields=asaasId", "nextCursor", func() {})
	slices.Sort(ids)
	slices.Sort(walked)
	require.Equal(t, ids, walked)
	filed := []string{}
	for _, row := range r.table(r.made("invoices", nil)) {
		filed = append(filed, row["ID do Asaas"])
	}
	slices.Sort(filed)
	require.Equal(t, ids, filed)
}
