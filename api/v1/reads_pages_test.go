package v1_test

import (
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patapay/domain/asaas/samples"
	"patapay/tenants"
)

// payment returns a created payment, numbered, with an amount and a due day that many share.
func payment(n int) []byte {
	return edited(
		"payment_created_pix.real",
		"pay_3h08j28ezvwv7s4h",
		fmt.Sprintf("pay_%06d", n),
		"&",
		fmt.Sprintf("&%06d", 100_000+n),
		`"value": 10.0`,
		fmt.Sprintf(`"value": %d.50`, 10+n%7),
		`"dueDate": "2026-08-08"`,
		fmt.Sprintf(`"dueDate": "2026-08-%02d"`, 1+n%9),
	)
}

// fill gives c n invoices, each first seen a millisecond after the one before.
func (w *readWorld) fill(t *testing.T, c tenants.Clinic, n int) {
	t.Helper()
	bodies := make([][]byte, n)
	for i := range bodies {
		bodies[i] = payment(i)
	}
	for len(bodies) > 0 {
		w.now = w.now.Add(time.Millisecond)
		k := min(3, len(bodies)) // some are seen in the same millisecond
		w.store(t, c, bodies[:k]...)
		bodies = bodies[k:]
	}
	w.apply(t, c)
}

// walk reads a list from path to its end, in a direction, and returns the asaasIds in the
// order they came; between runs after each page.
func (r *reader) walk(path, direction string, between func()) (ids []string, last string) {
	r.t.Helper()
	for at := path; ; {
		out := r.ok(at)
		page := make([]string, 0, 100)
		for _, row := range out.data() {
			page = append(page, row["asaasId"].(string))
		}
		if direction == "prevCursor" {
			ids = append(page, ids...)
		} else {
			ids = append(ids, page...)
		}
		cursor, more := out.page()[direction].(string)
		if !more {
			return ids, at
		}
		between()
		u, err := url.Parse(at)
		require.NoError(r.t, err)
		query := u.Query()
		query.Set("cursor", cursor)
		at = u.Path + "?" + query.Encode()
	}
}

func TestPagesSkipAndRepeatNothingWhileInvoicesCome(t *testing.T) {
	w := newReadWorld(t)
	c := w.clinic(t, "Vida")
	w.fill(t, c, 1000)
	r := w.as(t, c, "reader")
	added := 1000
	insert := func() {
		w.now = w.now.Add(time.Second)
		w.deliver(t, c, payment(added), payment(added+1))
		added += 2
	}
	got, last := r.walk("/invoices?limit=37", "nextCursor", insert)
	require.Len(t, got, 1000, "what was there at the start, each once")
	require.ElementsMatch(t, numbered(0, 1000), got)
	require.Contains(t, numbered(999, 1000), got[0], "newest first")
	back, _ := r.walk(last, "prevCursor", func() {})
	require.Equal(t, back[len(back)-1000:], got, "and the same way back")
	require.Len(t, back, added, "with what came meanwhile in front")
}

func numbered(from, to int) (ids []string) {
	for n := from; n < to; n++ {
		ids = append(ids, fmt.Sprintf("pay_%06d", n))
	}
	return ids
}

func TestEverySortWalksTheWholeListInOrder(t *testing.T) {
	w := newReadWorld(t)
	c := w.clinic(t, "Vida")
	w.fill(t, c, 120)
	w.deliver(t, c, edited("payment_created_undefined.real", `"dueDate"`, `"dueDay"`, `"value"`, `"worth"`)) // has neither
	r := w.as(t, c, "reader")
	for _, key := range []string{"createdAt", "dueDate", "amountCents", "updatedAt"} {
		up, last := r.walk("/invoices?limit=11&sort="+key, "nextCursor", func() {})
		down, _ := r.walk("/invoices?limit=13&sort=-"+key, "nextCursor", func() {})
		back, _ := r.walk(last, "prevCursor", func() {})
		require.Len(t, up, 121, key)
		require.Equal(t, up, back, key)
		for i := range up {
			require.Equal(t, up[i], down[len(down)-1-i], "%s: descending is ascending turned round", key)
		}
	}
	due := ""
	for _, i := range r.ok("/invoices?limit=100&sort=dueDate").data() {
		day, _ := i["dueDate"].(string)
		require.LessOrEqual(t, due, day)
		due = day
	}
}

