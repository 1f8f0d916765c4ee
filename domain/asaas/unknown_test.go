package asaas_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"patapay/domain"
	"patapay/domain/asaas"
	"patapay/domain/asaas/samples"
)

func unknownIn(body []byte) []asaas.Unknown {
	env := asaas.Peek(body)
	return asaas.UnknownInDelivery(env.Kind, env.Event, body)
}

// What Asaas is known to send is no news. Two captures had their ids blurred by who published them, and the sample
// whose name says so plants members and an event that there are not.
func TestNoSampleHasAnythingUnknownButWhatItPlants(t *testing.T) {
	t.Parallel()
	want := map[string][]asaas.Unknown{
		"payment_created_boleto.real":           {{asaas.UnknownID, "payment.id", "pay_x{16}-a{4}"}},
		"payment_received_boleto.real":          {{asaas.UnknownID, "payment.id", "pay_x{16}-a{4}"}},
		"payment_received_credit_card_full.doc": {{asaas.UnknownID, "payment.split[].id", "x{8}-x{4}-x{4}-x{4}-x{12}"}},
		"payment_received_pix_extra_attributes.made": {
			{asaas.UnknownMember, "payment.brandNewAttribute", "object"},
			{asaas.UnknownMember, "payment.brandNewAttribute.nested", "list"},
			{asaas.UnknownMember, "newTopLevel", "string"},
		},
		"unknown_event_future.made": {{asaas.UnknownEvent, "event", "SOMETHING_NEW_HAPPENED"}},
	}
	for _, name := range samples.Names() {
		if got := unknownIn(samples.Event(name)); !slices.Equal(got, want[name]) {
			t.Errorf("%s: %v, want %v", name, got, want[name])
		}
	}
}

func TestWhatIsUnknownIsToldByItsForm(t *testing.T) {
	t.Parallel()
	for change, want := range map[string]asaas.Unknown{
		"payment.status=BRAND_NEW_STATUS":           {asaas.UnknownWord, "payment.status", "BRAND_NEW_STATUS"},
		"payment.status=João da Silva":              {asaas.UnknownWord, "payment.status", "{text}"},
		"payment.billingType=PIX_AUTOMATIC":         {asaas.UnknownWord, "payment.billingType", "PIX_AUTOMATIC"},
		"payment.id=pay_2-ABC_def":                  {asaas.UnknownID, "payment.id", "pay_9{1}-A{3}_a{3}"},
		"payment.id=charge_0001":                    {asaas.UnknownID, "payment.id", "a{6}_9{4}"},
		"payment.invoiceUrl=https://pay.asaas.io/x": {asaas.UnknownAddress, "payment.invoiceUrl", "https://{host}/*"},
		"payment.invoiceUrl=https://www.asaas.com/a/b/i/7?t=9": {
			asaas.UnknownAddress, "payment.invoiceUrl", "https://www.asaas.com/*/b/i/*?*=*",
		},
		"payment.dueDate=20 de maio":       {asaas.UnknownDate, "payment.dueDate", "99 a a"},
		"payment.dueDate=2026-05-20T10:00": {asaas.UnknownDate, "payment.dueDate", "9999-99-99a99:99"},
		"payment.value=12345.6789":         {asaas.UnknownNumber, "payment.value", "9.9999"},
		"payment.value=1e3":                {asaas.UnknownNumber, "payment.value", "9e9"},
		"payment.deleted=0":                {asaas.UnknownType, "payment.deleted", "number"},
		"payment.taxWithheld=1.23":         {asaas.UnknownMember, "payment.taxWithheld", "number"},
		"event=PAYMENT_TAX_WITHHELD":       {asaas.UnknownEvent, "event", "PAYMENT_TAX_WITHHELD"},
	} {
		body, err := samples.Edit{Set: []string{change}}.Apply(samples.Event("payment_received_pix.real"))
		if err != nil {
			t.Fatal(err)
		}
		if got := unknownIn(body); !slices.Contains(got, want) || len(got) != 1 {
			t.Errorf("%s: %v, want %v", change, got, want)
		}
	}
}

