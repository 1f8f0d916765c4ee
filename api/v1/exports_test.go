package v1_test

import (
	"cmp"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patapay/api/auth"
	v1 "patapay/api/v1"
	"patapay/domain"
	"patapay/domain/asaas/samples"
	"patapay/tenants"
)

// made asks for a file and waits until it is done.
func (r *reader) made(kind string, filter map[string]string) (export map[string]any) {
	r.t.Helper()
	return r.finished(r.post("/exports", map[string]any{"kind": kind, "filter": filter}))
}

// finished waits until a file that was asked for is done.
func (r *reader) finished(begun reply) (export map[string]any) {
	r.t.Helper()
	require.Equal(r.t, 202, begun.status, begun.text)
	held(r.t, "POST", r.base+"/exports", begun.status, begun.header, begun.text)
	id := strings.Replace(begun.body["id"].(string), "opr_", "exp_", 1)
	until(r.t, "the file is done", func() bool {
		export = r.ok("/exports/" + id).body
		require.NotEqual(r.t, "failed", export["state"])
		return export["state"] == "done"
	})
	until(r.t, "so is its operation", func() bool { return r.ok(begun.header.Get("Location")).body["state"] == "done" })
	return export
}

// table reads a file as a spreadsheet would: a row by the names of its heading.
func (r *reader) table(export map[string]any) (rows []map[string]string) {
	r.t.Helper()
	text, header := r.file(strings.TrimPrefix(export["links"].(map[string]any)["file"].(string), r.base))
	require.Equal(r.t, "text/csv; charset=utf-8", header.Get("Content-Type"))
	text, marked := strings.CutPrefix(text, "\ufeff")
	require.True(r.t, marked, "no byte order mark")
	lines := csv.NewReader(strings.NewReader(text))
	lines.Comma = ';'
	heading, err := lines.Read()
	require.NoError(r.t, err)
	for {
		cells, err := lines.Read()
		if err == io.EOF {
			return rows
		}
		require.NoError(r.t, err)
		row := map[string]string{}
		for i, name := range heading {
			row[name] = cells[i]
		}
		rows = append(rows, row)
	}
}

func TestAFileHasWhatTheListHas(t *testing.T) {
	t.Parallel()
	w := newReadWorld(t)
	c := w.clinic(t, "Vida")
	formula := strings.Replace(
		string(samples.Event("payment_received_pix.real")),
		`"externalReference": "REF-0002"`,
		`"externalReference": "=HYPERLINK(1)"`,
		1,
	)
	w.deliver(
		t, c, []byte(formula), samples.Event("payment_overdue_boleto_subscription.real"),
		samples.Event("checkout_paid_pix.real"), samples.Event("receivable_anticipation_credited.doc"),
	)
	r := w.as(t, c, auth.RoleFinance)
	for kind, list := range map[string]string{
		"invoices": "/invoices", "checkouts": "/checkouts", "anticipations": "/anticipations", "events": "/events",
	} {
		export := r.made(kind, nil)
		rows, want := r.table(export), r.ok(list+"?limit=100").data()
		require.Len(t, rows, len(want), kind)
		require.EqualValues(t, len(want), export["rows"])
		for i, row := range rows {
			require.Equal(
				t,
				[]string{want[i]["id"].(string), want[i]["asaasId"].(string)},
				[]string{row["ID"], row["ID do Asaas"]},
				kind,
			)
		}
	}
	paid := r.table(
		r.made(
			"invoices",
			map[string]string{"status": "received,refunded", "dueDate[gte]": "2020-01-01", "amountCents[gte]": "1"},
		),
	)
	require.Len(t, paid, 1)
	one := r.ok("/invoices?status=received").data()[0]
	cells := []string{paid[0]["Situação"], paid[0]["Forma"], paid[0]["Valor"], paid[0]["Vencimento"]}
	value, due := int(centavos(one["value"])), one["dueDate"].(string)
	require.Equal(
		t,
		[]string{"Recebida", "Pix", fmt.Sprintf("%d,%02d", value/100, value%100), due[8:] + "/" + due[5:7] + "/" + due[:4]},
		cells,
	)
	for _, row := range paid {
		require.False(t, strings.HasPrefix(row["Referência"], "="), "a cell that is a formula")
	}
	legs := 0
	for _, b := range r.ok("/ledger/entries?limit=100").data() {
		legs += len(b["legs"].([]any))
	}
	export := r.made("ledger", nil)
	require.Len(t, r.table(export), legs)
	require.Greater(t, legs, 2)
	balance := 0
	for _, leg := range r.table(export) {
		for name, sign := range map[string]int{"Débito": 1, "Crédito": -1} {
			n, _ := strconv.Atoi(strings.ReplaceAll(leg[name], ",", ""))
			balance += sign * n
		}
	}
	require.Zero(t, balance, "what is debited is credited")
	none := r.table(r.made("ledger", map[string]string{"subject": "pay_nobody"}))
	require.Empty(t, none)
}