func TestAFilterLeavesWhatItSays(t *testing.T) {
	w := newReadWorld(t)
	c := w.clinic(t, "Vida")
	bodies := [][]byte{}
	for _, name := range []string{
		"payment_received_pix.real", "payment_created_boleto.real",
		"payment_received_credit_card_full.doc", "payment_overdue_boleto_subscription.real",
		"payment_confirmed_credit_card_installment_1of2.real", "payment_confirmed_credit_card_checkout.real",
		"checkout_paid_pix.real", "checkout_created_recurrent.doc", "receivable_anticipation_denied.made",
		"receivable_anticipation_credited_installment.made", "subscription_created.doc",
	} {
		bodies = append(bodies, samples.Event(name))
	}
	w.deliver(t, c, bodies...)
	r := w.as(t, c, "reader")
	for _, row := range []struct {
		filter string
		holds  func(map[string]any) bool
	}{
		{"/invoices?status=received,overdue", func(i map[string]any) bool {
			return i["status"] == "received" || i["status"] == "overdue"
		}},
		{"/invoices?asaasStatus=CONFIRMED", func(i map[string]any) bool { return i["asaasStatus"] == "CONFIRMED" }},
		{"/invoices?method=pix,credit_card", func(i map[string]any) bool {
			return i["method"] == "pix" || i["method"] == "credit_card"
		}},
		{"/invoices?dueDate[gte]=2026-01-01&dueDate[lte]=2026-08-08", func(i map[string]any) bool {
			return i["dueDate"].(string) >= "2026-01-01" && i["dueDate"].(string) <= "2026-08-08"
		}},
		{"/invoices?paidAt[gte]=2026-08-08T23:54:57Z&paidAt[lte]=2026-08-08T23:54:57Z", func(i map[string]any) bool {
			return i["paidAt"] == "2026-08-08T23:54:57Z"
		}},
		{"/invoices?paidAt[gte]=2000-01-01T00:00:00-03:00", func(i map[string]any) bool { return i["paidAt"] != nil }},
		{"/invoices?clientPaymentDate[gte]=2026-01-01&clientPaymentDate[lte]=2026-08-08", func(i map[string]any) bool {
			day, _ := i["clientPaymentDate"].(string)
			return day >= "2026-01-01" && day <= "2026-08-08"
		}},
		{"/invoices?amountCents[gte]=1001", func(i map[string]any) bool {
			return i["value"].(map[string]any)["amountCents"].(float64) >= 1001
		}},
		{"/invoices?amountCents[lte]=1000", func(i map[string]any) bool {
			return i["value"].(map[string]any)["amountCents"].(float64) <= 1000
		}},
		{"/invoices?externalReference=REF-0002", func(i map[string]any) bool { return i["externalReference"] == "REF-0002" }},
		{"/invoices?customer=cus_G7Dvo4iphUNk", func(i map[string]any) bool { return i["customer"] == "cus_G7Dvo4iphUNk" }},
		{"/invoices?checkoutSession=3e5429a0-8c9c-4d97-b184-1b34b2c115c0", func(i map[string]any) bool {
			return i["checkoutSession"] != nil
		}},
		{"/invoices?installment=2765d086-c7c5-5cca-898a-4262d212587c", func(i map[string]any) bool {
			return i["installment"] == "2765d086-c7c5-5cca-898a-4262d212587c"
		}},
		{"/invoices?subscription=sub_VXJBYgP2u0eO", func(i map[string]any) bool {
			return i["subscription"] == "sub_VXJBYgP2u0eO"
		}},
		{"/invoices?asaasId=pay_3h08j28ezvwv7s4h", func(i map[string]any) bool {
			return i["asaasId"] == "pay_3h08j28ezvwv7s4h"
		}},
		{"/checkouts?status=paid", func(i map[string]any) bool { return i["status"] == "paid" }},
		{"/checkouts?externalReference=REF-CHECKOUT-0001", func(i map[string]any) bool {
			return i["externalReference"] == "REF-CHECKOUT-0001"
		}},
		{"/anticipations?status=denied&payment=pay_4310966350068380", func(i map[string]any) bool {
			return i["status"] == "denied" && i["payment"] == "pay_4310966350068380"
		}},
		{"/checkouts?amountCents[gte]=10001", func(i map[string]any) bool { return centavos(i["total"]) >= 10001 }},
		{"/checkouts?amountCents[lte]=10000&status=paid,active", func(i map[string]any) bool {
			return centavos(i["total"]) <= 10000
		}},
		{"/checkouts?q=REF-CHECKOUT-0001", func(i map[string]any) bool {
			return i["externalReference"] == "REF-CHECKOUT-0001"
		}},
		{"/checkouts?q=2bd251f0-09b2-44ff-8a0c-a5cb29e5bbda", func(i map[string]any) bool {
			return i["asaasId"] == "2bd251f0-09b2-44ff-8a0c-a5cb29e5bbda"
		}},
		{"/anticipations?status=denied,credited&asaasStatus=DENIED", func(i map[string]any) bool {
			return i["asaasStatus"] == "DENIED"
		}},
		{"/anticipations?amountCents[gte]=30000", func(i map[string]any) bool { return centavos(i["value"]) >= 30000 }},
		{"/anticipations?dueDate[lte]=2022-09-30", func(i map[string]any) bool {
			due, _ := i["dueDate"].(string)
			return due != "" && due <= "2022-09-30"
		}},
		{"/anticipations?q=pay_4310966350068380", func(i map[string]any) bool {
			return i["payment"] == "pay_4310966350068380"
		}},
		{"/events?type=PAYMENT_RECEIVED", func(i map[string]any) bool { return i["type"] == "PAYMENT_RECEIVED" }},
		{"/events?kind=checkout,other", func(i map[string]any) bool {
			return i["kind"] == "checkout" || i["kind"] == "other"
		}},
		{"/events?outcome=no_effect&reason=other_family", func(i map[string]any) bool {
			return i["outcome"] == "no_effect" && i["reason"] == "other_family"
		}},
		{"/events?entity=pay_3h08j28ezvwv7s4h", func(i map[string]any) bool { return i["entity"] == "pay_3h08j28ezvwv7s4h" }},
	} {
		noun, _, _ := strings.Cut(row.filter, "?")
		want := []any{}
		all := r.ok(noun + "?limit=100").data()
		for _, i := range all {
			if row.holds(i) {
				want = append(want, i["asaasId"])
			}
		}
		got := []any{}
		out := r.ok(row.filter + "&include=count")
		for _, i := range out.data() {
			got = append(got, i["asaasId"])
		}
		require.NotEmpty(t, want, row.filter)
		require.Less(t, len(want), len(all), "%s leaves something out", row.filter)
		require.Equal(t, want, got, row.filter)
		require.Equal(t, map[string]any{"total": float64(len(want)), "capped": false}, out.body["count"])
	}
	require.Empty(t, r.ok("/anticipations?payment=pay_absent").data())
	require.Len(t, r.ok("/anticipations?installment=d09c7898-42d2-4372-9e55-d3d90915ff46").data(), 1)
	require.Empty(t, r.ok("/events?receivedAt[lte]=2026-11-22T11:59:59Z").data())
	require.NotEmpty(
		t,
		r.ok("/events?receivedAt[gte]=2026-11-22T09:00:00-03:00&receivedAt[lte]=2026-11-22T12:00:00Z").data(),
		"both ends belong to it",
	)
}

