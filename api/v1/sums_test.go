package v1_test

import (
	"testing"

	"patapay/domain/asaas/samples"

	"github.com/stretchr/testify/require"
)

func amountIn(v any) int { return int(v.(map[string]any)["amountCents"].(float64)) }

// keyed returns the sums of an answer by their keys.
func keyed(body map[string]any) map[string]map[string]any {
	found := map[string]map[string]any{}
	for _, raw := range body["sums"].([]any) {
		sum := raw.(map[string]any)
		found[sum["key"].(string)] = sum
	}
	return found
}

func TestSumsOfInvoicesAreThoseOfTheirList(t *testing.T) {
	w := newReadWorld(t)
	c, other := w.clinic(t, "Vida"), w.clinic(t, "Bicho")
	w.deliver(
		t,
		c,
		samples.Event("payment_received_pix.real"),
		samples.Event("payment_deleted_boleto.real"),
		samples.Event("payment_overdue_boleto.made"),
	)
	w.deliver(t, other, samples.Event("payment_received_pix.real"))
	r := w.as(t, c, "reader")
	list := r.ok("/invoices?limit=100").data()
	for _, query := range []string{
		"", "&status=received", "&amountCents[lte]=1000", "&dueDate[lte]=2026-11-21",
		"&paidAt[gte]=2026-08-01T00:00:00Z", "&q=REF-0002",
	} {
		count, value := 0, 0
		for _, invoice := range r.ok("/invoices?limit=100" + query).data() {
			count, value = count+1, value+amountIn(invoice["value"])
		}
		total := r.ok("/invoices/summary?by=status" + query).body["total"].(map[string]any)
		require.EqualValues(t, count, total["count"], query)
		require.Equal(t, value, amountIn(total["value"]), query)
	}
	by := keyed(r.ok("/invoices/summary").body)
	for _, invoice := range list {
		sum := by[invoice["status"].(string)]
		require.EqualValues(t, 1, sum["count"], invoice["status"])
		require.Equal(t, amountIn(invoice["value"]), amountIn(sum["value"]))
		require.Equal(t, amountIn(invoice["fee"]), amountIn(sum["fee"]), "value less net")
	}
	require.Contains(t, by, "removed", "as people see it, not as Asaas's word has it")
}

func TestOverdueInvoicesAreSummedByAgeAndFeesByMethodAndMonth(t *testing.T) {
	w := newReadWorld(t)
	c := w.clinic(t, "Vida")
	w.deliver(t, c, samples.Event("payment_received_pix.real"), samples.Event("payment_overdue_boleto.made"))
	r := w.as(t, c, "reader")
	for due, age := range map[string]string{
		"2026-11-21": "1-7", "2026-11-15": "1-7", "2026-11-14": "8-15", "2026-11-07": "8-15", "2026-11-06": "16-30",
		"2026-10-23": "16-30", "2026-10-22": "31-60", "2026-09-23": "31-60", "2026-09-22": "61+",
	} {
		w.exec(t, `UPDATE invoices SET due_date = $1 WHERE clinic_id = $2 AND status = 'overdue'`, due, c.ID)
		got := r.ok("/invoices/summary?by=age&status=overdue").body
		require.Equal(t, "2026-11-22", got["today"])
		require.Len(t, got["sums"], 1, due)
		require.Contains(t, keyed(got), age, due)
	}
	w.exec(t, `UPDATE invoices SET due_date = '2026-11-22' WHERE clinic_id = $1 AND status = 'overdue'`, c.ID)
	require.Empty(t, r.ok("/invoices/summary?by=age&status=overdue").body["sums"], "due today is not late")

	months := r.ok("/invoices/summary?by=methodMonth").body["sums"].([]any)
	require.Len(t, months, 1)
	one := months[0].(map[string]any)
	require.Equal(t, []any{"2026-08", "pix"}, []any{one["key"], one["method"]})
	require.Contains(
		t,
		keyed(r.ok("/invoices/summary?by=availableOn").body),
		r.ok("/invoices/pay_3h08j28ezvwv7s4h").body["availableOn"],
	)
	require.Equal(t, 422, r.get("/invoices/summary?by=customer").status)
}

func TestCheckoutsAndAnticipationsAreSummedByStatus(t *testing.T) {
	w := newReadWorld(t)
	c := w.clinic(t, "Vida")
	w.deliver(t, c, samples.Event("checkout_created_recurrent.doc"), samples.Event("receivable_anticipation_credited.doc"))
	r := w.as(t, c, "reader")
	checkout := r.ok("/checkouts").data()[0]
	sum := keyed(r.ok("/checkouts/summary").body)[checkout["status"].(string)]
	require.EqualValues(t, 1, sum["count"])
	require.Equal(t, amountIn(checkout["total"]), amountIn(sum["value"]))

	advance := r.ok("/anticipations").data()[0]
	day := advance["anticipationDate"].(string)
	onDay := "/anticipations/summary?anticipationDate[gte]=" + day + "&anticipationDate[lte]=" + day
	sum = keyed(r.ok(onDay).body)["credited"]
	require.Equal(
		t,
		[]any{1.0, advance["value"], advance["fee"], advance["netValue"], advance["days"]},
		[]any{sum["count"], sum["value"], sum["fee"], sum["netValue"], sum["days"]},
	)
	require.Empty(t, r.ok("/anticipations/summary?anticipationDate[gte]=2027-01-01").body["sums"])
}

