package asaas_test

import (
	"math"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"patapay/domain"
	"patapay/domain/asaas"
)

// delivery returns a body whose root members are parts.
func delivery(parts ...string) []byte { return []byte("{" + strings.Join(parts, ",") + "}") }

const (
	idPart      = `"id":"evt_1&7"`
	eventPart   = `"event":"PAYMENT_RECEIVED"`
	datePart    = `"dateCreated":"2026-07-14 10:00:00"`
	accountPart = `"account":{"id":"acc-1","ownerId":null}`
	paymentPart = `"payment":{"id":"pay_1","status":"RECEIVED","value":1}`
)

// Each variant plays a trick on the members that decide whose event it is. want is the reason of the ambiguity, ""
// for one that has only one meaning.
var tricks = []struct{ name, want, body string }{
	{"plain", "", string(delivery(idPart, eventPart, datePart, accountPart, paymentPart))},
	{"other order", "", string(delivery(paymentPart, accountPart, datePart, eventPart, idPart))},
	{
		"second account",
		"duplicate:account",
		string(delivery(idPart, eventPart, accountPart, paymentPart, `"account":{"id":"acc-2"}`)),
	},
	{
		"account null after a real one",
		"duplicate:account",
		string(delivery(idPart, eventPart, accountPart, paymentPart, `"account":null`)),
	},
	{
		"account real after null",
		"duplicate:account",
		string(delivery(`"account":null`, idPart, eventPart, accountPart, paymentPart)),
	},
	{
		"ACCOUNT before",
		"case:ACCOUNT",
		string(delivery(`"ACCOUNT":{"id":"acc-2"}`, idPart, eventPart, accountPart, paymentPart)),
	},
	{
		"ACCOUNT after",
		"case:ACCOUNT",
		string(delivery(idPart, eventPart, accountPart, paymentPart, `"ACCOUNT":{"id":"acc-2"}`)),
	},
	{"ACCOUNT alone", "case:ACCOUNT", string(delivery(idPart, eventPart, `"ACCOUNT":{"id":"acc-2"}`, paymentPart))},
	{"Account", "case:Account", string(delivery(idPart, eventPart, accountPart, `"Account":{"id":"acc-2"}`, paymentPart))},
	{"aCCOUNT null", "case:aCCOUNT", string(delivery(idPart, eventPart, accountPart, `"aCCOUNT":null`, paymentPart))},
	{
		"escaped account is account",
		"duplicate:account",
		string(delivery(idPart, eventPart, accountPart, `"acc\u006funt":{"id":"acc-2"}`, paymentPart)),
	},
	{
		"escaped ACCOUNT",
		"case:ACCOUNT",
		string(delivery(idPart, eventPart, accountPart, `"\u0041CCOUNT":{"id":"acc-2"}`, paymentPart)),
	},
	{
		"account.id twice",
		"duplicate:account.id",
		string(delivery(idPart, eventPart, `"account":{"id":"acc-1","id":"acc-2"}`, paymentPart)),
	},
	{
		"account.ID",
		"case:account.ID",
		string(delivery(idPart, eventPart, `"account":{"id":"acc-1","ID":"acc-2"}`, paymentPart)),
	},
	{"account.Id alone", "case:account.Id", string(delivery(idPart, eventPart, `"account":{"Id":"acc-2"}`, paymentPart))},
	{
		"account.\\u0069d twice",
		"duplicate:account.id",
		string(delivery(idPart, eventPart, `"account":{"id":"acc-1","\u0069d":"acc-2"}`, paymentPart)),
	},
	{"account is a string", "unreadable:account", string(delivery(idPart, eventPart, `"account":"acc-2"`, paymentPart))},
	{"account is a number", "unreadable:account", string(delivery(idPart, eventPart, `"account":2`, paymentPart))},
	{
		"account is a list",
		"unreadable:account",
		string(delivery(idPart, eventPart, `"account":[{"id":"acc-2"}]`, paymentPart)),
	},
	{"account is true", "unreadable:account", string(delivery(idPart, eventPart, `"account":true`, paymentPart))},
	{"account is empty", "unreadable:account.id", string(delivery(idPart, eventPart, `"account":{}`, paymentPart))},
	{
		"account.id is null",
		"unreadable:account.id",
		string(delivery(idPart, eventPart, `"account":{"id":null}`, paymentPart)),
	},
	{
		"account.id is a number",
		"unreadable:account.id",
		string(delivery(idPart, eventPart, `"account":{"id":1}`, paymentPart)),
	},
	{
		"account.id is an object",
		"unreadable:account.id",
		string(delivery(idPart, eventPart, `"account":{"id":{"id":"acc-2"}}`, paymentPart)),
	},
	{
		"account.id is empty",
		"unreadable:account.id",
		string(delivery(idPart, eventPart, `"account":{"id":""}`, paymentPart)),
	},
	{"account null", "", string(delivery(idPart, eventPart, `"account":null`, paymentPart))},
	{"no account", "", string(delivery(idPart, eventPart, paymentPart))},
	{
		"an account inside the payment is not ours",
		"",
		string(delivery(idPart, eventPart, accountPart, `"payment":{"id":"pay_1","account":{"id":"acc-2"},"ACCOUNT":1}`)),
	},
	{
		"an account inside a list is not ours",
		"",
		string(delivery(idPart, eventPart, accountPart, paymentPart, `"more":[{"account":{"id":"acc-2"}}]`)),
	},
	{
		"event twice",
		"duplicate:event",
		string(delivery(idPart, eventPart, `"event":"PAYMENT_DELETED"`, accountPart, paymentPart)),
	},
	{"Event", "case:Event", string(delivery(idPart, eventPart, `"Event":"PAYMENT_DELETED"`, accountPart, paymentPart))},
	{"id twice", "duplicate:id", string(delivery(idPart, `"id":"evt_2&8"`, eventPart, accountPart, paymentPart))},
	{"ID", "case:ID", string(delivery(idPart, `"ID":"evt_2&8"`, eventPart, accountPart, paymentPart))},
	{
		"dateCreated twice",
		"duplicate:dateCreated",
		string(delivery(idPart, eventPart, datePart, datePart, accountPart, paymentPart)),
	},
	{
		"datecreated",
		"case:datecreated",
		string(delivery(idPart, eventPart, datePart, `"datecreated":"x"`, accountPart, paymentPart)),
	},
	{"payment twice", "duplicate:payment", string(delivery(idPart, eventPart, accountPart, paymentPart, paymentPart))},
	{"PAYMENT", "case:PAYMENT", string(delivery(idPart, eventPart, accountPart, paymentPart, `"PAYMENT":{"id":"pay_2"}`))},
	{
		"payment.id twice",
		"duplicate:payment.id",
		string(delivery(idPart, eventPart, accountPart, `"payment":{"id":"pay_1","id":"pay_2"}`)),
	},
	{
		"payment.Id",
		"case:payment.Id",
		string(delivery(idPart, eventPart, accountPart, `"payment":{"id":"pay_1","Id":"pay_2"}`)),
	},
	{
		"payment.status twice",
		"duplicate:payment.status",
		string(delivery(idPart, eventPart, accountPart, `"payment":{"id":"pay_1","status":"PENDING","status":"RECEIVED"}`)),
	},
	{
		"payment.STATUS",
		"case:payment.STATUS",
		string(delivery(idPart, eventPart, accountPart, `"payment":{"id":"pay_1","STATUS":"RECEIVED"}`)),
	},
	{
		"a long s folds to s",
		"case:payment.ſtatus",
		string(delivery(idPart, eventPart, accountPart, `"payment":{"id":"pay_1","ſtatus":"RECEIVED"}`)),
	},
	{
		"unknown event, two objects",
		"kinds:payment,checkout",
		string(delivery(idPart, `"event":"NEWS"`, paymentPart, `"checkout":{"id":"c"}`)),
	},
	{
		"a known event takes its own object",
		"",
		string(delivery(idPart, eventPart, accountPart, paymentPart, `"checkout":{"id":"c"}`)),
	},
}

