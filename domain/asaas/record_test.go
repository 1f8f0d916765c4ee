package asaas_test

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"patapay/domain"
	"patapay/domain/asaas"
	"patapay/domain/asaas/samples"
)

// mutants are what a member may become; nil removes it.
var mutants = []any{
	nil, json.RawMessage("null"), "", "text", 7, -1.005, true,
	[]any{},
	[]any{1, "a", nil},
	map[string]any{},
	map[string]any{"id": []any{1}, "value": "x", "status": 5},
	json.RawMessage("1e400"), json.RawMessage("-0"), strings.Repeat("9", 300),
}

// eachMutant calls f with body's JSON, one member at any depth replaced.
func eachMutant(t *testing.T, body []byte, f func(path string, mutant []byte)) {
	t.Helper()
	var root map[string]any
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	if err := d.Decode(&root); err != nil {
		t.Fatal(err)
	}
	var visit func(path string, object map[string]any)
	visit = func(path string, object map[string]any) {
		for key, old := range object {
			for _, m := range mutants {
				if object[key] = m; m == nil {
					delete(object, key)
				}
				out, err := json.Marshal(root)
				if err != nil {
					t.Fatal(err)
				}
				f(path+key, out)
			}
			object[key] = old
			switch v := old.(type) {
			case map[string]any:
				visit(path+key+".", v)
			case []any:
				for _, e := range v {
					if o, ok := e.(map[string]any); ok {
						visit(path+key+"[].", o)
					}
				}
			}
		}
	}
	visit("", root)
}

func TestNoMutationOfAMemberStopsTheRest(t *testing.T) {
	n := 0
	for _, name := range []string{
		"payment_received_credit_card_full.doc", "payment_refunded_pix.real", "payment_deleted_boleto.real",
		"checkout_created_recurrent.doc", "checkout_paid_pix.real", "receivable_anticipation_credited.doc",
	} {
		body := samples.Event(name)
		kind := asaas.Peek(body).Kind
		eachMutant(t, body, func(path string, mutant []byte) {
			n++
			record, texts, err := asaas.Extract(kind, mutant)
			inside := strings.HasPrefix(path, string(kind)+".")
			if err != nil {
				if path != string(kind) && path != string(kind)+".id" {
					t.Fatalf("%s, %s: %v", name, path, err)
				}
				return
			}
			if !json.Valid(record) || texts != nil && !json.Valid(texts) {
				t.Fatalf("%s, %s: record %s\ntexts %s", name, path, record, texts)
			}
			snapshot, _, err := asaas.Decode(kind, record)
			if err != nil {
				t.Fatalf("%s, %s: %v\n%s", name, path, err, record)
			}
			if e := asaas.Peek(mutant); inside && e.Malformed != "" {
				t.Fatalf("%s, %s: %s", name, path, e.Malformed)
			}
			foldOne(domain.Record{Type: domain.EventType(asaas.Peek(mutant).Event), Snapshot: snapshot})
		})
	}
	t.Logf("%d mutants", n)
}

func foldOne(r domain.Record) {
	history := []domain.Record{r}
	domain.FoldInvoice(history)
	domain.FoldCheckout(history)
	domain.FoldAnticipation(history)
	domain.Effects(history)
}

// decodePayment returns the decoded payment of an object with one member set to a literal.
func decodePayment(t *testing.T, member string) (*domain.PaymentSnapshot, []string) {
	t.Helper()
	record, _, err := asaas.ExtractObject(domain.KindPayment, []byte(`{"id":"pay_1","status":"PENDING",`+member+`}`))
	if err != nil {
		t.Fatal(err)
	}
	s, flags, err := asaas.Decode(domain.KindPayment, record)
	if err != nil {
		t.Fatal(err)
	}
	return s.Payment, flags
}

// What is no exact amount is left out and named, and nothing else
// suffers.
func TestAnAmountThatIsNotExactIsBadAndNotApplied(t *testing.T) {
	for _, literal := range []string{
		"1e400", "1e100000", "9223372036854775808", "0.005", `"12,50"`,
		`"5"`, `"NaN"`, "true", "[]", "{}", "100000000000.01", "1e-3",
		"0." + strings.Repeat("0", 60) + "1",
	} {
		p, flags := decodePayment(t, `"value":`+literal+`,"netValue":98.01`)
		if p.Value.Set || p.NetValue != domain.Some(domain.Money(9801)) || p.Status.V != "PENDING" ||
			!reflect.DeepEqual(flags, []string{"bad_field:value"}) {
			t.Errorf("%s: value %+v, net %+v, flags %v", literal, p.Value, p.NetValue, flags)
		}
	}
	for literal, want := range map[string]domain.Money{
		"100": 10000, "100.0": 10000, "29.9": 2990, "0.00": 0, "-0": 0, "1e2": 10000, "0.010000": 1, "100000000000": 1e13,
	} {
		if p, flags := decodePayment(t, `"value":`+literal); p.Value != domain.Some(want) || len(flags) > 0 {
			t.Errorf("%s: %+v, flags %v", literal, p.Value, flags)
		}
	}
}

