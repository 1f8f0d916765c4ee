package tenants_test

import (
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"patapay/domain/glance"
	"patapay/tenants"
	"patapay/tenants/agenda"
	"patapay/tenants/query"
	"patapay/tenants/tenantstest"
)

// What a reader may cost, in entries of an index; a row of the table weighs as much as ten. A page that is read in
// order costs little whatever the clinic has; one that is found and sorted, a row and two entries for each that its
// filter leaves.
const (
	rowWeight   = 10
	pageCost    = 3_000
	ofClinic    = listedInvoices * 3 / 10    // invoices that the clinic has
	aMonth      = pageCost + ofClinic*22/100 // of a pair, or within the program: twice what a month brings
	perLeft     = rowWeight + 2
	mostSorted  = 30_000
	sumsOfWhole = 2 // entries for each of the clinic's invoices, of what sums them all
)

// asked returns the parameters of the contract that a filter asks for, by the name of each.
func asked(t *testing.T, f query.InvoiceFilter) (params []string) {
	named := map[string]string{
		"Due": "dueDate", "Paid": "paidAt", "PayerPaid": "clientPaymentDate", "Value": "amountCents",
		"AsaasID": "asaasId", "Typed": "q",
	}
	made := []string{"Named", "OrNamed", "OrValue", "OrDueDay", "KnownAtAsaas", "ID"} // of the others
	v := reflect.ValueOf(f)
	for i := range v.NumField() {
		field, name := v.Field(i), v.Type().Field(i).Name
		param, short := named[name]
		if !short {
			param = strings.ToLower(name[:1]) + name[1:]
		}
		switch {
		case slices.Contains(made, name):
		case field.Kind() == reflect.Struct:
			for end, suffix := range []string{"[gte]", "[lte]"} {
				if !field.Field(end).IsNil() {
					params = append(params, param+suffix)
				}
			}
		case !field.IsZero():
			params = append(params, param)
		}
	}
	require.True(t, len(params) > 0 || reflect.DeepEqual(f, query.InvoiceFilter{}) || len(f.OrNamed) > 0)
	return params
}

// alone tells whether all parameters are of one attribute.
func alone(params []string) bool {
	attribute := func(param string) string { name, _, _ := strings.Cut(param, "["); return name }
	return !slices.ContainsFunc(params, func(p string) bool { return attribute(p) != attribute(params[0]) })
}

// contract returns the filters and sorts of the list of invoices, as the contract names them.
func contract(t *testing.T) (filters, sorts []string) {
	raw, err := os.ReadFile("../api/v1/openapi.json")
	require.NoError(t, err)
	var doc struct {
		Paths map[string]struct {
			Get struct {
				Parameters []struct {
					Name, In string
					Schema   struct{ Enum []string }
				}
			}
		}
	}
	require.NoError(t, json.Unmarshal(raw, &doc))
	for _, p := range doc.Paths["/v1/tenants/{tenant}/invoices"].Get.Parameters {
		switch {
		case p.Name == "sort":
			sorts = p.Schema.Enum
		case p.In == "query" && !slices.Contains([]string{"fields", "limit", "cursor", "include"}, p.Name):
			filters = append(filters, p.Name)
		}
	}
	require.Greater(t, len(filters), 20)
	require.Len(t, sorts, 8)
	return filters, sorts
}

// asker is one read of a clinic's invoices, and what it may cost.
type asker struct {
	name string
	run  func(*tenants.Tx) error
	may  func(*tenants.Tx) (int, error)
}

// readers are the contract's filters, each with each sort, the documented pairs, and the readers within the program.
func readers(t *testing.T) (all []asker) {
	filters, sorts := contract(t)
	known := map[string]bool{}
	for _, row := range listed {
		params, with := asked(t, row.filter), []string{row.sort}
		if row.sort == "" && (len(params) == 0 || alone(params)) {
			with = sorts
			for _, p := range params {
				known[p] = true
			}
		}
		for _, sort := range with {
			all = append(all, listReader(row.name, row.filter, sort, len(params) > 0 && !alone(params)))
		}
	}
	for _, p := range filters {
		require.True(t, known[p], "the contract has a filter %s, which no list of this test asks for alone", p)
	}
	whole := func(n int) func(*tenants.Tx) (int, error) {
		return func(*tenants.Tx) (int, error) { return aMonth + n*ofClinic, nil }
	}
	for _, by := range []string{"status", "age", "methodMonth", "availableOn"} {
		all = append(all, asker{"sums by " + by, func(tx *tenants.Tx) error {
			_, err := query.InvoiceSums(tx, query.InvoiceFilter{}, by, "2026-11-22")
			return err
		}, whole(sumsOfWhole)})
	}
	now := time.Date(2026, 11, 20, 15, 0, 0, 0, time.UTC)
	return append(
		all,
		asker{"what is in doubt", func(tx *tenants.Tx) error { return query.Doubts(tx, &glance.Facts{}) }, whole(0)},
		asker{"money at a glance", func(tx *tenants.Tx) error {
			_, err := query.MoneyAtAGlance(tx, "2026-10-01")
			return err
		}, whole(sumsOfWhole)},
		asker{"the last receipts", func(tx *tenants.Tx) error { _, err := query.LastReceipts(tx, 5); return err }, whole(0)},
		asker{"the agenda", func(tx *tenants.Tx) error { _, err := agenda.Facts(tx, now); return err }, whole(1)},
	)
}

