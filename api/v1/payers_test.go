package v1_test

import (
	"fmt"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"patapay/api/auth"
	"patapay/domain/asaas/samples"
	"patapay/tenants"
	"patapay/tenants/payers"
)

// namePayers keeps names, by id, as a worker does that has read them.
func (w *readWorld) namePayers(t testing.TB, c tenants.Clinic, names map[string]string) {
	t.Helper()
	var told []payers.Payer
	for id, name := range names {
		told = append(told, payers.Payer{ID: id, Name: name})
	}
	require.NoError(t, w.api.In(t.Context(), c.ID, func(tx *tenants.Tx) error {
		_, err := payers.KeepPayers(tx, w.vault, told, w.now)
		return err
	}))
}

// newPayerWorld is a world of two clinics with the same two invoices, whose payers have names
// in the first one.
func newPayerWorld(t *testing.T) (w *readWorld, vida, sorriso tenants.Clinic) {
	t.Helper()
	w = newReadWorld(t)
	vida, sorriso = w.clinic(t, "Vida"), w.clinic(t, "Sorriso")
	for _, c := range []tenants.Clinic{vida, sorriso} {
		w.deliver(
			t,
			c,
			edited("payment_received_pix.real", `"REF-0002"`, `"maria"`),
			samples.Event("payment_overdue_boleto_subscription.real"),
		)
	}
	r := w.as(t, vida, auth.RoleFinance)
	w.namePayers(t, vida, map[string]string{
		r.ok("/invoices/pay_3h08j28ezvwv7s4h").body["customer"].(string): "Ana D'Ávila",
		r.ok("/invoices/pay_49jucioh5v3tw85o").body["customer"].(string): "Maria da Silva",
	})
	return w, vida, sorriso
}

func TestAnInvoiceTellsThePayersNameToThoseWhoMaySeeIt(t *testing.T) {
	t.Parallel()
	w, vida, sorriso := newPayerWorld(t)
	const path = "/invoices/pay_3h08j28ezvwv7s4h"
	r := w.as(t, vida, auth.RoleFinance)
	one := r.ok(path)
	require.Equal(t, "Ana D'Ávila", one.body["customerName"])
	for _, row := range r.ok("/invoices").data() {
		require.NotNil(t, row["customerName"])
	}
	require.Equal(t, 304, r.get(path, "If-None-Match", one.header.Get("ETag")).status)
	w.namePayers(t, vida, map[string]string{one.body["customer"].(string): "Ana Prado"})
	require.Equal(
		t,
		"Ana Prado",
		r.ok(path, "If-None-Match", one.header.Get("ETag")).body["customerName"],
		"another name is another answer",
	)
	for who, blind := range map[string]*reader{
		"reader": w.as(t, vida, auth.RoleReader), "support": w.operator(t, vida, auth.RoleSupport),
		"another clinic": w.as(t, sorriso, auth.RoleAdmin),
	} {
		withReason := []string{"X-Access-Reason", "a long enough reason"}
		require.Nil(t, blind.ok(path, withReason...).body["customerName"], who)
		for _, row := range blind.ok("/invoices", withReason...).data() {
			require.Nil(t, row["customerName"], who)
		}
	}
	require.NotContains(t, r.ok("/feed?limit=100").text, "Ana", "the feed")
}

func TestACheckoutTellsThePayersNameToo(t *testing.T) {
	t.Parallel()
	w := newReadWorld(t)
	vida := w.clinic(t, "Vida")
	w.deliver(t, vida, samples.Event("checkout_paid_recurrent.made"))
	r := w.as(t, vida, auth.RoleFinance)
	one := r.ok("/checkouts").data()[0]
	require.Nil(t, one["customerName"])
	w.namePayers(t, vida, map[string]string{one["customer"].(string): "Ana Prado"})
	path := "/checkouts/" + one["id"].(string)
	require.Equal(t, "Ana Prado", r.ok("/checkouts").data()[0]["customerName"])
	require.Equal(t, "Ana Prado", r.ok(path).body["customerName"])
	require.Nil(t, w.as(t, vida, auth.RoleReader).ok(path).body["customerName"])
}

func TestInvoicesAndEventsAreFoundByWordsOfThePayersName(t *testing.T) {
	t.Parallel()
	w, vida, sorriso := newPayerWorld(t)
	r, other := w.as(t, vida, auth.RoleFinance), w.as(t, sorriso, auth.RoleFinance)
	for _, row := range []struct {
		q           string
		want, there int // with the names, and at the clinic that knows none
	}{
		{"ana", 1, 0},
		{"D'Ávila", 1, 0},
		{"avila ana", 1, 0},
		{"sil", 1, 0},
		{"da silva", 1, 0},
		{"ana silva", 0, 0},
		{"an", 0, 0},
		{"Xavier", 0, 0},
		{"maria", 2, 1}, // one payer's name and the other's reference
	} {
		query := "?q=" + url.QueryEscape(row.q)
		for _, list := range []string{"/invoices", "/events"} {
			page := r.ok(list + query + "&include=count")
			require.Len(t, page.data(), row.want, "%s %q", list, row.q)
			require.EqualValues(t, row.want, page.body["count"].(map[string]any)["total"], "%s %q", list, row.q)
			require.Len(t, other.ok(list+query).data(), row.there, "%s %q of another clinic", list, row.q)
		}
		require.EqualValues(t, row.want, r.ok("/events/summary" + query).body["received"], "%q", row.q)
		require.EqualValues(
			t,
			row.want,
			r.ok("/invoices/summary" + query).body["total"].(map[string]any)["count"],
			"%q",
			row.q,
		)
	}
	require.Len(t, w.as(t, vida, auth.RoleReader).ok("/invoices?q=ana").data(), 0, "who sees no name finds by none")
	require.Len(t, w.as(t, vida, auth.RoleReader).ok("/invoices?q=maria").data(), 1, "the reference is no secret")
}

