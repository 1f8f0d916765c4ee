package samples

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"patapay/domain/asaas"
	"patapay/domain/asaas/jsonobject"
)

func TestASampleIsFoundByFileAndByEvent(t *testing.T) {
	for what, want := range map[string]string{
		"PAYMENT_RECEIVED":                  "payment_received_boleto_viewed.real",
		"PAYMENT_CREATED":                   "payment_created_pix_subaccount.real",
		"CHECKOUT_PAID":                     "checkout_paid_pix.real",
		"RECEIVABLE_ANTICIPATION_CREDITED":  "receivable_anticipation_credited.doc",
		"payment_received_pix.real":         "payment_received_pix.real",
		"payment_received_minimal.doc.json": "payment_received_minimal.doc",
		"RECEIVABLE_ANTICIPATION_DENIED":    "receivable_anticipation_denied.made",
	} {
		if got, err := Find(what); got != want || err != nil {
			t.Errorf("%s: %s %v, want %s", what, got, err, want)
		}
	}
	if _, err := Find("PAYMENT_PAID"); err == nil {
		t.Error("an event that does not exist was found")
	}
	for _, event := range asaas.Events() {
		if _, err := Find(event); err != nil && event != "TRANSFER_DONE" { // nobody published one
			t.Error(err)
		}
	}
}

func TestAnEditThatChangesNothingKeepsEveryByte(t *testing.T) {
	for _, name := range Names() {
		if got, err := (Edit{}).Apply(Event(name)); err != nil || !bytes.Equal(got, Event(name)) {
			t.Errorf("%s changed: %v", name, err)
		}
	}
}

func compacted(t *testing.T, body []byte) string {
	t.Helper()
	var out bytes.Buffer
	if err := json.Compact(&out, body); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestReadingAndWritingKeepsOrderAndLiterals(t *testing.T) {
	for _, name := range Names() {
		o, err := jsonobject.Parse(Event(name))
		if err != nil {
			t.Fatal(err)
		}
		if got, want := string(o.Bytes()), compacted(t, Event(name)); got != want {
			t.Errorf("%s\n got %s\nwant %s", name, got, want)
		}
	}
}

func TestAnEditChangesWhatItNamesOnly(t *testing.T) {
	edit := Edit{
		Fresh: true, Counter: 42, Now: time.Date(2026, 11, 22, 15, 0, 0, 0, time.UTC), Account: "acc",
		Entity: map[string]string{"payment": "pay_new", "checkout": "unused"},
		Set: []string{
			"payment.value=310.00", "payment.description=duas palavras", "payment.externalReference=null",
			"payment.extra.deep=[1,2]", "payment.discount.value=5",
		},
	}
	got, err := edit.Apply(Event("payment_received_pix.real"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`{"id":"evt_d26e303b238e509335ac9ba210e51b0f&42","event":"PAYMENT_RECEIVED","dateCreated":"2026-11-22 12:00:00",` +
			`"account":{"id":"acc","ownerId":null},"payment":{"object":"payment","id":"pay_new",`,
		`"value":310.00,"netValue":8.01,`,
		`"description":"duas palavras"`, `"externalReference":null`, `"extra":{"deep":[1,2]}`,
		`"discount":{"value":5,`,
	} {
		if !strings.Contains(string(got), want) {
			t.Errorf("no %s in %s", want, got)
		}
	}
	list := Edit{Set: []string{"payment.refunds.0.value=1", "payment.refunds.0.status=\"PENDING\""}}
	if got, err := list.Apply(Event("payment_refunded_pix.real")); err != nil ||
		!strings.Contains(string(got), `"status":"PENDING","value":1,`) {
		t.Errorf("item of a list: %v %s", err, got)
	}
	for _, bad := range []string{
		"payment.value", "payment.id.deeper=1", "payment..x=1", "payment.refunds.x.value=1", "=1",
	} {
		if _, err := (Edit{Set: []string{bad}}).Apply(Event("payment_refunded_pix.real")); err == nil {
			t.Errorf("%s was accepted", bad)
		}
	}
	if _, err := (Edit{Fresh: true}).Apply([]byte("[]")); err == nil {
		t.Error("a list was edited")
	}
}

func TestNewEntityIDsHaveTheGatewaysForm(t *testing.T) {
	for _, entity := range []string{"payment", "checkout"} {
		a, b := NewEntityID(entity), NewEntityID(entity)
		if a == b || entity == "payment" && (len(a) != 20 || a[:4] != "pay_") ||
			entity == "checkout" && (len(a) != 36 || a[14] != '4') {
			t.Errorf("%s: %s %s", entity, a, b)
		}
	}
}