// The forms of November 2026 are known: ids of both cases, addresses with a segment more, lists by several words.
func TestTheFormsOfToday(t *testing.T) {
	t.Parallel()
	for _, change := range []string{
		"payment.id=pay_1_a1B2c3D4e5F6g7", "payment.invoiceUrl=https://www.asaas.com/000/i/123",
		"payment.bankSlipUrl=https://sandbox.asaas.com/b/pdf/123", "payment.dueDate=20/05/2026", "payment.value=10",
		"payment.value=0.01", "payment.netValue=-0.99",
	} {
		body, err := samples.Edit{Set: []string{change}}.Apply(samples.Event("payment_received_pix.real"))
		if err != nil {
			t.Fatal(err)
		}
		if got := unknownIn(body); len(got) > 0 {
			t.Errorf("%s: %v", change, got)
		}
	}
}

// Members that nobody heard of, wherever they are put, are each told once with where they stand; what is deeper than
// eight levels is not looked at.
func TestANewMemberIsToldAtAnyDepth(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(12, 1))
	for n := range 1000 {
		name, path := fmt.Sprintf("novo%d", n), []string{"payment"}
		for range rng.IntN(9) {
			path = append(path, fmt.Sprintf("a%d", rng.IntN(3)))
		}
		path = append(path, name)
		text := `7`
		for i := len(path) - 1; i >= 0; i-- {
			text = fmt.Sprintf(`{%q:%s}`, path[i], text)
			if rng.IntN(3) == 0 && i > 1 {
				path[i-1] += "[]"
				text = "[" + text + "," + text + "]"
			}
		}
		for i := range path { // the list stands under the name without its brackets
			text = strings.ReplaceAll(text, fmt.Sprintf("%q", path[i]), fmt.Sprintf("%q", strings.TrimSuffix(path[i], "[]")))
		}
		told := 0
		for _, u := range asaas.UnknownInDelivery(domain.KindPayment, "PAYMENT_RECEIVED", []byte(text)) {
			if strings.HasSuffix(u.Path, "."+name) && u.Kind == asaas.UnknownMember && u.Form == "number" {
				told++
			}
		}
		if want := min(1, max(0, 9-len(path))); told != want {
			t.Fatalf("%s: told %d times, want %d", text, told, want)
		}
	}
}