func TestABodyWithTwoMeaningsIsAmbiguous(t *testing.T) {
	for _, c := range tricks {
		t.Run(c.name, func(t *testing.T) {
			e := asaas.Peek([]byte(c.body))
			compare(t, "ambiguous", e.Ambiguous, c.want)
			compare(t, "malformed", e.Malformed, "")
			if c.want == "" && (e.Kind != domain.KindPayment || e.Entity != "pay_1" || e.HasAccount != (e.Account == "acc-1")) {
				t.Errorf("envelope %+v", e)
			}
			if e.Account == "acc-2" && c.want == "" {
				t.Error("an account that is not the root's")
			}
		})
	}
}

func TestKindIsOfTheEventsFamilyAndItsObject(t *testing.T) {
	for _, c := range []struct {
		event, object string
		kind          domain.Kind
		entity        string
	}{
		{"PAYMENT_RECEIVED", `"payment":{"id":"a"}`, domain.KindPayment, "a"},
		{"CHECKOUT_PAID", `"checkout":{"id":"a"}`, domain.KindCheckout, "a"},
		{"RECEIVABLE_ANTICIPATION_DENIED", `"anticipation":{"id":"a"}`, domain.KindAnticipation, "a"},
		{"TRANSFER_DONE", `"transfer":{"id":"a","account":{"id":"b"}}`, domain.KindOther, ""},
		{"TRANSFER_DONE", `"payment":{"id":"a"}`, domain.KindOther, ""},
		{"PHONE_RECHARGE_CONFIRMED", `"mobilePhoneRecharge":{"id":"a"}`, domain.KindOther, ""},
		{"PAYMENT_BLESSED", `"payment":{"id":"a"}`, domain.KindPayment, "a"},
		{"SOMETHING_NEW", `"checkout":{"id":"a"}`, domain.KindCheckout, "a"},
		{"SOMETHING_NEW", `"thing":{"id":"a"}`, domain.KindOther, ""},
		{"PAYMENT_RECEIVED", `"checkout":{"id":"a"}`, domain.KindPayment, ""},
		{"PAYMENT_RECEIVED", `"payment":[1]`, domain.KindPayment, ""},
		{"PAYMENT_RECEIVED", `"payment":{"id":17}`, domain.KindPayment, ""},
	} {
		e := asaas.Peek(delivery(`"event":"`+c.event+`"`, c.object))
		if e.Kind != c.kind || e.Entity != c.entity || e.Ambiguous != "" {
			t.Errorf("%s with %s: %+v", c.event, c.object, e)
		}
	}
	if !asaas.Known("PHONE_RECHARGE_CONFIRMED") ||
		asaas.FamilyOf("PHONE_RECHARGE_CONFIRMED") != asaas.FamilyPhoneRecharge {
		t.Error("the recharge of the docs' sample is not known")
	}
}