// The file is written part by part, and each part is sealed: no dump of the database shows
// what is in it.
func TestAFileOfMoreThanTenThousandRowsIsWhole(t *testing.T) {
	t.Parallel()
	w := newReadWorld(t)
	c := w.clinic(t, "Vida")
	w.deliver(t, c, samples.Event("payment_received_pix.real"))
	const rows = 10_100
	w.exec(
		t,
		`INSERT INTO invoices (clinic_id, id, asaas_id, status, asaas_status, method, value, due_date,
		  state, version, created_at, updated_at)
		SELECT clinic_id, gen_random_uuid(), 'pay_many_' || n, status, asaas_status, method, value, due_date, state, version,
		  created_at, updated_at FROM invoices, generate_series(2, $1) n`,
		rows,
	)
	r := w.as(t, c, auth.RoleAdmin)
	export := r.made("invoices", nil)
	require.EqualValues(t, rows, export["rows"])
	text, _ := r.file(strings.TrimPrefix(export["links"].(map[string]any)["file"].(string), r.base))
	require.Equal(t, rows+1, strings.Count(text, "\r\n"))
	require.Equal(t, 1, strings.Count(text, "Vencimento;"), "one heading")
	ids := map[string]bool{}
	for line := range strings.Lines(text) {
		ids[strings.Split(line, ";")[12]] = true
	}
	require.Len(t, ids, rows+1, "each row once")
	require.Equal(t, 11, w.count(t, `SELECT count(*) FROM export_parts`), "parts of a thousand")
	require.Zero(
		t,
		w.count(
			t,
			`SELECT count(*) FROM export_parts
			WHERE position('Vencimento'::bytea IN body) > 0 OR substring(body FROM 1 FOR 2) = '\x1f8b'::bytea`,
		),
		"a part lies open",
	)
	o := r.ok(export["links"].(map[string]any)["operation"].(string)).body
	require.Equal(t, []any{"done", 11.0, 11.0}, []any{o["state"], o["progress"], o["total"]})
}

func TestWhoMayNotExportGetsNoFileAndNeitherDoesAnotherClinic(t *testing.T) {
	t.Parallel()
	w := newReadWorld(t)
	c, other := w.clinic(t, "Vida"), w.clinic(t, "Sorriso")
	w.deliver(t, c, samples.Event("payment_received_pix.real"))
	r := w.as(t, c, auth.RoleFinance)
	export := r.made("invoices", map[string]string{"status": "received"})
	self := "/exports/" + export["id"].(string)
	only := func(scopes ...string) *reader {
		return &reader{t, w, r.base, w.token(t, &c, auth.RoleService, scopes...)}
	}
	for rule, who := range map[string]*reader{
		"a reader":                    w.as(t, c, auth.RoleReader),
		"a program without the scope": only("invoices:read"),
		"one that may export and not read invoices": only("exports:write", "checkouts:read"),
		"support": w.operator(t, c, auth.RoleSupport),
	} {
		require.Equal(t, 403, who.post("/exports", map[string]any{"kind": "invoices"}).status, rule)
		require.Equal(t, 403, who.get(self).status, rule)
		require.Equal(t, 403, who.get(self+"/file").status, rule)
	}
	stranger, absent := w.as(t, other, auth.RoleAdmin), tenants.NewID(noon).Public("exp")
	for _, rest := range []string{"", "/file"} {
		a, b := stranger.get(self+rest), stranger.get("/exports/"+absent+rest)
		require.Equal(t, []int{404, 404}, []int{a.status, b.status})
		require.Equal(t, ofRequest.ReplaceAllString(b.text, ""), ofRequest.ReplaceAllString(a.text, ""))
	}
	r.table(export)
	var said []string
	for _, entry := range w.as(t, c, auth.RoleAdmin).ok("/audit").data() {
		said = append(said, entry["action"].(string)+" "+entry["subject"].(string))
	}
	require.Equal(t, []string{"export.download " + export["id"].(string), "export.create " + export["id"].(string)}, said)
}

