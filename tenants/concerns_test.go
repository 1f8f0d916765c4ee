package tenants_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/ledger"
)

const refundedWhole = `payment.refunds=[{"dateCreated":"2026-08-09 10:00:00",` +
	`"status":"DONE","value":%s,"description":null}]`

// open returns the clinic's open items as "kind subject amount", sorted.
func (w *world) open(t testing.TB, clinic domain.ClinicID) (lines []string) {
	t.Helper()
	require.NoError(t, w.api.In(t.Context(), clinic, func(tx *tenants.Tx) error {
		list, err := ledger.WorkItems(tx, ledger.WorkItemFilter{Open: true}, 200)
		for _, i := range list {
			lines = append(lines, fmt.Sprint(i.Kind, " ", i.Subject, " ", i.Amount))
		}
		return err
	}))
	slices.Sort(lines)
	return lines
}

// Money in question that was given back stayed in question: item, suspense and refund all stood.
func TestMoneyInQuestionThatIsGivenBackIsNoQuestion(t *testing.T) {
	unasked := []string{"payment.externalReference=null", "payment.value=30.00", "payment.netValue=28.01"}
	for name, c := range map[string]struct {
		event string
		set   []string
		left  domain.Money
	}{
		"wholly refunded": {"PAYMENT_REFUNDED", []string{"payment.status=REFUNDED", fmt.Sprintf(refundedWhole, "30.00")}, 0},
		"partly refunded": {"PAYMENT_PARTIALLY_REFUNDED", []string{fmt.Sprintf(refundedWhole, "10.00")}, 20_00},
		"lost in a dispute": {"PAYMENT_REFUNDED", []string{
			"payment.status=REFUNDED", `payment.chargeback={"id":"cb","status":"DISPUTE_LOST","reason":"FRAUD"}`,
		}, 0},
		"in a dispute": {"PAYMENT_CHARGEBACK_REQUESTED", []string{
			"payment.status=CHARGEBACK_REQUESTED", `payment.chargeback={"id":"cb","status":"REQUESTED","reason":"FRAUD"}`,
		}, 30_00},
		"of a subscription after all": {"PAYMENT_UPDATED", []string{"payment.subscription=sub_1"}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			w, clinic := newLedgerWorld(t)
			w.pay(t, clinic, "PAYMENT_RECEIVED", "pay_1", append([]string{"dateCreated=2026-08-08 10:00:00"}, unasked...)...)
			w.apply(t, clinic)
			require.Equal(t, []string{"unexpected_money pay_1 30.00"}, w.open(t, clinic))
			w.pay(t, clinic, c.event, "pay_1", slices.Concat([]string{"dateCreated=2026-08-09 10:00:00"}, unasked, c.set)...)
			w.apply(t, clinic)
			got := w.balances(t, clinic)
			require.Equal(t, -c.left, got[domain.AccountSuspense])
			require.Zero(t, got[domain.AccountRefunds], "nothing of the clinic's was given back")
			require.Zero(t, got[domain.AccountLoss])
			if c.left == 0 {
				require.Empty(t, w.open(t, clinic))
			} else {
				require.Equal(t, []string{"unexpected_money pay_1 " + c.left.String()}, w.open(t, clinic))
			}
			require.Zero(t, w.proof(t, clinic).Broken)
		})
	}
}

// What a person took out of suspense is the clinic's: a refund afterwards is its own.
func TestARefundAfterAPersonsDecisionIsTheClinicsOwn(t *testing.T) {
	w, clinic := newLedgerWorld(t)
	unasked := []string{"payment.externalReference=null", "payment.value=30.00", "payment.netValue=28.01"}
	w.pay(t, clinic, "PAYMENT_RECEIVED", "pay_1", append([]string{"dateCreated=2026-08-08 10:00:00"}, unasked...)...)
	w.apply(t, clinic)
	require.NoError(t, w.api.In(t.Context(), clinic, func(tx *tenants.Tx) error {
		list, err := ledger.WorkItems(tx, ledger.WorkItemFilter{Open: true}, 1)
		require.NoError(t, err)
		_, err = ledger.ResolveWorkItem(tx, chain, list[0], "income", "era de um cliente", "Ana", w.now)
		return err
	}))
	w.pay(
		t,
		clinic,
		"PAYMENT_REFUNDED",
		"pay_1",
		slices.Concat(
			[]string{"dateCreated=2026-08-09 10:00:00", "payment.status=REFUNDED", fmt.Sprintf(refundedWhole, "30.00")},
			unasked,
		)...)
	w.apply(t, clinic)
	got := w.balances(t, clinic)
	require.Equal(t, []domain.Money{0, -30_00, 30_00},
		[]domain.Money{got[domain.AccountSuspense], got[domain.AccountSales], got[domain.AccountRefunds]})
	require.Empty(t, w.open(t, clinic))
}