func TestTheCounterIsTheNumberAfterTheLastAmpersand(t *testing.T) {
	for id, want := range map[string]int64{
		"evt_x&1": 1, "evt_x&2147483648": 1 << 31, "evt_x&9223372036854775807": math.MaxInt64,
		"evt_x&9223372036854775808": 0, "evt_x&99999999999999999999999": 0, "evt_x&00000000000000000000042": 42,
		"evt_x": 0, "evt_x&": 0, "evt_x&a1": 0, "evt_x&-1": 0, "evt_x&+1": 0, "evt_x&1 ": 0, "a&5&6": 6, "&3": 3, "": 0,
	} {
		if e := asaas.Peek(delivery(`"id":` + strconv.Quote(id))); e.Seq != want {
			t.Errorf("%q: %d, want %d", id, e.Seq, want)
		}
		if key, _ := asaas.EventKeyOf(domain.Sandbox, id, []byte("{}")); id != "" && key.Seq != want {
			t.Errorf("key of %q: %d, want %d", id, key.Seq, want)
		}
	}
}

func TestAnEventWithoutIDIsNamedByItsBody(t *testing.T) {
	a, id := asaas.EventKeyOf(domain.Production, "", []byte(`{"a":1}`))
	b, _ := asaas.EventKeyOf(domain.Production, "", []byte(`{"a":2}`))
	again, _ := asaas.EventKeyOf(domain.Production, "", []byte(`{"a":1}`))
	other, _ := asaas.EventKeyOf(domain.Sandbox, "", []byte(`{"a":1}`))
	if a == b || a != again || a == other || !strings.HasPrefix(id, "body:") || len(id) != 69 || a.Seq != 0 {
		t.Errorf("keys %v %v %v %v, id %s", a, b, again, other, id)
	}
}