func TestAFileIsThereForADayAndThenRemoved(t *testing.T) {
	t.Parallel()
	w := newReadWorld(t)
	c := w.clinic(t, "Vida")
	w.deliver(t, c, samples.Event("payment_received_pix.real"))
	export := w.as(t, c, auth.RoleAdmin).made("invoices", nil)
	self := "/exports/" + export["id"].(string)
	require.Equal(t, noon.Add(24*time.Hour).Format(time.RFC3339), export["endsAt"])
	require.NoError(t, w.worker.ExpireExports(t.Context(), noon.Add(24*time.Hour-time.Second)))
	w.now = noon.Add(24*time.Hour - time.Second)
	w.as(t, c, auth.RoleAdmin).ok(self)
	w.now = noon.Add(24 * time.Hour)
	r := w.as(t, c, auth.RoleAdmin)
	require.Equal(t, []int{404, 404}, []int{r.get(self).status, r.get(self + "/file").status})
	require.NoError(t, w.worker.ExpireExports(t.Context(), w.now))
	require.Zero(t, w.count(t, `SELECT (SELECT count(*) FROM exports) + (SELECT count(*) FROM export_parts)`))
}

func TestAnExportRefusesWhatTheListWouldRefuse(t *testing.T) {
	t.Parallel()
	w := newReadWorld(t)
	c := w.clinic(t, "Vida")
	r := w.as(t, c, auth.RoleAdmin)
	for _, row := range []struct{ kind, name, text, code string }{
		{"invoices", "stauts", "paid", "unknown_property"},
		{"invoices", "status", "paid", "not_one_of_allowed"},
		{"invoices", "dispute", "lost", "not_one_of_allowed"},
		{"invoices", "dueDate[gte]", "01/02/2026", "wrong_format"},
		{"invoices", "amountCents[lte]", "1.5", "wrong_format"},
		{"invoices", "paidAt[gte]", "yesterday", "wrong_format"},
		{"invoices", "customer", strings.Repeat("x", 201), "wrong_length"},
		{"invoices", "externalReference", "", "wrong_format"},
		{"invoices", "externalReference", "a\x00", "wrong_format"},
		{"invoices", "limit", "1", "unknown_property"},
		{"invoices", "cursor", "x", "unknown_property"},
		{"invoices", "sort", "dueDate", "unknown_property"},
		{"invoices", "fields", "id", "unknown_property"},
		{"checkouts", "dueDate[gte]", "2026-01-01", "unknown_property"},
		{"events", "outcome", "paid", "not_one_of_allowed"},
		{"events", "tries[gte]", "many", "wrong_format"},
		{"events", "tries[gte]", "1001", "out_of_range"},
		{"ledger", "status", "x", "unknown_property"},
	} {
		a := r.post("/exports", map[string]any{"kind": row.kind, "filter": map[string]string{row.name: row.text}})
		require.Equal(t, 422, a.status, a.text)
		require.Contains(t, a.text, `"code":"`+row.code+`"`, row.name)
		require.NotContains(t, a.text, "yesterday")
	}
	require.Equal(t, 422, r.post("/exports", map[string]any{"kind": "users"}).status)
	require.Equal(t, 422, r.post("/exports", map[string]any{"kind": "invoices", "format": "xlsx"}).status)
	require.Zero(t, w.count(t, `SELECT count(*) FROM exports`))
	require.Zero(t, w.count(t, `SELECT count(*) FROM audit WHERE action LIKE 'export%'`))
}

// Whatever a list can be filtered by, its file can: a filter that is moved into a struct of
// its own must not be lost.
func TestEveryFilterOfAListIsOneOfItsFile(t *testing.T) {
	t.Parallel()
	w := newReadWorld(t)
	c := w.clinic(t, "Vida")
	r := w.as(t, c, auth.RoleAdmin)
	samples := map[string]string{
		"dueDate":           "2026-01-01",
		"clientPaymentDate": "2026-01-01",
		"amountCents":       "1",
		"tries":             "1",
		"paidAt":            "2026-01-01T00:00:00Z",
		"createdAt":         "2026-01-01T00:00:00Z",
		"receivedAt":        "2026-01-01T00:00:00Z",
		"refusedSince":      "2026-01-01T00:00:00Z",
		"effective":         "2026-01-01",
		"status":            "overdue",
		"kind":              "payment",
		"outcome":           "dead",
		"customerName":      "xyz",
		"source":            "webhook",
		"dispute":           "open",
		"tests":             "without",
	}
	for kind, list := range map[string]string{
		"invoices": "invoices", "checkouts": "checkouts", "anticipations": "anticipations", "events": "events",
		"ledger": "ledger/entries", "statement": "ledger/entries",
	} {
		filter := map[string]string{}
		for _, name := range queryOf(t, "/v1/tenants/{tenant}/"+list) {
			base, _, _ := strings.Cut(name, "[")
			filter[name] = cmp.Or(samples[base], "x")
		}
		for _, ofLists := range []string{"limit", "cursor", "include", "fields", "sort"} {
			delete(filter, ofLists)
		}
		if kind == "checkouts" {
			filter["status"] = "paid"
		}
		require.NotEmpty(t, filter)
		require.Empty(t, r.table(r.made(kind, filter)))
	}
}