func TestTheFilterOfANameNarrowsAndItsPagesGoOn(t *testing.T) {
	t.Parallel()
	w, vida, _ := newPayerWorld(t)
	r := w.as(t, vida, auth.RoleFinance)
	for i := range 5 {
		w.deliver(
			t,
			vida,
			edited(
				"payment_received_pix.real",
				`pay_3h08j28ezvwv7s4h`,
				fmt.Sprintf("pay_page%d", i),
				`&17877802`,
				fmt.Sprintf("&9%d", i),
			),
		)
	}
	seen, path := map[string]bool{}, "/invoices?customerName=ana&limit=2&sort=amountCents"
	for next := path; next != ""; {
		page := r.ok(next)
		for _, row := range page.data() {
			require.False(t, seen[row["id"].(string)], "twice")
			seen[row["id"].(string)] = true
		}
		cursor, more := page.page()["nextCursor"].(string)
		if next = path + "&cursor=" + cursor; !more {
			next = ""
		}
	}
	require.Len(t, seen, len(r.ok("/invoices?q=ana&limit=100").data()))
	require.Greater(t, len(seen), 2)
	require.Empty(t, r.ok("/invoices?customerName=ana&q=silva").data(), "both must be true")
	require.Empty(t, r.ok("/invoices?customerName=xavier").data())
	first := r.ok(path).page()["nextCursor"].(string)
	require.Equal(
		t,
		400,
		r.get("/invoices?customerName=maria&limit=2&sort=amountCents&cursor="+first).status,
		"a cursor of another name",
	)
	for typed, want := range map[string]int{"an": 422, "da": 422, "%20%20": 200} {
		require.Equal(t, want, r.get("/invoices?customerName="+typed).status, typed)
	}
	require.Equal(t, 403, w.as(t, vida, auth.RoleReader).get("/invoices?customerName=ana").status)
}

func TestANameOfHundredsIsRefusedWithWords(t *testing.T) {
	t.Parallel()
	w, vida, _ := newPayerWorld(t)
	names := map[string]string{}
	for i := range 201 {
		names[fmt.Sprintf("cus_%d", i)] = "Quitéria"
	}
	w.namePayers(t, vida, names)
	r := w.as(t, vida, auth.RoleFinance)
	for _, path := range []string{"/invoices?q=quiteria", "/events?q=quiteria", "/invoices?customerName=qui"} {
		refused := r.get(path)
		require.Equal(t, 422, refused.status, path)
		require.Contains(t, refused.text, "Mais de 200 clientes têm esse nome", path)
	}
}

func TestAPageAsksForNoNameThatItLacksForApplyHasDoneSo(t *testing.T) {
	t.Parallel()
	w, _, sorriso := newPayerWorld(t)
	asked := func() int {
		return w.count(t, `SELECT count(*) FROM payers WHERE clinic_id = $1 AND due_at < 'infinity'`, sorriso.ID)
	}
	require.Equal(t, 2, asked(), "by apply, that stored the two invoices")
	w.exec(t, `DELETE FROM payers WHERE clinic_id = $1`, sorriso.ID)
	w.exec(t, `DELETE FROM payer_lists WHERE clinic_id = $1`, sorriso.ID)
	for _, path := range []string{"/invoices", "/invoices/pay_3h08j28ezvwv7s4h", "/invoices?q=ana", "/checkouts"} {
		w.as(t, sorriso, auth.RoleFinance).ok(path)
	}
	require.Zero(t, asked())
	require.Zero(
		t,
		w.count(t, `SELECT count(*) FROM payer_lists WHERE clinic_id = $1`, sorriso.ID),
		"a page made an index of names",
	)
}

func TestAFileNamesThePayersAndKeepsNoNameThatWasTyped(t *testing.T) {
	t.Parallel()
	w, vida, _ := newPayerWorld(t)
	r := w.as(t, vida, auth.RoleFinance)
	rows := r.table(r.made("invoices", map[string]string{"customerName": "avila"}))
	require.Len(t, rows, 1)
	require.Equal(t, "Ana D'Ávila", rows[0]["Cliente"])
	require.Len(t, r.table(r.made("events", map[string]string{"q": "avila"})), 1)
	require.Zero(
		t,
		w.count(
			t,
			`SELECT (SELECT count(*) FROM exports WHERE filter::text LIKE '%avila%')
			  + (SELECT count(*) FROM audit WHERE detail::text LIKE '%avila%')`,
		),
	)
	refused := r.post("/exports", map[string]any{"kind": "invoices", "filter": map[string]string{"customerName": "x"}})
	require.Contains(t, refused.text, `"/filter/customerName"`)
}
