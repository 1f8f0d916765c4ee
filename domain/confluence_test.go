package domain_test

import (
	"math/rand/v2"
	"os"
	"reflect"
	"slices"
	"strconv"
	"testing"
	"time"

	"patapay/domain"
	"patapay/domain/domaintest"
)

// A folder turns the records of one entity into its projection.
type folder func(domain.Kind, []domain.Record) any

func fold(kind domain.Kind, records []domain.Record) any {
	switch kind {
	case domain.KindPayment:
		i, _ := domain.FoldInvoice(records)
		return i
	case domain.KindCheckout:
		c, _ := domain.FoldCheckout(records)
		return c
	}
	a, _ := domain.FoldAnticipation(records)
	return a
}

// shared returns the part of a projection that all kinds have.
func shared(projection any) domain.Projection {
	switch p := projection.(type) {
	case domain.Invoice:
		return p.Projection
	case domain.Checkout:
		return p.Projection
	}
	return projection.(domain.Anticipation).Projection
}

func seedOf(t testing.TB) uint64 {
	if n, err := strconv.ParseUint(os.Getenv("PATAPAY_SEED"), 10, 64); err == nil {
		return n
	}
	return uint64(time.Now().UnixNano())
}

func casesOf(t testing.TB, usual int) int {
	if n, err := strconv.Atoi(os.Getenv("PATAPAY_CASES")); err == nil && n > 0 {
		return n
	}
	if testing.Short() {
		return usual / 20
	}
	return usual
}

// caseOf returns one history and one way in which it was delivered.
func caseOf(seed uint64, n int) (domaintest.History, []domain.Record) {
	rng := rand.New(rand.NewPCG(seed, uint64(n)))
	h := domaintest.New(rng)
	return h, h.Deliveries(rng)
}

// minimal drops records from a delivery while both folds still differ.
func minimal(f folder, kind domain.Kind, records []domain.Record, differ func([]domain.Record) bool) []domain.Record {
	for i := 0; i < len(records); {
		less := slices.Delete(slices.Clone(records), i, i+1)
		if differ(less) {
			records, i = less, 0
			continue
		}
		i++
	}
	return records
}

// confluence reports the share of cases in which f does not tell the same of a delivery
// as of the history in order, and one failing case in its smallest form.
func confluence(f folder, seed uint64, cases int) (failed int, example string) {
	for n := range cases {
		h, delivered := caseOf(seed, n)
		differ := func(records []domain.Record) bool {
			inOrder := slices.Clone(records)
			slices.SortStableFunc(inOrder, func(a, b domain.Record) int { return h.Position(a) - h.Position(b) })
			inOrder = slices.CompactFunc(inOrder, func(a, b domain.Record) bool { return a.Key == b.Key })
			return !reflect.DeepEqual(f(h.Kind, inOrder), f(h.Kind, records))
		}
		if !differ(delivered) {
			continue
		}
		if failed++; failed == 1 {
			example = "case " + strconv.Itoa(n) + ", smallest delivery:\n" +
				domaintest.String(minimal(f, h.Kind, delivered, differ))
		}
	}
	return failed, example
}

func TestAnyOrderAndAnyRepeatGiveTheSameProjection(t *testing.T) {
	seed, cases := seedOf(t), casesOf(t, 100_000)
	t.Logf("PATAPAY_SEED=%d, %d cases", seed, cases)
	start := time.Now()
	if failed, example := confluence(fold, seed, cases); failed > 0 {
		t.Fatalf("PATAPAY_SEED=%d: %d of %d cases differ; %s", seed, failed, cases, example)
	}
	t.Logf("%.0f cases a second", float64(cases)/time.Since(start).Seconds())
}