func TestAmountsThatCannotBeRightAreFlagged(t *testing.T) {
	for member, want := range map[string]string{
		`"value":-5`:               "amounts:value is negative",
		`"value":10,"netValue":11`: "amounts:netValue is above value",
		`"value":10,"netValue":9`:  "",
		`"value":10,"refunds":[{"status":"DONE","value":11}]`: "amounts:refunds are above value",
	} {
		_, flags := decodePayment(t, member)
		compare(t, member, strings.Join(flags, " "), want)
	}
	body := bytes.Replace(samples.Event("receivable_anticipation_credited.doc"), []byte("5.64"), []byte("5.65"), 1)
	record, _, _ := asaas.Extract(domain.KindAnticipation, body)
	_, flags, err := asaas.Decode(domain.KindAnticipation, record)
	if err != nil || !reflect.DeepEqual(flags, []string{"amounts:value less fee is not netValue"}) {
		t.Errorf("flags %v, %v", flags, err)
	}
}

func TestDatesAreReadInEveryFormOfTheGateway(t *testing.T) {
	for text, want := range map[string]domain.Day{
		"2026-08-17": "2026-08-17", "16/10/2024": "2024-10-16", "03/08/2026 20:55:10": "2026-08-03",
		"2024-10-31T03:00:00+0000": "2024-10-31",
		"2024-10-31T02:59:59+0000": "2024-10-30",
		"2026-02-19 18:31:21":      "2026-02-19",
	} {
		if p, flags := decodePayment(t, `"dueDate":"`+text+`"`); p.DueDate != domain.Some(want) || len(flags) > 0 {
			t.Errorf("%q: %+v, %v", text, p.DueDate, flags)
		}
	}
	for _, text := range []string{"2026-02-30", "31/02/2026", "2026-8-17", "soon", "20260817", "0000-01-01"} {
		if p, flags := decodePayment(
			t,
			`"dueDate":"`+text+`"`,
		); p.DueDate.Set ||
			!reflect.DeepEqual(flags, []string{"bad_field:dueDate"}) {
			t.Errorf("%q: %+v, %v", text, p.DueDate, flags)
		}
	}
	for text, want := range map[string]time.Time{
		"2026-08-09T11:10:27Z": time.Date(2026, 8, 9, 11, 10, 27, 0, time.UTC),
		"2021-01-01 12:54:56":  time.Date(2021, 1, 1, 15, 54, 56, 0, time.UTC),
	} {
		if p, flags := decodePayment(
			t,
			`"lastInvoiceViewedDate":"`+text+`"`,
		); p.InvoiceViewedAt != domain.Some(want) ||
			len(flags) > 0 {
			t.Errorf("%q: %+v, %v", text, p.InvoiceViewedAt, flags)
		}
	}
}

func TestAbsentNullAndValueStayApart(t *testing.T) {
	p, _ := decodePayment(
		t,
		`"netValue":null,"grossValue":1,"dueDate":null,"paymentDate":"","refunds":[],`+
			`"creditCard":null,"externalReference":null`,
	)
	if p.Value.Set || p.NetValue != domain.Null[domain.Money]() || p.GrossValue != domain.Some(domain.Money(100)) ||
		p.DueDate != domain.Null[domain.Day]() || p.PaymentDate != domain.Null[domain.Day]() || p.CreditDate.Set ||
		!p.Refunds.Null || !p.Card.Null || !p.ExternalReference.Null || p.Customer.Set {
		t.Errorf("%+v", *p)
	}
}

func TestARepeatedMemberIsBadAndTheFirstCounts(t *testing.T) {
	p, flags := decodePayment(t, `"value":1,"value":2`)
	if p.Value.V != 100 || !reflect.DeepEqual(flags, []string{"bad_field:value"}) {
		t.Errorf("value %v, flags %v", p.Value.V, flags)
	}
}

func TestACardNumberIsNeverKeptWhole(t *testing.T) {
	p, _ := decodePayment(
		t,
		`"creditCard":{"creditCardNumber":"4444444444441234","creditCardBrand":"VISA","creditCardToken":"secret"}`,
	)
	compare(t, "last four", p.Card.V.Last4, "1234")
}

func TestTheSameBodyGivesTheSameRecordWhateverItsKeyOrder(t *testing.T) {
	a, _, _ := asaas.Extract(
		domain.KindPayment,
		[]byte(`{"event":"X","payment":{"status":"PENDING","value":1.50,"id":"p","news":{"a":[1]},"description":"d"}}`),
	)
	b, texts, err := asaas.Extract(
		domain.KindPayment,
		[]byte(" { \"payment\" : { \"description\":\"d\", \"id\" : \"p\" ,\n\"value\":1.50, \"status\":\"PENDING\" } }\r\n"),
	)
	if err != nil || string(a) != string(b) || string(a) != `{"id":"p","status":"PENDING","value":1.50}` ||
		string(texts) != `{"description":"d"}` {
		t.Errorf("%s\n%s\n%s %v", a, b, texts, err)
	}
}