func TestABodyThatIsNotOneDocumentGivesNothing(t *testing.T) {
	deep := func(n int) string { return `{"a":` + strings.Repeat("[", n) + strings.Repeat("]", n) + "}" }
	for body, want := range map[string]string{
		"": "truncated", " ": "truncated", "{": "truncated", `{"id":"evt_1&1"`: "truncated", `{"id":"evt`: "truncated",
		`{"id":"evt_1&1"}{"id":"evt_2&2"}`: "trailing_bytes",
		`{"id":"e"} x`:                     "trailing_bytes",
		`{"id":"e"}` + "\x00":              "trailing_bytes",
		`[{"id":"e"}]`:                     "not_an_object", `"e"`: "not_an_object",
		`null`: "not_an_object", `id=e`: "not_json",
		`{"id":"e",}`: "not_json", `{id:"e"}`: "not_json", `{"id" "e"}`: "not_json", `{"id":'e'}`: "not_json",
		`{"id":"e" "event":"x"}`: "not_json", `{,"id":"e"}`: "not_json",
		`{"a":[1,]}`: "not_json", `{"a":[1 2]}`: "not_json", `{"a":[}`: "not_json",
		`{"a":01}`: "not_json", `{"a":1.}`: "not_json", `{"a":.5}`: "not_json",
		`{"a":+1}`: "not_json", `{"a":1e}`: "not_json", `{"a":NaN}`: "not_json",
		`{"a":tru}`: "not_json", `{"a":"\x"}`: "not_json", `{"a":"\u12g4"}`: "not_json",
		"{\"a\":\"\n\"}": "not_json", "{\"a\":\"\x00\"}": "not_json",
		"\xef\xbb\xbf{}": "not_json", `{"a":"\u12`: "truncated",
		deep(9_999): "", deep(10_000): "nested_too_deep",
		deep(100_000): "nested_too_deep", strings.Repeat("[", 1<<20): "nested_too_deep",
	} {
		e := asaas.Peek([]byte(body))
		if e.Malformed != want || want != "" && e != (asaas.Envelope{Malformed: want}) {
			t.Errorf("%.60q: %+v, want malformed %q", body, e, want)
		}
	}
}

// TestNestingIsBoundedAndCostsNothingHoweverDeepItIs: in either bracket, closed or not. What reads a body by calling
// itself stops at a depth, so that no body makes the stack grow; what it takes besides is told by allocations.
func TestNestingIsBoundedAndCostsNothingHoweverDeepItIs(t *testing.T) {
	for _, depth := range []int{1_000, 9_999, 10_000, 100_000, 1_000_000} {
		for _, bracket := range [][2]string{{"[", "]"}, {`{"a":`, "}"}} {
			for _, closing := range []int{depth, 0} {
				body := []byte(`{"id":"evt_1&1","event":"PAYMENT_CREATED","payment":{"id":"pay_1","x":` +
					strings.Repeat(bracket[0], depth) + `1` + strings.Repeat(bracket[1], closing) + "}}")
				want := ""
				switch {
				case depth > 9_997: // inside two objects
					want = "nested_too_deep"
				case closing == 0 && bracket[1] == "}":
					want = "truncated"
				case closing == 0:
					want = "not_json"
				}
				if e := asaas.Peek(body); e.Malformed != want {
					t.Errorf("%d %s, %d closed: malformed %q, want %q", depth, bracket[0], closing, e.Malformed, want)
				}
				if _, _, err := asaas.Extract(domain.KindPayment, body); (err != nil) != (want != "") {
					t.Errorf("%d %s, %d closed: %v", depth, bracket[0], closing, err)
				}
				if n := testing.AllocsPerRun(1, func() { asaas.Peek(body) }); n > 8 {
					t.Errorf("%d %s: %.0f allocations", depth, bracket[0], n)
				}
				if clean, hidden := asaas.HideCards(body); hidden != 0 || len(clean) != len(body) {
					t.Errorf("%d %s: %d hidden", depth, bracket[0], hidden)
				}
			}
		}
	}
}

