package scenarios

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestADifferenceIsToldByItsPath(t *testing.T) {
	const got = `{"status": "received", "value": {"amountCents": 310, "currency": "BRL"}, "fee": null, "flags": [],
		"card": {"last4": "4444", "brand": "VISA"}}`
	for want, told := range map[string]string{
		`{"status": "received", "value": 310, "flags": [], "card": {"last4": "4444"}, "fee": null}`: "",
		`{"status": "paid"}`:               `x.status: want "paid", got "received"`,
		`{"value": 311}`:                   `x.value: want 311, got 310`,
		`{"fee": 0}`:                       `x.fee: want 0, got null`,
		`{"flags": ["late"]}`:              `x.flags: want ["late"], got []`,
		`{"card": {"last4": "1", "a": 1}}`: "x.card.a: want 1, got null\nx.card.last4: want \"1\", got \"4444\"",
		`{"missing": true}`:                `x.missing: want true, got null`,
		`{"status": {"a": null}}`:          `x.status: want {"a":null}, got "received"`,
	} {
		var w, g any
		if err := json.Unmarshal([]byte(want), &w); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal([]byte(got), &g); err != nil {
			t.Fatal(err)
		}
		if lines := strings.Join(Differences("x", w, g), "\n"); lines != told {
			t.Errorf("%s: %s, want %s", want, lines, told)
		}
	}
}

func TestEveryScenarioSaysWhatItIsAndExpectsSomething(t *testing.T) {
	for _, name := range Names() {
		s, err := Find(name)
		if err != nil {
			t.Error(err)
			continue
		}
		if s.About == "" || len(s.Steps) == 0 ||
			len(s.Expect.Invoices)+len(s.Expect.Checkouts)+len(s.Expect.Anticipations) == 0 {
			t.Errorf("%s proves nothing", name)
		}
	}
}
