package asaas_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"patapay/domain/asaas"
	"patapay/domain/asaas/samples"
)

// planted returns a number of an issuer that passes the check of its digits.
func planted(r *rand.Rand, prefix string, digits int) string {
	text := prefix
	for len(text) < digits-1 {
		text += fmt.Sprint(r.IntN(10))
	}
	for last := range 10 {
		if number := text + fmt.Sprint(last); luhn(number) {
			return number
		}
	}
	panic("one of ten passes")
}

func luhn(number string) bool {
	sum := 0
	for i := range number {
		n := int(number[len(number)-1-i] - '0')
		if i%2 == 1 {
			n = n/5 + n*2%10 // its digits added up
		}
		sum += n
	}
	return sum%10 == 0
}

// TestAFullCardNumberIsHiddenWhereverItStands: somebody's card number in a description was
// kept, sealed, and shown on reveal.
func TestAFullCardNumberIsHiddenWhereverItStands(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	issuers := []struct {
		prefix string
		digits int
	}{
		{"4", 16},
		{"4", 13},
		{"4", 19},
		{"51", 16},
		{"2221", 16},
		{"37", 15},
		{"36", 14},
		{"636368", 16},
		{"606282", 16},
		{"3528", 16},
	}
	places := []string{
		`{"description":"cartao %s do tutor"}`,
		`{"observation":"%s"}`,
		`{"card":%s}`,
		`{"a":{"b":["x","(%s)"]}}`,
		"data=%s",
		`{"d":"diz \"%s\""}`,
	}
	for i := range 100 {
		of := issuers[i%len(issuers)]
		number := planted(r, of.prefix, of.digits)
		written := number
		place := places[i%len(places)]
		if i%3 == 0 && of.digits == 16 && !strings.Contains(place, `:%s`) {
			written = number[:4] + " " + number[4:8] + " " + number[8:12] + " " + number[12:]
		}
		body := fmt.Sprintf(place, written)
		clean, hidden := asaas.HideCards([]byte(body))
		if hidden != 1 || bytes.Contains(clean, []byte(written)) || !bytes.Contains(clean, []byte(written[len(written)-4:])) {
			t.Errorf("%s: %d %s", body, hidden, clean)
		}
		if json.Valid([]byte(body)) && !json.Valid(clean) {
			t.Errorf("no JSON any more: %s", clean)
		}
		if again, more := asaas.HideCards(clean); more != 0 || !bytes.Equal(again, clean) {
			t.Errorf("hidden twice: %s", again)
		}
	}
}

// TestWhatIsNoCardNumberStaysLetterForLetter: ids, lines of boletos, numbers of
// documents and phones, as bodies hold them.
func TestWhatIsNoCardNumberStaysLetterForLetter(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 4))
	digits := func(n int) string {
		text := ""
		for range n {
			text += fmt.Sprint(r.IntN(10))
		}
		return text
	}
	bodies := map[string][]byte{}
	for _, name := range samples.Names() {
		bodies[name] = samples.Event(name)
	}
	alarms := 0
	const most = 10_000
	for i := range most {
		body := fmt.Appendf(
			nil,
			`{"id":"evt_%s&%s","dateCreated":"2026-11-30 10:22:%02d","payment":{"id":"pay_%s",`+
				`"value":%d.%02d,"nossoNumero":"%s",`+
				`"externalReference":"%s","identificationField":"%s","barCode":"%s",`+
				`"cpfCnpj":"%s","description":"Pedido %s, NF %s, tel %s"}}`,
			digits(32),
			digits(10),
			i%60,
			digits(16),
			r.IntN(1000000),
			i%100,
			digits(17),
			digits(16),
			digits(47),
			digits(44),
			digits(14),
			digits(8),
			digits(9),
			digits(11),
		)
		if _, hidden := asaas.HideCards(body); hidden > 0 {
			alarms++
		}
	}
	if alarms > most/1000 {
		t.Errorf("%d of %d", alarms, most)
	}
	for name, body := range bodies {
		if clean, hidden := asaas.HideCards(body); hidden != 0 || !bytes.Equal(clean, body) {
			t.Errorf("%s: %d hidden", name, hidden)
		}
	}
}

func TestMembersThatHoldNumbersOfTheGatewayKeepThemAndOthersDoNot(t *testing.T) {
	t.Parallel()
	const visa, amex = "4111111111111111", "378282246310005"
	if !luhn(visa) || !luhn(amex) {
		t.Fatal("no card numbers")
	}
	kept := []string{
		`{"id":"pay_` + visa + `"}`,
		`{"url":"https://x.example/i/a` + visa + `"}`,
		`{"d":"` + visa + `a"}`,
		`{"value":` + visa + `.00}`,
		`{"d":"411 1111 1111 1111 1"}`,
		`{"d":"4111-111111-11111-1"}`,
		`{"d":"3782-8224-6310-005"}`, // grouped as no card is
		`{"a":"x \" y","externalReference":"` + visa + `"}`,
		`{"d":"4111111111111112"}`,
		`{"d":"9111111111111111"}`,
	}
	for _, member := range []string{
		"nossoNumero", "invoiceNumber", "identificationField",
		"barCode", "externalReference", "cpfCnpj", "phone", "mobilePhone",
	} {
		kept = append(kept, fmt.Sprintf(`{"%s":"%s"}`, member, visa), fmt.Sprintf(`{"a":"x","%s": %s,"b":1}`, member, visa))
		hidden := fmt.Sprintf(`{"%s":"x \"","description":"%s"}`, member, visa)
		if clean, n := asaas.HideCards([]byte(hidden)); n != 1 || bytes.Contains(clean, []byte(visa)) {
			t.Errorf("%s: %s", hidden, clean)
		}
	}
	for _, body := range kept {
		if clean, n := asaas.HideCards([]byte(body)); n != 0 || string(clean) != body {
			t.Errorf("%s: %s", body, clean)
		}
	}
	two := `{"a":"` + visa + `","b":["` + amex + `"],"c":"3782 822463 10005"}`
	const want = `{"a":"************1111","b":["***********0005"],"c":"**** ****** *0005"}`
	if clean, n := asaas.HideCards([]byte(two)); n != 3 || string(clean) != want {
		t.Errorf("several in one body: %d %s", n, clean)
	}
}

// Each delivery is read for card numbers before it is answered.
func BenchmarkHideCards(b *testing.B) {
	for _, name := range []string{"payment_received_pix.real", "payment_received_credit_card_full.doc"} {
		body := samples.Event(name)
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				asaas.HideCards(body)
			}
		})
	}
}