// The lines of a statement have words of their own; one that no list has is told by what it looks like.
func TestANewTypeOfAStatementsLineIsTold(t *testing.T) {
	t.Parallel()
	got := asaas.UnknownInStatement(
		[]string{"PAYMENT_FEE", "IBS_CBS_WITHHOLDING", "TRANSFER", "IBS_CBS_WITHHOLDING", "Pix de Ana"},
	)
	want := []asaas.Unknown{
		{asaas.UnknownWord, "financialTransaction.type", "IBS_CBS_WITHHOLDING"},
		{asaas.UnknownWord, "financialTransaction.type", "{text}"},
	}
	if !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// Nothing that a person could be known by is told, whether it stands as a value, as a name or as a word.
func TestNoValueIsToldOf(t *testing.T) {
	t.Parallel()
	values := []string{
		"João da Silva", "joao@example.com", "123.456.789-09", "12345678909", "+55 11 91234-5678", "Rua das Flores, 12",
		"chave-pix@example.com", "4111 1111 1111 1111", "Rex & Bolinha", "00.000.000/E08G-12", "maria-souza", "JOÃO",
		"https://www.asaas.com/i/joao@example.com", "pay_joao@example.com", "2026-11-29 João", "12,99 João",
	}
	for _, value := range values {
		for _, path := range checked {
			body, err := samples.Edit{Set: []string{path + "=" + value}}.Apply(samples.Event("payment_received_pix.real"))
			if err != nil {
				t.Fatal(err)
			}
			mustHide(t, body, value)
		}
		mustHide(
			t,
			fmt.Appendf(nil, `{"event":%q,"payment":{"id":"pay_1","novo":{%q:{%q:1}},%q:2}}`, value, value, value, value),
			value,
		)
	}
	many := make([]string, 60) // so many members are no names
	for i := range many {
		many[i] = fmt.Sprintf(`"cliente%d":1`, i)
	}
	mustHide(
		t,
		[]byte(`{"event":"PAYMENT_CREATED","payment":{"id":"pay_1","notas":{`+strings.Join(many, ",")+`}}}`),
		"cliente7",
	)
}

func mustHide(t *testing.T, body []byte, value string) {
	t.Helper()
	for _, u := range asaas.UnknownInDelivery(domain.KindPayment, asaas.Peek(body).Event, body) {
		for word := range strings.FieldsSeq(value) {
			if text := u.Path + " " + u.Form; len(word) > 2 && strings.Contains(text, word) && word != "2026-11-29" {
				t.Errorf("%q is in %q, of %s", word, text, body)
			}
		}
	}
}

// checked are members of each kind of expectation.
var checked = []string{
	"event",
	"id",
	"dateCreated",
	"payment.id",
	"payment.customer",
	"payment.status",
	"payment.billingType",
	"payment.value",
	"payment.netValue",
	"payment.dueDate",
	"payment.invoiceUrl",
	"payment.description",
	"payment.deleted",
	"payment.pixTransaction",
}

// What the quick looks know is what the tables know: none of them takes a text that the tables would tell of.
func TestAQuickLookTakesNothingThatTheTablesWouldTellOf(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(12, 3))
	seeds := map[string][]string{
		"payment.id": {
			"pay_1_a1B2c3D4e5F6g7",
			"pay_3h08j28ezvwv7s4h",
			"cus_000008622308",
			"evt_d26e303b238e509335ac9ba210e51b0f&17877802",
		},
		"payment.invoiceUrl": {
			"https://www.asaas.com/000/i/1_a1B2c3",
			"https://sandbox.asaas.com/b/pdf/3h08j28e",
			"https://www.asaas.com/comprovantes/h/UEFZ",
		},
		"payment.dueDate": {"2026-11-29", "2026-11-29 12:00:00"},
	}
	letters := "09afzAFZ_-:/&.? \u00e9ipdfh"
	for path, list := range seeds {
		told := 0
		for range 4000 {
			text := []rune(list[rng.IntN(len(list))])
			for range rng.IntN(3) {
				at := rng.IntN(len(text))
				switch letter := []rune(letters)[rng.IntN(len([]rune(letters)))]; rng.IntN(3) {
				case 0:
					text[at] = letter
				case 1:
					text = slices.Insert(text, at, letter)
				default:
					text = slices.Delete(text, at, at+1)
				}
			}
			if quick, known := asaas.QuickAndKnown(path, string(text)); quick && !known {
				t.Fatalf("%s %q is taken at a look, and by no table", path, string(text))
			} else if !known {
				told++
			}
		}
		if told < 500 {
			t.Errorf("only %d of the texts of %s were of another form", told, path)
		}
	}
}

func TestADeliveryWithoutAnythingNewIsLookedAtWithoutAnAllocation(t *testing.T) {
	for _, name := range []string{
		"payment_received_pix.real", "payment_confirmed_credit_card_checkout.real", "checkout_paid_pix.real",
	} {
		body := samples.Event(name)
		env := asaas.Peek(body)
		if n := testing.AllocsPerRun(10, func() { asaas.UnknownInDelivery(env.Kind, env.Event, body) }); n > 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

func BenchmarkUnknownInDelivery(b *testing.B) {
	body := samples.Event("payment_received_pix.real")
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		asaas.UnknownInDelivery(domain.KindPayment, "PAYMENT_RECEIVED", body)
	}
}