// What a list is narrowed to and searched for, its sums are of too.
func TestSumsOfCheckoutsAndAnticipationsAreThoseOfTheirLists(t *testing.T) {
	w := newReadWorld(t)
	c := w.clinic(t, "Vida")
	w.deliver(t, c, samples.Event("checkout_created_recurrent.doc"), samples.Event("checkout_paid_pix.real"),
		samples.Event("receivable_anticipation_credited.doc"))
	w.exec(
		t,
		`INSERT INTO anticipations (clinic_id, id, asaas_id, status, asaas_status, payment, installment, total_value, value,
		  fee, net_value, due_date, confirmed_by, state, texts, version, created_at, updated_at)
		SELECT clinic_id, '019a8000-0000-7000-8000-000000000001'::uuid, 'another', 'pending', 'PENDING', 'pay_other', '',
		  5, 4, 1, 3, due_date, confirmed_by,
		  (state::jsonb || '{"ID":"another","Status":"pending","Value":4,"Fee":1,"NetValue":3,"Payment":"pay_other"}')::json,
		  NULL, version, created_at, updated_at
		FROM anticipations WHERE clinic_id = $1`,
		c.ID,
	)
	r := w.as(t, c, "reader")
	for list, amount := range map[string]string{"/checkouts": "total", "/anticipations": "value"} {
		rows := r.ok(list).data()
		require.Len(t, rows, 2, list)
		require.NotEqual(t, rows[0]["status"], rows[1]["status"], list)
		one := rows[0]
		for _, query := range []string{
			"status=" + one["status"].(string), "q=" + one["id"].(string),
			"q=" + one["asaasId"].(string), "asaasId=" + one["asaasId"].(string),
			"status=" + rows[1]["status"].(string) + "&q=" + one["id"].(string), "q=ninguem",
		} {
			value := map[string]int{}
			for _, row := range r.ok(list + "?" + query).data() {
				value[row["status"].(string)] += amountIn(row[amount])
			}
			sums := keyed(r.ok(list + "/summary?" + query).body)
			require.Len(t, sums, len(value), query)
			for status, cents := range value {
				require.Equal(t, cents, amountIn(sums[status]["value"]), query)
			}
		}
	}
}

// An anticipation names no payer itself: who pays is told by the invoice, or by one of the plan, that came early.
func TestAnAnticipationTellsWhoPaysWhatCameEarly(t *testing.T) {
	w := newReadWorld(t)
	c, other := w.clinic(t, "Vida"), w.clinic(t, "Bicho")
	w.deliver(t, c, samples.Event("receivable_anticipation_credited.doc"))
	r, masked := w.as(t, c, "admin"), w.as(t, c, "reader")
	advance := r.ok("/anticipations").data()[0]
	require.Nil(t, advance["customer"], "no invoice of it is known")
	before := r.ok("/anticipations/" + advance["id"].(string)).header.Get("ETag")
	const invoice = `INSERT INTO invoices (clinic_id, id, asaas_id, status, asaas_status, method, value, due_date,
		  confirmed_by, customer, installment, state, version, created_at, updated_at)
		VALUES ($1, gen_random_uuid(), $2, 'received', 'RECEIVED', 'PIX', 1,
		  '2026-11-22', 'api', $3, $4, '{}', 1, now(), now())`
	w.exec(t, invoice, other.ID, advance["payment"], "cus_alheio", "")
	require.Nil(t, r.ok("/anticipations").data()[0]["customer"], "another clinic's invoice of the same id is not asked")
	w.exec(t, invoice, c.ID, advance["payment"], "cus_1", "")
	shown := r.ok("/anticipations/" + advance["id"].(string))
	require.Equal(t, "cus_1", shown.body["customer"])
	require.NotEqual(t, before, shown.header.Get("ETag"), "what is shown with it changed")
	require.Equal(t, "cus_1", masked.ok("/anticipations").data()[0]["customer"])
	require.Nil(t, masked.ok("/anticipations").data()[0]["customerName"])

	w.exec(
		t,
		`UPDATE anticipations SET payment = '', installment = 'ins_9',
		  state = (state::jsonb || '{"Payment":"","Installment":"ins_9"}')::json WHERE clinic_id = $1`,
		c.ID,
	)
	w.exec(t, invoice, c.ID, "pay_parcela_1", "cus_2", "ins_9")
	require.Equal(t, "cus_2", r.ok("/anticipations").data()[0]["customer"], "of a plan")
}