// centavos returns the centavos of an amount, below every amount for null.
func centavos(v any) float64 {
	if m, is := v.(map[string]any); is {
		return m["amountCents"].(float64)
	}
	return -1
}

// Each list can be looked through by when a row was first stored, both ends included, by
// each id that a row has, and in each of its orders, there and back.
func TestCheckoutsAndAnticipationsAreFoundByTimeIdAndAmount(t *testing.T) {
	t.Parallel()
	w := newReadWorld(t)
	c := w.clinic(t, "Vida")
	for _, name := range []string{
		"checkout_paid_pix.real", "checkout_created_recurrent.doc", "receivable_anticipation_denied.made",
		"receivable_anticipation_credited_installment.made", "receivable_anticipation_credited.doc",
	} {
		w.deliver(t, c, samples.Event(name))
	}
	r := w.as(t, c, "reader")
	for noun, amount := range map[string]string{"/checkouts": "total", "/anticipations": "value"} {
		all := r.ok(noun).data()
		require.GreaterOrEqual(t, len(all), 2)
		for _, row := range all {
			at := row["createdAt"].(string)
			for query, holds := range map[string]func(string) bool{
				"createdAt[gte]=" + at:                                  func(other string) bool { return other >= at },
				"createdAt[lte]=" + at:                                  func(other string) bool { return other <= at },
				"createdAt[gte]=" + at + "&createdAt[lte]=" + at:        func(other string) bool { return other == at },
				"q=" + row["id"].(string):                               nil,
				"q=" + url.QueryEscape(row["asaasId"].(string)):         nil,
				"amountCents[gte]=0&asaasId=" + row["asaasId"].(string): nil,
			} {
				var want, got []any
				for _, other := range all {
					if holds == nil && other["id"] == row["id"] && (centavos(row[amount]) >= 0 || query[0] == 'q') ||
						holds != nil && holds(other["createdAt"].(string)) {
						want = append(want, other["id"])
					}
				}
				for _, found := range r.ok(noun + "?" + query).data() {
					got = append(got, found["id"])
				}
				require.Equal(t, want, got, "%s?%s", noun, query)
			}
			if n := centavos(row[amount]); n >= 0 {
				require.NotEmpty(t, r.ok(noun+"?q="+url.QueryEscape(fmt.Sprintf("R$ %d,%02d", int(n)/100, int(n)%100))).data())
			}
		}
		for _, key := range []string{"createdAt", "amountCents", "updatedAt"} {
			up, last := r.walk(noun+"?limit=1&sort="+key, "nextCursor", func() {})
			down, _ := r.walk(noun+"?limit=1&sort=-"+key, "nextCursor", func() {})
			back, _ := r.walk(last, "prevCursor", func() {})
			slices.Reverse(down)
			require.Equal(t, [][]string{up, up}, [][]string{back, down}, "%s %s", noun, key)
		}
		require.Equal(t, 400, r.get(noun+"?paidAt[gte]=2026-01-01T00:00:00Z").status, "a filter of another list")
	}
}