func TestTheEndIsTheGatewaysOwn(t *testing.T) {
	seed, cases := seedOf(t), casesOf(t, 20_000)
	t.Logf("PATAPAY_SEED=%d, %d cases", seed, cases)
	near := 0
	for n := range cases {
		h, delivered := caseOf(seed, n)
		got := shared(fold(h.Kind, delivered))
		// What the gateway itself shows at the end, told by one answer to a read.
		want := shared(fold(h.Kind, []domain.Record{{
			Type: "TRUTH", Snapshot: h.End,
			GatewaySnapshot: &domain.GatewaySnapshot{Clock: "9999-01-01 00:00:00", Found: true},
		}}))
		if got.NeedsTruth == domain.AnomalyNearSnapshot {
			near++ // doubtful by construction, and said so: one more read decides
			continue
		}
		if got.RawStatus != want.RawStatus || got.ID != want.ID {
			t.Fatalf(
				"PATAPAY_SEED=%d case %d: status %q, the gateway has %q:\n%s", seed, n, got.RawStatus, want.RawStatus,
				domaintest.String(h.Records()),
			)
		}
		if got.NeedsTruth != "" {
			t.Fatalf(
				"PATAPAY_SEED=%d case %d: a legal history asks for the truth: %s\n%s",
				seed,
				n,
				got.NeedsTruth,
				domaintest.String(h.Records()),
			)
		}
	}
	t.Logf("%d of %d were too close to an answer and said so", near, cases)
}

func TestMoneyOfTheEndIsTheGatewaysOwn(t *testing.T) {
	seed, cases := seedOf(t), casesOf(t, 20_000)
	t.Logf("PATAPAY_SEED=%d, %d cases", seed, cases)
	for n := range cases {
		h, delivered := caseOf(seed, n)
		if h.Kind != domain.KindPayment {
			continue
		}
		got, _ := domain.FoldInvoice(delivered)
		if got.NeedsTruth != "" {
			continue
		}
		end := h.End.Payment
		if got.Value.V != end.Value.V || got.NetValue.V != end.NetValue.V || got.RefundedAmount != end.Refunded() ||
			got.Deleted != end.Deleted.V || got.DueDate != end.DueDate.V || got.PaymentDate != end.PaymentDate.V {
			t.Fatalf("PATAPAY_SEED=%d case %d: %+v\nthe gateway has %+v\n%s", seed, n, got, *end, domaintest.String(h.Records()))
		}
	}
}

func TestHistoriesHaveTheSharesThatMatter(t *testing.T) {
	const cases = 20_000
	seed := seedOf(t)
	var back, tie, gatewaySnapshot, events int
	for n := range cases {
		h, _ := caseOf(seed, n)
		for _, s := range h.Steps {
			if s.Record.GatewaySnapshot == nil {
				events++
			}
		}
		back, tie, gatewaySnapshot = back+count(h.Back), tie+count(h.Tie), gatewaySnapshot+count(h.GatewaySnapshot)
	}
	share := func(n int) float64 { return 100 * float64(n) / cases }
	t.Logf("PATAPAY_SEED=%d: step back %.1f %%, equal seconds %.1f %%, answers %.1f %%, %.1f events a history",
		seed, share(back), share(tie), share(gatewaySnapshot), float64(events)/cases)
	if share(back) < 30 || share(tie) < 30 || share(gatewaySnapshot) < 10 {
		t.Error("wanted at least 30 % with a step back, 30 % with equal seconds, 10 % with answers")
	}
}

func count(b bool) int {
	if b {
		return 1
	}
	return 0
}

// The harness must notice the policies that are known to fail.
func TestTheHarnessNoticesWrongPolicies(t *testing.T) {
	const cases = 2000
	seed := seedOf(t)
	for _, c := range []struct {
		name  string
		wrong folder
		least int // failing cases
	}{
		{"arrival order, last writer wins", byArrival, cases / 3},
		{"date alone, ties by arrival", byDate, cases / 200},
		{"counter as text", byText, cases / 20},
		{"status never goes back", byRank, cases / 20},
	} {
		t.Run(c.name, func(t *testing.T) {
			failed, example := c.wrong.wrongEnds(seed, cases)
			t.Logf("PATAPAY_SEED=%d: %d of %d cases noticed; %s", seed, failed, cases, example)
			if failed < c.least {
				t.Errorf("only %d of %d cases noticed, wanted %d", failed, cases, c.least)
			}
		})
	}
}