func TestABodyWithoutAReadableObjectIsInvalid(t *testing.T) {
	for _, body := range []string{
		"", "{}", "[]", `{"payment":null}`, `{"payment":[]}`,
		`{"payment":{}}`, `{"payment":{"id":null}}`, `{"payment":{"id":5}}`,
		`{"payment":{"id":""}}`, `{"payment":{"id":"p"}`, `{"payment":{"id":"p"}}x`, `{"Payment":{"id":"p"}}`,
	} {
		if _, _, err := asaas.Extract(domain.KindPayment, []byte(body)); domain.CodeOf(err) != domain.Invalid {
			t.Errorf("%s: %v", body, err)
		}
	}
	if _, _, err := asaas.Extract(
		domain.KindOther,
		[]byte(`{"transfer":{"id":"t"}}`),
	); domain.CodeOf(
		err,
	) != domain.Invalid {
		t.Errorf("other kind: %v", err)
	}
	for _, record := range []string{"", "[", `{"id":`, `{"id":"p"}}`, `{"value":1`} {
		if _, _, err := asaas.Decode(domain.KindPayment, []byte(record)); domain.CodeOf(err) != domain.Invalid {
			t.Errorf("record %s: %v", record, err)
		}
	}
}

func TestTextsWithControlCharactersFitPostgresAndJSON(t *testing.T) {
	_, texts, err := asaas.ExtractObject(
		domain.KindPayment,
		[]byte(`{"id":"p","description":"a\u0000b\ud800c\r\n\u001f\"\\\/é"}`),
	)
	if err != nil || !json.Valid(texts) || bytes.Contains(texts, []byte(`\u0000`)) {
		t.Fatalf("%s %v", texts, err)
	}
	var got struct{ Description string }
	if err := json.Unmarshal(texts, &got); err != nil {
		t.Fatal(err)
	}
	compare(t, "description", got.Description, "a\uFFFDb\uFFFDc\r\n\x1f\"\\/é")
}

// A text of eight mebibytes, which is legal JSON, was kept whole in every version of its object.
func TestALongTextKeepsItsFirstFourKibibytesEndsOnARuneAndIsMarked(t *testing.T) {
	t.Parallel()
	whole := strings.Repeat("x", 4<<10)
	reference := strings.Repeat("r", 498)
	for name, c := range map[string]struct {
		said, kept string
		cut        []string
	}{
		"as long as may be": {whole, whole, nil},
		"one byte more":     {whole + "y", whole + "…", []string{"description"}},
		"a rune across":     {whole[1:] + "é", whole[1:] + "…", []string{"description"}},
		"only by escapes":   {strings.Repeat(`\u0041`, 4<<10), strings.Repeat("A", 4<<10), nil},
		"cut among escapes": {strings.Repeat(`\u00e9`, 4<<10), strings.Repeat("é", 2<<10) + "…", []string{"description"}},
		"a mebibyte":        {strings.Repeat("é", 1<<19), strings.Repeat("é", 2<<10) + "…", []string{"description"}},
	} {
		body := `{"id":"p","externalReference":"` + reference + `","description":"` + c.said +
			`","refunds":[{"description":"` + c.said + `"}]}`
		record, texts, err := asaas.ExtractObject(domain.KindPayment, []byte(body))
		if err != nil {
			t.Fatal(name, err)
		}
		var got struct {
			Description string
			Refunds     []struct{ Description string }
			Cut         []string
		}
		if err := json.Unmarshal(texts, &got); err != nil {
			t.Fatal(name, err)
		}
		compare(t, name, got.Description, c.kept)
		compare(t, name, got.Refunds[0].Description, c.kept)
		if want := append(c.cut, c.cut...); len(want) > 0 {
			want[0] = "refunds.description" // lists come first
			compare(t, name, strings.Join(got.Cut, " "), strings.Join(want, " "))
		} else if got.Cut != nil {
			t.Errorf("%s: %v", name, got.Cut)
		}
		if !bytes.Contains(record, []byte(reference)) {
			t.Errorf("%s: the reference was cut: %s", name, record)
		}
	}
}

func TestARESTAnswerGivesTheRecordOfItsEvent(t *testing.T) {
	var envelope struct{ Payment json.RawMessage }
	body := samples.Event("payment_received_pix.real")
	if err := json.Unmarshal(body, &envelope); err != nil {
		t.Fatal(err)
	}
	a, at, err := asaas.ExtractObject(domain.KindPayment, envelope.Payment)
	b, bt, err2 := asaas.Extract(domain.KindPayment, body)
	if err != nil || err2 != nil || string(a) != string(b) || string(at) != string(bt) {
		t.Errorf("%s\n%s\n%v %v", a, b, err, err2)
	}
}