func TestAListRefusesWhatItDoesNotKnow(t *testing.T) {
	w := newReadWorld(t)
	c := w.clinic(t, "Vida")
	w.fill(t, c, 30)
	r := w.as(t, c, "reader")
	cursor := url.QueryEscape(r.ok("/invoices?limit=5&status=pending").page()["nextCursor"].(string))
	other := w.clinic(t, "Sorriso")
	for _, row := range []struct {
		path   string
		status int
		code   string
	}{
		{"/invoices?stauts=pending", 400, "unknown_parameter"},
		{"/invoices?dueDate=2026-01-01", 400, "unknown_parameter"},
		{"/invoices/pay_000001?status=x", 400, "unknown_parameter"},
		{"/events?status=paid", 400, "unknown_parameter"},
		{"/invoices?status=paid", 422, "invalid"},
		{"/invoices?sort=state", 422, "invalid"},
		{"/invoices?sort=dueDate;DROP", 400, "malformed"},
		{"/invoices?status=%zz", 400, "malformed"},
		{"/invoices?status=pending&status=overdue", 400, "malformed"},
		{"/invoices?limit=0", 422, "invalid"},
		{"/invoices?limit=101", 422, "invalid"},
		{"/invoices?dueDate[gte]=2026-02-30", 422, "invalid"},
		{"/invoices?paidAt[gte]=yesterday", 422, "invalid"},
		{"/invoices?amountCents[gte]=12.5", 422, "invalid"},
		{"/invoices?include=everything", 422, "invalid"},
		{"/invoices?externalReference=%00", 422, "invalid"},
		{"/invoices?status=pending&limit=7&cursor=" + cursor, 200, ""},
		{"/invoices?cursor=" + cursor, 400, "cursor_mismatch"},
		{"/invoices?status=pending&sort=dueDate&cursor=" + cursor, 400, "cursor_mismatch"},
		{"/invoices?status=pending&dueDate[gte]=2026-08-01&cursor=" + cursor, 400, "cursor_mismatch"},
		{"/checkouts?cursor=" + cursor, 400, "cursor_mismatch"},
		{"/events?cursor=" + cursor, 400, "cursor_mismatch"},
		{"/invoices?status=pending&cursor=x" + cursor, 400, "cursor_mismatch"},
		{"/invoices?status=pending&cursor=bm9wZQ", 400, "cursor_mismatch"},
		{"/invoices?status=pending&cursor=%21", 400, "cursor_mismatch"},
	} {
		out := r.get(row.path)
		require.Equal(t, row.status, out.status, "%s: %.300s", row.path, out.text)
		if row.code != "" {
			require.Equal(t, row.code, out.body["code"], row.path)
			require.NotContains(t, out.text, "yesterday")
		}
	}
	require.Equal(
		t,
		"cursor_mismatch",
		w.as(t, other, "reader").get("/invoices?status=pending&cursor=" + cursor).body["code"],
		"a cursor is of one clinic",
	)
	for range 200 { // whatever is sent, nothing breaks
		noise := make([]byte, 1+rand.IntN(80))
		for i := range noise {
			noise[i] = byte(rand.IntN(256))
		}
		require.Equal(t, 400, r.get("/invoices?cursor="+url.QueryEscape(string(noise))).status)
	}
}