// listReader is a page of a list. In order it is read when nothing narrows it but kinds and the range of its own order.
func listReader(name string, f query.InvoiceFilter, sort string, pair bool) asker {
	page := tenants.Page{Sort: sort}
	order := strings.TrimPrefix(sort, "-")
	kinds := query.InvoiceFilter{Status: f.Status, AsaasStatus: f.AsaasStatus, Method: f.Method}
	inOrder := reflect.DeepEqual(f, query.InvoiceFilter{}) ||
		reflect.DeepEqual(f, kinds) && slices.Contains([]string{"", "createdAt", "dueDate"}, order)
	return asker{
		strings.TrimSpace(name + " " + sort),
		func(tx *tenants.Tx) error { _, err := query.Invoices(tx, f, page); return err },
		func(tx *tenants.Tx) (int, error) {
			if inOrder {
				return pageCost, nil
			}
			list, err := query.Invoices(tx, f, tenants.Page{Limit: 1, Count: true, Most: mostSorted})
			if err != nil {
				return 0, err
			}
			if pair {
				return aMonth + perLeft**list.Total, nil
			}
			return pageCost + perLeft**list.Total, nil
		},
	}
}

// cost returns what the plans read of invoices, and by which indexes.
func cost(plans []tenantstest.Plan, used map[string]bool) (entries int) {
	for _, p := range plans {
		p.Root.Each(func(n tenantstest.Node) {
			ofIndex := strings.HasPrefix(n.Index, "invoices_")
			if ofIndex {
				used[n.Index] = true
				entries += n.Read()
			}
			if n.Relation == "invoices" && n.Type != "Index Only Scan" {
				entries += rowWeight * n.Read()
			}
		})
	}
	return entries
}

// tooDear returns the readers that cost more than they may, at most so many, and notes which indexes they use.
func tooDear(
	t *testing.T, api *tenants.DB, wire *tenantstest.Wire, all []asker, used map[string]bool, most int,
) (dear []string) {
	t.Helper()
	for _, r := range all {
		if len(dear) == most {
			break
		}
		may := 0
		bound := func(tx *tenants.Tx) (err error) { may, err = r.may(tx); return err }
		require.NoError(t, api.In(t.Context(), 1, bound), r.name)
		wire.Reset()
		require.NoError(t, api.In(t.Context(), 1, r.run), r.name)
		_, plans := wire.Reset() // a statement is told when the next one begins, or its transaction ends
		if paid := cost(plans, used); paid > may {
			dear = append(dear, fmt.Sprintf("%s: %d, may cost %d", r.name, paid, may))
		}
	}
	return dear
}

// indexesAreThoseOfTheReaders holds the indexes of invoices to what reads them: no reader is dear with them, and one is
// without any of them. Each costs every written invoice.
func indexesAreThoseOfTheReaders(t *testing.T, db *tenantstest.Database, owner *pgxpool.Pool) {
	t.Helper()
	db.TellPlans(t, tenantstest.API)
	_, err := owner.Exec(t.Context(), // as lists are planned, for the clinic at hand
		`ALTER ROLE patapay_api IN DATABASE "`+db.Name+`" SET plan_cache_mode = force_custom_plan`)
	require.NoError(t, err)
	wire, url := db.Tap(t, tenantstest.API)
	api, err := tenants.Open(url, tenants.Options{Name: "lists", MaxConns: 1})
	require.NoError(t, err)
	t.Cleanup(api.Close)
	all, used := readers(t), map[string]bool{}
	require.Empty(t, strings.Join(tooDear(t, api, wire, all, used, len(all)), "\n"))
	const listIndexes = `SELECT indexrelid::regclass::text FROM pg_index WHERE indrelid = 'invoices'::regclass `
	for _, index := range column(t, owner, listIndexes+"ORDER BY 1") {
		require.True(t, used[index], "nothing reads by %s", index)
	}
	if !listedWithout {
		return
	}
	const planted = "invoices_that_nobody_needs"
	_, err = owner.Exec(t.Context(), `CREATE INDEX `+planted+` ON invoices (clinic_id, net_value, id)`)
	require.NoError(t, err)
	for _, index := range column(t, owner, listIndexes+"AND NOT indisunique ORDER BY 1") {
		definition := column(t, owner, `SELECT indexdef FROM pg_indexes WHERE indexname = '`+index+`'`)[0]
		_, err := owner.Exec(t.Context(), "DROP INDEX "+index)
		require.NoError(t, err)
		missed := tooDear(t, api, wire, all, used, 1)
		t.Logf("without %s: %s", index, strings.Join(missed, "; "))
		require.Equal(t, index == planted, missed == nil, "whether nothing misses %s", index)
		_, err = owner.Exec(t.Context(), definition)
		require.NoError(t, err)
	}
}