// Of two payments of one day the id decided, and one that was given back still was the first.
func TestTheSecondOfTwoPaymentsOfADayIsTheOnePaidSecondAndPaidStill(t *testing.T) {
	for _, order := range []string{"in order", "the second first"} {
		t.Run(order, func(t *testing.T) {
			w, clinic := newLedgerWorld(t)
			w.expect(t, clinic, ledger.ExpectedPayment{Reference: "orc-1"})
			first := func() {
				w.pay(t, clinic, "PAYMENT_RECEIVED", "pay_f", "payment.externalReference=orc-1", "dateCreated=2026-08-08 02:53:00")
				w.apply(t, clinic)
			}
			second := func() {
				w.pay(t, clinic, "PAYMENT_RECEIVED", "pay_0", "payment.externalReference=orc-1", "dateCreated=2026-08-08 02:54:00")
				w.apply(t, clinic)
			}
			if order == "in order" {
				first()
				second()
			} else {
				second()
				first()
			}
			require.Equal(t, []string{"second_payment pay_0 10.00"}, w.open(t, clinic))
			require.Equal(t, domain.Money(-10_00), w.balances(t, clinic)[domain.AccountSuspense])
			w.pay(t, clinic, "PAYMENT_REFUNDED", "pay_f", "payment.externalReference=orc-1", "dateCreated=2026-08-09 10:00:00",
				"payment.status=REFUNDED", fmt.Sprintf(refundedWhole, "10.00"))
			w.apply(t, clinic)
			require.Empty(t, w.open(t, clinic), "the only one that is paid is the first")
			require.Zero(t, w.balances(t, clinic)[domain.AccountSuspense])
			require.Zero(t, w.proof(t, clinic).Broken)
		})
	}
}

// model is one payment as the naive oracle of the concern property knows it.
type model struct {
	id, reference string
	minute        int // of the payment
	value         domain.Money
	given         domain.Money
	lost          bool
	plan          int // number of the instalment, 0 none
}

// oracle says what must be open and in suspense, from what happened alone.
func oracle(payments []*model, said map[string]ledger.ExpectedPayment) (open []string, suspense domain.Money) {
	for _, p := range payments {
		x, expected := said[p.reference]
		second := false
		for _, o := range payments {
			paid := o.given < o.value && !o.lost
			second = second || o != p && o.reference == p.reference && paid && o.minute < p.minute && p.plan == 0
		}
		question, kind, short := domain.Money(0), "", domain.Money(0)
		differs := p.value - x.Amount.V
		switch {
		case !expected && p.reference == "" && p.plan == 0:
			kind, question = "unexpected_money", p.value
		case !expected:
		case x.Cancelled:
			kind, question = "cancelled_charge", p.value
		case second:
			kind, question = "second_payment", p.value
		case x.Amount.Set && differs != 0 && (p.plan == 0 || max(differs, -differs) >= domain.Money(p.plan)):
			kind, question, short = "amount_differs", max(differs, 0), min(differs, 0)
		}
		left := question - p.given
		if p.lost || left < 0 {
			left = 0
		}
		suspense -= left
		if short != 0 && !p.lost && p.given < p.value {
			left = short
		}
		if kind != "" && left != 0 {
			open = append(open, fmt.Sprint(kind, " ", p.id, " ", left))
		}
	}
	slices.Sort(open)
	return open, suspense
}