func TestAPageNamesItsNeighbours(t *testing.T) {
	w := newReadWorld(t)
	c := w.clinic(t, "Vida")
	w.fill(t, c, 25)
	r := w.as(t, c, "reader")
	first := r.ok("/invoices?limit=10&method=pix")
	require.Equal(t, true, first.page()["hasMore"])
	require.Nil(t, first.page()["prevCursor"])
	second := r.ok("/invoices" + linked(t, first, "next"))
	require.Len(t, second.data(), 10, "the link keeps limit and filters")
	require.Equal(t, first.data(), r.ok("/invoices"+linked(t, second, "prev")).data())
	third := r.ok("/invoices" + linked(t, second, "next"))
	require.Len(t, third.data(), 5)
	require.Equal(t, false, third.page()["hasMore"])
	require.Nil(t, third.page()["nextCursor"])
	require.NotContains(t, third.header.Get("Link"), "next")
	require.Len(t, r.ok("/invoices").data(), 25, "25 unless told otherwise")
}

// linked returns the query of the page that the Link header calls rel.
func linked(t *testing.T, r reply, rel string) string {
	t.Helper()
	for l := range strings.SplitSeq(r.header.Get("Link"), ", ") {
		if ref, found := strings.CutSuffix(l, `>; rel="`+rel+`"`); found {
			return strings.TrimPrefix(ref, "<")
		}
	}
	t.Fatalf("no %s in %q", rel, r.header.Get("Link"))
	return ""
}