// queryOf returns the names of a list's parameters, by the contract.
func queryOf(t *testing.T, path string) (names []string) {
	t.Helper()
	var doc struct {
		Paths map[string]map[string]struct {
			Parameters []struct{ Name, In string }
		}
	}
	require.NoError(t, json.Unmarshal(v1.Document, &doc))
	for _, p := range doc.Paths[path]["get"].Parameters {
		if p.In == "query" {
			names = append(names, p.Name)
		}
	}
	return names
}

func TestAClinicKeepsTwentyFilesAndMakesOneAtATime(t *testing.T) {
	t.Parallel()
	w := newReadWorld(t)
	c := w.clinic(t, "Vida")
	r := w.as(t, c, auth.RoleAdmin)
	w.exec(
		t,
		`INSERT INTO operations (clinic_id, id, kind, state, steps, total, created_at, updated_at)
		VALUES ($1, gen_random_uuid(), 'export', 'running', '[]', 1, $2, $2)`,
		c.ID,
		noon,
	)
	a := r.post("/exports", map[string]any{"kind": "invoices"})
	require.Equal(t, 409, a.status)
	require.Contains(t, a.text, "em andamento")
	w.exec(t, `DELETE FROM operations`)
	for range tenants.ExportsKept {
		r.made("invoices", nil)
	}
	a = r.post("/exports", map[string]any{"kind": "invoices"})
	require.Equal(t, 409, a.status)
	require.Contains(t, a.text, "20 exportações")
	w.now = noon.Add(tenants.ExportLife)
	w.as(t, c, auth.RoleAdmin).made("invoices", nil)
}

// A file that no process can finish is told to have failed, and cannot be fetched.
func TestAFileThatNeverGetsOnHasFailed(t *testing.T) {
	t.Parallel()
	w := newReadWorld(t)
	c := w.clinic(t, "Vida")
	export := w.as(t, c, auth.RoleAdmin).made("invoices", nil)
	w.exec(t, `UPDATE exports SET done = false`)
	w.exec(t, `UPDATE operations SET state = 'running', attempts = 5`)
	w.now = noon.Add(time.Minute)
	id, ok := domain.ParseUUID("exp", export["id"].(string))
	require.True(t, ok)
	w.operations.Begin(t.Context(), c.ID, id)
	r := w.as(t, c, auth.RoleAdmin)
	var now reply
	until(t, "it ends", func() bool {
		now = r.ok("/exports/" + export["id"].(string))
		return now.body["state"] != "running"
	})
	require.Equal(t, "failed", now.body["state"])
	require.Nil(t, now.body["links"].(map[string]any)["file"])
	require.Equal(t, http.StatusConflict, r.get("/exports/"+export["id"].(string)+"/file").status)
}

func TestAPartCannotStandInAnothersPlace(t *testing.T) {
	t.Parallel()
	w := newReadWorld(t)
	c := w.clinic(t, "Vida")
	r := w.as(t, c, auth.RoleAdmin)
	one, other := r.made("invoices", nil), r.made("events", nil)
	w.exec(t, `UPDATE export_parts p SET body = o.body FROM export_parts o WHERE o.id <> p.id`)
	for _, export := range []map[string]any{one, other} {
		text, _ := r.file("/exports/" + export["id"].(string) + "/file")
		require.Equal(t, "Arquivo incompleto. Baixe de novo.\r\n", text)
	}
}

func TestALedgersFileHasEveryBookingAndTheirOrder(t *testing.T) {
	t.Parallel()
	w := newReadWorld(t)
	c := w.clinic(t, "Vida")
	w.deliver(t, c, received(130)...)
	newest := w.count(t, `SELECT max(no) FROM ledger_transactions WHERE clinic_id = $1`, c.ID)
	require.Greater(t, newest, 2*100, "more than two reads")
	var numbers []int
	for _, leg := range w.as(t, c, auth.RoleFinance).table(w.as(t, c, auth.RoleFinance).made("ledger", nil)) {
		n, err := strconv.Atoi(leg["Número"])
		require.NoError(t, err)
		if len(numbers) == 0 || numbers[len(numbers)-1] != n {
			numbers = append(numbers, n)
		}
	}
	require.Len(t, numbers, newest)
	for i, n := range numbers {
		require.Equal(t, newest-i, n, "newest first, none left out")
	}
}