// The concern property: after any history, in any order, the open items and the suspense account
// are what an oracle says that knows nothing of how they came to be.
func TestOpenItemsAndSuspenseAreAFunctionOfWhatHappened(t *testing.T) {
	seed := testSeed()
	t.Logf("PATAPAY_SEED=%d", seed)
	w := newWorld(t)
	w.applier.Ledger = chain
	for n := range 24 {
		rng := rand.New(rand.NewPCG(seed, uint64(n)))
		account := fmt.Sprint("acc-", n)
		clinic := w.clinic(t, fmt.Sprint("Clínica ", n), account)
		said := map[string]ledger.ExpectedPayment{}
		var payments []*model
		var steps []func()
		send := func(p *model, event string, at string, set ...string) func() {
			set = slices.Concat(set, []string{
				"dateCreated=" + at, "payment.externalReference=" + p.reference, "payment.value=" + p.value.String(),
				"payment.netValue=" + (p.value - 199).String(), `account={"id":"` + account + `","ownerId":null}`,
			})
			if p.reference == "" {
				set = append(set, "payment.externalReference=null")
			}
			if p.plan > 0 {
				set = append(set, "payment.installment=plan", fmt.Sprint("payment.installmentNumber=", p.plan))
			}
			return func() { w.pay(t, clinic, event, p.id, set...) }
		}
		for k := range 3 + rng.IntN(4) {
			p := &model{
				id: fmt.Sprintf("pay_%c%d", 'a'+rune(rng.IntN(26)), k), minute: 10 + k, value: 100_00 + domain.Money(rng.IntN(3)-1),
				reference: []string{"", "orc-1", "orc-1", "orc-2"}[rng.IntN(4)],
			}
			if rng.IntN(4) == 0 {
				p.plan = 1 + rng.IntN(3)
			}
			payments = append(payments, p)
			steps = append(steps, send(p, "PAYMENT_RECEIVED", fmt.Sprintf("2026-08-08 10:%02d:00", p.minute)))
			switch rng.IntN(4) {
			case 0:
				p.given = p.value
				steps = append(
					steps,
					send(p, "PAYMENT_REFUNDED", "2026-08-09 10:00:00", "payment.status=REFUNDED", fmt.Sprintf(refundedWhole, p.value)),
				)
			case 1:
				p.given = 40_00
				steps = append(
					steps,
					send(p, "PAYMENT_PARTIALLY_REFUNDED", "2026-08-09 10:00:00", fmt.Sprintf(refundedWhole, p.given)),
				)
			case 2:
				p.lost = rng.IntN(2) == 0
				if p.lost {
					steps = append(steps, send(p, "PAYMENT_REFUNDED", "2026-08-09 11:00:00", "payment.status=REFUNDED",
						`payment.chargeback={"id":"cb","status":"DISPUTE_LOST","reason":"FRAUD"}`))
				}
			}
		}
		var words []ledger.ExpectedPayment // billing's, the last of a reference stands
		for _, reference := range []string{"orc-1", "orc-2"} {
			for range rng.IntN(3) {
				x := ledger.ExpectedPayment{Reference: reference, Cancelled: rng.IntN(4) == 0}
				if rng.IntN(2) == 0 {
					x.Amount = domain.Some(domain.Money(100_00))
				}
				words, said[reference] = append(words, x), x
			}
		}
		rng.Shuffle(len(steps), func(i, j int) { steps[i], steps[j] = steps[j], steps[i] })
		for i, step := range steps {
			step()
			if rng.IntN(2) == 0 {
				w.apply(t, clinic)
			}
			for len(words) > 0 && (rng.IntN(3) == 0 || i == len(steps)-1) {
				w.expect(t, clinic, words[0])
				words = words[1:]
			}
		}
		w.apply(t, clinic)
		wantOpen, wantSuspense := oracle(payments, said)
		got := w.open(t, clinic)
		if !slices.Equal(got, wantOpen) || w.balances(t, clinic)[domain.AccountSuspense] != wantSuspense {
			for _, p := range payments {
				t.Logf("%+v", *p)
			}
			t.Fatalf("PATAPAY_SEED=%d clinic %d, billing %v:\nopen %v, suspense %s\nwant %v, suspense %s", seed, n,
				slices.Collect(maps.Values(said)), got, w.balances(t, clinic)[domain.AccountSuspense], wantOpen, wantSuspense)
		}
	}
}