func TestTextsOfAnEnvelopeFitPostgres(t *testing.T) {
	for _, spoilt := range []string{
		`a\u0000b`, `a\ud800b`, `a\udc00b`, "a\xffb", "a\xed\xa0\x80b", `\ud800\ud800`, "\xc3",
	} {
		e := asaas.Peek(
			delivery(
				`"id":"`+spoilt+`"`,
				`"event":"`+spoilt+`"`,
				`"account":{"id":"`+spoilt+`"}`,
				`"payment":{"id":"`+spoilt+`","status":"`+spoilt+`"}`,
			),
		)
		for what, s := range map[string]string{
			"id": e.ID, "event": e.Event, "account": e.Account, "entity": e.Entity, "status": e.Status,
		} {
			if s == "" || !utf8.ValidString(s) || strings.ContainsRune(s, 0) || !strings.ContainsRune(s, utf8.RuneError) {
				t.Errorf("%q: %s %q", spoilt, what, s)
			}
		}
		compare(t, "malformed", e.Malformed, "unclean_text:id")
	}
	e := asaas.Peek(delivery(`"id":"\ud83d\udc36\n\"é"`))
	compare(t, "id", e.ID, "🐶\n\"é")
	compare(t, "malformed", e.Malformed, "")
}

func TestLongTextsAreBoundedAndStayDifferent(t *testing.T) {
	long := strings.Repeat("é", 5000)
	peek := func(tail string) asaas.Envelope {
		s := `"` + long + tail + `"`
		return asaas.Peek(
			delivery(`"id":`+s, `"event":`+s, `"account":{"id":`+s+`}`, `"payment":{"id":`+s+`,"status":`+s+`}`),
		)
	}
	a, b := peek("a"), peek("b")
	if a.ID == b.ID || a.Account == b.Account || a.Entity == b.Entity {
		t.Error("two long texts became one")
	}
	if len(a.ID) > 200 || len(a.Event) > 100 || len(a.Account) > 100 || len(a.Entity) > 100 || len(a.Status) > 60 ||
		!utf8.ValidString(a.ID) {
		t.Errorf("lengths %d %d %d %d %d", len(a.ID), len(a.Event), len(a.Account), len(a.Entity), len(a.Status))
	}
}

func TestDateCreatedIsReadInEveryFormOrNotAtAll(t *testing.T) {
	for text, want := range map[string]string{
		"2026-08-08 20:54:57": "2026-08-08 20:54:57", "2026-08-08T23:54:57Z": "2026-08-08 20:54:57",
		"2024-10-31T03:00:00+0000": "2024-10-31 00:00:00", "2024-10-31T03:00:00-03:00": "2024-10-31 03:00:00",
		"03/08/2026 20:55:10": "2026-08-03 20:55:10", "2026-08-08T20:54:57": "2026-08-08 20:54:57",
		"2026-08-08": "", "16/10/2024": "", "2026-02-30 10:00:00": "", "2026-08-08 24:00:00": "", "2026-8-8 1:1:1": "",
		"": "", "yesterday": "", "2026-08-08 20:54:57 ": "", "99999-01-01 00:00:00": "",
	} {
		if e := asaas.Peek(delivery(`"dateCreated":` + strconv.Quote(text))); string(e.Created) != want {
			t.Errorf("%q: %q, want %q", text, e.Created, want)
		}
	}
}