// wrongEnds counts the cases in which f ends elsewhere than the fold.
func (f folder) wrongEnds(seed uint64, cases int) (failed int, example string) {
	for n := range cases {
		h, delivered := caseOf(seed, n)
		differ := func(records []domain.Record) bool {
			return f(h.Kind, records) != shared(fold(h.Kind, records)).RawStatus
		}
		if !differ(delivered) {
			continue
		}
		if failed++; failed == 1 {
			example = "case " + strconv.Itoa(n) + ", smallest delivery:\n" +
				domaintest.String(minimal(f, h.Kind, delivered, differ))
		}
	}
	return failed, example
}

func statusOf(r domain.Record) string {
	switch s := r.Snapshot; {
	case s.Payment != nil:
		return s.Payment.Status.V
	case s.Checkout != nil:
		return s.Checkout.Status.V
	case s.Anticipation != nil:
		return s.Anticipation.Status.V
	}
	return ""
}

func byArrival(_ domain.Kind, records []domain.Record) any {
	if len(records) == 0 {
		return ""
	}
	return statusOf(records[len(records)-1])
}

func byDate(kind domain.Kind, records []domain.Record) any {
	sorted := slices.Clone(records)
	slices.SortStableFunc(sorted, func(a, b domain.Record) int { return compareText(string(a.At), string(b.At)) })
	return byArrival(kind, sorted)
}

func byText(kind domain.Kind, records []domain.Record) any {
	sorted := slices.Clone(records)
	slices.SortStableFunc(sorted, func(a, b domain.Record) int {
		return compareText(strconv.FormatInt(a.Key.Seq, 10), strconv.FormatInt(b.Key.Seq, 10))
	})
	return byArrival(kind, sorted)
}

func byRank(_ domain.Kind, records []domain.Record) any {
	rank := map[string]int{
		"PENDING": 10, "OVERDUE": 15, "AWAITING_RISK_ANALYSIS": 20, "AUTHORIZED": 25,
		"DUNNING_REQUESTED": 30, "CONFIRMED": 40, "RECEIVED": 50, "RECEIVED_IN_CASH": 50, "DUNNING_RECEIVED": 50,
		"REFUND_REQUESTED": 60, "REFUND_IN_PROGRESS": 65, "CHARGEBACK_REQUESTED": 70, "CHARGEBACK_DISPUTE": 75,
		"AWAITING_CHARGEBACK_REVERSAL": 80, "REFUNDED": 90,
		"ACTIVE": 1, "CANCELED": 2, "EXPIRED": 3, "PAID": 4,
		"SCHEDULED": 20, "CREDITED": 40, "DENIED": 41, "CANCELLED": 42, "DEBITED": 44,
	}
	high := ""
	for _, r := range records {
		if s := statusOf(r); rank[s] > rank[high] {
			high = s
		}
	}
	return high
}

func compareText(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// A renderer's mistake would make every test above worthless, so arrival order is also
// shown to break confluence itself, not only the end.
func TestFoldingInArrivalOrderBreaksConfluence(t *testing.T) {
	seed := seedOf(t)
	failed, example := confluence(byArrival, seed, 2000)
	t.Logf("PATAPAY_SEED=%d: %d of 2000 cases; %s", seed, failed, example)
	if failed < 600 {
		t.Errorf("only %d of 2000 cases noticed", failed)
	}
}

func BenchmarkFoldInvoice(b *testing.B) {
	var h domaintest.History
	for n := 0; h.Kind != domain.KindPayment || len(h.Steps) != 6; n++ {
		h, _ = caseOf(1, n)
	}
	records := h.Records()
	b.ReportAllocs()
	for b.Loop() {
		domain.FoldInvoice(records)
	}
}
