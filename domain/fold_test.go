package domain_test

import (
	"crypto/sha256"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"patapay/domain"
)

// ev returns a payment event: its counter, its time of day, its type and its status.
func ev(seq int64, at, typ, status string) domain.Record {
	p := &domain.PaymentSnapshot{ID: domain.Some("pay_1")}
	if status != "" {
		p.Status = domain.Some(status)
	}
	return record(seq, at, "PAYMENT_"+typ, domain.Snapshot{Payment: p})
}

func record(seq int64, at, typ string, s domain.Snapshot) domain.Record {
	id := fmt.Sprintf("evt_%s&%d", typ, seq)
	hash := sha256.Sum256([]byte(id))
	r := domain.Record{ID: id, Type: domain.EventType(typ), Snapshot: s, BodyHash: hash}
	r.Key = domain.EventKey{Environment: domain.Sandbox, Seq: seq, Hash: [16]byte(hash[:16])}
	if at != "" {
		r.At = domain.LocalTime("2026-07-14 " + at)
	}
	return r
}

// gatewaySnapshot returns an answer at a clock time that shows status ("" for a 404) and was asked
// for when seen were stored.
func gatewaySnapshot(clock, status string, seen ...domain.Record) domain.Record {
	r := record(0, "", "TRUTH "+clock, domain.Snapshot{})
	r.GatewaySnapshot = &domain.GatewaySnapshot{Clock: domain.LocalTime("2026-07-14 " + clock), Found: status != ""}
	for _, s := range seen {
		r.GatewaySnapshot.Supersedes = append(r.GatewaySnapshot.Supersedes, s.Key)
	}
	if r.GatewaySnapshot.Found {
		r.Snapshot.Payment = &domain.PaymentSnapshot{ID: domain.Some("pay_1"), Status: domain.Some(status)}
	}
	return r
}

func with(r domain.Record, change func(*domain.PaymentSnapshot)) domain.Record {
	change(r.Snapshot.Payment)
	return r
}

var created = ev(1, "10:00:00", "CREATED", "PENDING")

// The rules of the fold, one a line: history, and the status, need and flags it ends in.
var rules = []struct {
	name    string
	history []domain.Record
	want    string // status, need, flags
}{
	{"nothing is known of nothing", nil, "unknown||"},
	{
		"created after received is late news",
		[]domain.Record{ev(2, "10:05:00", "RECEIVED", "RECEIVED"), created},
		"received||",
	},
	{
		"status comes from the snapshot, not the name",
		[]domain.Record{ev(1, "10:00:00", "CREATED", "CONFIRMED")},
		"confirmed||",
	},
	{
		"received may be in cash",
		[]domain.Record{created, ev(2, "10:05:00", "RECEIVED", "RECEIVED_IN_CASH")},
		"received_in_cash||",
	},
	{
		"an unknown event type lends its snapshot",
		[]domain.Record{created, ev(2, "10:05:00", "BLESSED", "CONFIRMED")},
		"confirmed||",
	},
	{
		"an unknown status is kept, flagged and asked about",
		[]domain.Record{created, ev(2, "10:05:00", "UPDATED", "SLEEPING")},
		"unknown|unknown_status|unknown_status",
	},
	{"only an id is no state", []domain.Record{ev(1, "10:00:00", "RECEIVED", "")}, "unknown|no_snapshot|no_snapshot"},
	{
		"only an id leaves the state as it was",
		[]domain.Record{created, ev(2, "10:05:00", "RECEIVED", "")},
		"pending|no_snapshot|no_snapshot",
	},
	{
		"in one second the counter decides",
		[]domain.Record{ev(9, "10:00:00", "CREATED", "PENDING"), ev(10, "10:00:00", "RECEIVED", "RECEIVED")},
		"received||",
	},
	{
		"without a counter one second is doubtful",
		[]domain.Record{ev(0, "10:00:00", "CREATED", "PENDING"), ev(0, "10:00:00", "RECEIVED", "RECEIVED")},
		"received|order|order",
	},
	{
		"date before counter, and the odds are flagged",
		[]domain.Record{ev(5, "10:00:00", "CREATED", "PENDING"), ev(4, "10:05:00", "RECEIVED", "RECEIVED")},
		"received|order|order",
	},
	{
		"an undated event never overrides",
		[]domain.Record{created, ev(2, "", "RECEIVED", "RECEIVED")},
		"pending|undated|transition undated",
	},
	{
		"an undated event alone is all there is",
		[]domain.Record{ev(2, "", "RECEIVED", "RECEIVED")},
		"received|undated|undated",
	},
	{
		"cash undone goes back",
		[]domain.Record{
			created,
			ev(2, "10:05:00", "RECEIVED", "RECEIVED_IN_CASH"),
			ev(3, "10:06:00", "RECEIVED_IN_CASH_UNDONE", "OVERDUE"),
		},
		"overdue||",
	},
	{
		"a won chargeback goes back",
		[]domain.Record{
			ev(1, "10:00:00", "CHARGEBACK_REQUESTED", "CHARGEBACK_REQUESTED"),
			ev(2, "10:05:00", "RECEIVED", "RECEIVED"),
		},
		"received||",
	},
	{
		"a denied refund goes back",
		[]domain.Record{
			ev(1, "10:00:00", "REFUND_IN_PROGRESS", "REFUND_IN_PROGRESS"),
			ev(2, "10:05:00", "REFUND_DENIED", "RECEIVED"),
		},
		"received||",
	},
	{
		"a step outside the table is followed and asked about",
		[]domain.Record{created, ev(2, "10:05:00", "REFUNDED", "REFUNDED")},
		"refunded|transition|transition",
	},
	{
		"name and status at odds",
		[]domain.Record{created, ev(2, "10:05:00", "RECEIVED", "PENDING")},
		"pending|name_status|name_status",
	},
	{
		"an answer settles what it has seen",
		[]domain.Record{created, ev(2, "10:05:00", "REFUNDED", "REFUNDED"), gatewaySnapshot("11:00:00", "RECEIVED", created)},
		"received||",
	},
	{
		"an event later than the answer comes after it",
		[]domain.Record{
			created,
			gatewaySnapshot("11:00:00", "CONFIRMED", created),
			ev(3, "11:00:03", "RECEIVED", "RECEIVED"),
		},
		"received||",
	},
	{
		"an event that the answer has seen does not, whatever its date",
		[]domain.Record{
			created,
			gatewaySnapshot("11:00:00", "CONFIRMED", created, ev(3, "11:00:03", "RECEIVED", "RECEIVED")),
			ev(3, "11:00:03", "RECEIVED", "RECEIVED"),
		},
		"confirmed||",
	},
	{
		"an older event never overrides the answer",
		[]domain.Record{gatewaySnapshot("11:00:00", "REFUNDED"), ev(3, "10:59:57", "RECEIVED", "RECEIVED")},
		"refunded||",
	},
	{
		"two seconds before the answer is near",
		[]domain.Record{
			created,
			gatewaySnapshot("11:00:00", "CONFIRMED", created),
			ev(3, "10:59:58", "RECEIVED", "RECEIVED"),
		},
		"confirmed|near_truth|near_truth",
	},
	{
		"two seconds after the answer is near",
		[]domain.Record{
			created,
			gatewaySnapshot("11:00:00", "CONFIRMED", created),
			ev(3, "11:00:02", "RECEIVED", "RECEIVED"),
		},
		"received|near_truth|near_truth",
	},
	{"one more answer ends the doubt", []domain.Record{
		created, gatewaySnapshot("11:00:00", "CONFIRMED", created), ev(3, "11:00:02", "RECEIVED", "RECEIVED"),
		gatewaySnapshot("11:00:30", "RECEIVED", created, ev(3, "11:00:02", "RECEIVED", "RECEIVED")),
	}, "received||"},
	{
		"the newer answer counts, whichever came first",
		[]domain.Record{gatewaySnapshot("12:00:00", "RECEIVED"), gatewaySnapshot("11:00:00", "PENDING")},
		"received||",
	},
	{
		"not found changes no state",
		[]domain.Record{created, gatewaySnapshot("11:00:00", "", created)},
		"pending||not_found_at_asaas",
	},
	{
		"not found ends the asking",
		[]domain.Record{created, ev(2, "10:05:00", "REFUNDED", "REFUNDED"), gatewaySnapshot("11:00:00", "", created)},
		"refunded||not_found_at_asaas",
	},
	{
		"found again",
		[]domain.Record{created, gatewaySnapshot("11:00:00", "", created), gatewaySnapshot("12:00:00", "RECEIVED", created)},
		"received||",
	},
	{
		"an undated event is settled only by an answer that has seen it",
		[]domain.Record{ev(2, "", "RECEIVED", "RECEIVED"), gatewaySnapshot("11:00:00", "RECEIVED")},
		"received|undated|undated",
	},
	{
		"and then it is",
		[]domain.Record{
			ev(2, "", "RECEIVED", "RECEIVED"),
			gatewaySnapshot("11:00:00", "RECEIVED", ev(2, "", "RECEIVED", "RECEIVED")),
		},
		"received||",
	},
	{
		"net above value is flagged",
		[]domain.Record{with(ev(1, "10:00:00", "CREATED", "PENDING"), func(p *domain.PaymentSnapshot) {
			p.Value, p.NetValue = domain.Some(domain.Money(1)), domain.Some(domain.Money(2))
		})},
		"pending|amounts|amounts",
	},
}

func TestTheFold(t *testing.T) {
	for _, c := range rules {
		t.Run(c.name, func(t *testing.T) {
			before := slices.Clone(c.history)
			for range 4 { // any order: rotate
				i, _ := domain.FoldInvoice(c.history)
				got := string(i.Status) + "|" + i.NeedsTruth + "|" + strings.Join(i.Flags, " ")
				if got != c.want {
					t.Errorf("%s, want %s", got, c.want)
				}
				if len(c.history) > 0 {
					c.history = append(c.history[1:len(c.history):len(c.history)], c.history[0])
				}
			}
			domain.Effects(before)
			domain.Canonical(before)
		})
	}
}

func TestFoldingDoesNotTouchTheHistory(t *testing.T) {
	history := []domain.Record{
		ev(2, "10:05:00", "RECEIVED", "RECEIVED"),
		created,
		created,
		gatewaySnapshot("11:00:00", "RECEIVED", created),
	}
	before := slices.Clone(history)
	domain.FoldInvoice(history)
	domain.Effects(history)
	if !reflect.DeepEqual(history, before) {
		t.Errorf("was\n%v\nis\n%v", before, history)
	}
}

func TestDeletionIsWhatTheEventsNameSays(t *testing.T) {
	deleted := ev(2, "10:05:00", "DELETED", "PENDING")
	restored := ev(3, "10:06:00", "RESTORED", "PENDING")
	i, _ := domain.FoldInvoice([]domain.Record{created, deleted})
	if !i.Deleted || i.Status != domain.InvoicePending {
		t.Errorf("deleted: %t %s", i.Deleted, i.Status)
	}
	i, _ = domain.FoldInvoice([]domain.Record{restored, created, deleted})
	if i.Deleted {
		t.Error("restored: still deleted")
	}
	i, _ = domain.FoldInvoice([]domain.Record{created, deleted, ev(4, "10:07:00", "RECEIVED", "RECEIVED")})
	if !i.Deleted || i.Status != domain.InvoiceReceived || i.NeedsTruth != "" {
		t.Errorf("a slip already printed: %t %s %q", i.Deleted, i.Status, i.NeedsTruth)
	}
	said := with(
		ev(2, "10:05:00", "DELETED", "PENDING"),
		func(p *domain.PaymentSnapshot) { p.Deleted = domain.Some(false) },
	)
	if i, _ = domain.FoldInvoice([]domain.Record{created, said}); !i.Deleted || i.NeedsTruth != domain.AnomalyNameStatus {
		t.Errorf("name and snapshot at odds: %t %q", i.Deleted, i.NeedsTruth)
	}
}

func TestAbsentChangesNothingAndNullClears(t *testing.T) {
	first := with(ev(1, "10:00:00", "CREATED", "PENDING"), func(p *domain.PaymentSnapshot) {
		p.Subscription, p.PaymentDate, p.Value = domain.Some("sub_1"), domain.Some(domain.Day("2026-07-01")),
			domain.Some(domain.Money(5))
	})
	second := with(
		ev(2, "10:05:00", "UPDATED", "PENDING"),
		func(p *domain.PaymentSnapshot) { p.PaymentDate = domain.Null[domain.Day]() },
	)
	i, _ := domain.FoldInvoice([]domain.Record{second, first})
	if i.Subscription != "sub_1" || i.PaymentDate != "" || i.Value != domain.Some(domain.Money(5)) {
		t.Errorf("%+v", i)
	}
}

func TestMoneyIsConfirmedByAnAnswerThatShowsTheSame(t *testing.T) {
	received := ev(2, "10:05:00", "RECEIVED", "RECEIVED")
	partly := with(ev(3, "12:00:00", "PARTIALLY_REFUNDED", "RECEIVED"), func(p *domain.PaymentSnapshot) {
		p.Refunds = domain.Some(
			[]domain.Refund{
				{Status: "DONE", Value: domain.Some(domain.Money(40))},
				{Status: "PENDING", Value: domain.Some(domain.Money(7))},
			},
		)
	})
	answer := gatewaySnapshot("11:00:00", "RECEIVED", created, received)
	for _, c := range []struct {
		name    string
		history []domain.Record
		by      string
		needs   bool
	}{
		{"pending is no money", []domain.Record{created}, "webhook", false},
		{"received by webhook", []domain.Record{created, received}, "webhook", true},
		{"received and read", []domain.Record{created, received, answer}, "api", false},
		{
			"a view after the answer changes no money",
			[]domain.Record{created, received, answer, ev(4, "13:00:00", "CHECKOUT_VIEWED", "RECEIVED")},
			"api", false,
		},
		{"a refund after the answer does", []domain.Record{created, received, answer, partly}, "webhook", true},
		{
			"an answer that shows less confirms nothing",
			[]domain.Record{created, gatewaySnapshot("10:01:00", "PENDING", created), received},
			"webhook", true,
		},
	} {
		i, _ := domain.FoldInvoice(c.history)
		if i.ConfirmedBy != c.by || i.NeedsConfirmation() != c.needs {
			t.Errorf("%s: %s, needs %t", c.name, i.ConfirmedBy, i.NeedsConfirmation())
		}
	}
	if i, _ := domain.FoldInvoice([]domain.Record{created, received, partly}); i.RefundedAmount != 40 ||
		i.Status != domain.InvoiceReceived {
		t.Errorf("partly refunded: %v %s", i.RefundedAmount, i.Status)
	}
}

func TestPaidAtIsTheFirstEventThatShowedItPaid(t *testing.T) {
	confirmed, received := ev(2, "10:05:00", "CONFIRMED", "CONFIRMED"), ev(3, "10:06:00", "RECEIVED", "RECEIVED")
	cash, undone := ev(2, "10:05:00", "RECEIVED", "RECEIVED_IN_CASH"),
		ev(3, "10:06:00", "RECEIVED_IN_CASH_UNDONE", "PENDING")
	for want, history := range map[domain.LocalTime][]domain.Record{
		"2026-07-14 10:05:00": {received, created, confirmed},
		"2026-07-14 10:06:00": {received, created},
		"":                    {undone, cash, created},
	} {
		if i, _ := domain.FoldInvoice(history); i.PaidAt != want {
			t.Errorf("%q, want %q", i.PaidAt, want)
		}
	}
}

func TestTextsAreTheNewestThatThereAre(t *testing.T) {
	a, b, c := created, ev(2, "10:05:00", "UPDATED", "PENDING"), ev(3, "10:06:00", "UPDATED", "PENDING")
	a.Texts, b.Texts = []byte("a"), []byte("b")
	if i, _ := domain.FoldInvoice([]domain.Record{b, c, a}); string(i.Texts) != "b" {
		t.Errorf("texts %q", i.Texts)
	}
}

func checkoutEvent(seq int64, at, typ, status string) domain.Record {
	return record(
		seq,
		at,
		"CHECKOUT_"+typ,
		domain.Snapshot{Checkout: &domain.CheckoutSnapshot{ID: domain.Some("c"), Status: domain.Some(status)}},
	)
}

func TestPaidWinsOverExpiredAndCanceled(t *testing.T) {
	active := checkoutEvent(1, "10:00:00", "CREATED", "ACTIVE")
	for _, c := range []struct {
		name          string
		first, second domain.Record
		flags         string
	}{
		{
			"paid after expired", checkoutEvent(2, "10:10:00", "EXPIRED", "EXPIRED"),
			checkoutEvent(3, "10:10:05", "PAID", "PAID"), "",
		},
		{
			"paid and expired in one second", checkoutEvent(2, "10:10:00", "PAID", "PAID"),
			checkoutEvent(3, "10:10:00", "EXPIRED", "EXPIRED"), "transition",
		},
		{
			"expired after paid", checkoutEvent(2, "10:10:00", "PAID", "PAID"),
			checkoutEvent(3, "10:20:00", "EXPIRED", "EXPIRED"), "transition",
		},
		{
			"paid after canceled", checkoutEvent(2, "10:10:00", "CANCELED", "CANCELED"),
			checkoutEvent(3, "10:20:00", "PAID", "PAID"), "transition",
		},
	} {
		for _, history := range [][]domain.Record{{active, c.first, c.second}, {c.second, c.first, active}} {
			got, _ := domain.FoldCheckout(history)
			if got.Status != domain.CheckoutPaid || strings.Join(got.Flags, " ") != c.flags || got.NeedsTruth != "" {
				t.Errorf("%s: %s, flags %v, needs %q", c.name, got.Status, got.Flags, got.NeedsTruth)
			}
		}
	}
	got, _ := domain.FoldCheckout(
		[]domain.Record{
			active,
			checkoutEvent(2, "10:10:00", "EXPIRED", "EXPIRED"),
			checkoutEvent(3, "10:11:00", "CREATED", "ACTIVE"),
		},
	)
	if got.Status != domain.CheckoutExpired {
		t.Errorf("expired is final but for paid: %s", got.Status)
	}
}

func anticipationEvent(seq int64, at, status string) domain.Record {
	return record(seq, at, "RECEIVABLE_ANTICIPATION_"+status, domain.Snapshot{Anticipation: &domain.AnticipationSnapshot{
		ID: domain.Some("a"), Status: domain.Some(status),
	}})
}

func TestFinalAnticipationsHoldAgainstEvents(t *testing.T) {
	for _, final := range []string{"DENIED", "CANCELLED", "DEBITED"} {
		history := []domain.Record{anticipationEvent(1, "10:00:00", final), anticipationEvent(2, "10:05:00", "PENDING")}
		got, _ := domain.FoldAnticipation(history)
		if got.RawStatus != final || got.NeedsTruth != domain.AnomalyTransition {
			t.Errorf("%s: %s, needs %q", final, got.RawStatus, got.NeedsTruth)
		}
		none := domain.Effect{Outcome: domain.NoEffect, Reason: domain.ReasonFinal}
		if e := domain.Effects(history)[history[1].Key]; e != none {
			t.Errorf("%s: effect %v", final, e)
		}
	}
	got, _ := domain.FoldAnticipation(
		[]domain.Record{
			anticipationEvent(3, "12:00:00", "DEBITED"),
			anticipationEvent(2, "11:00:00", "OVERDUE"),
			anticipationEvent(1, "10:00:00", "CREDITED"),
		},
	)
	if got.Status != domain.AnticipationDebited || got.NeedsTruth != "" || !got.NeedsConfirmation() {
		t.Errorf("credited, overdue, debited: %s %q", got.Status, got.NeedsTruth)
	}
}

func TestEffectsNameWhatEachRecordDid(t *testing.T) {
	at := func(r domain.Record, minute int) domain.Record {
		r.ReceivedAt = time.Date(2026, 7, 14, 13, minute, 0, 0, time.UTC)
		return r
	}
	received := at(ev(3, "10:05:00", "RECEIVED", "RECEIVED"), 5)
	late := at(ev(2, "10:04:00", "CONFIRMED", "CONFIRMED"), 9)
	view := at(ev(4, "10:06:00", "CHECKOUT_VIEWED", "RECEIVED"), 10)
	same := at(ev(5, "10:07:00", "RECEIVED", "RECEIVED"), 11)
	bare := at(ev(6, "10:08:00", "UPDATED", ""), 12)
	news := at(ev(7, "10:09:00", "BLESSED", "REFUNDED"), 13)
	noNews := at(ev(8, "10:10:00", "CURSED", ""), 14)
	undated := at(ev(9, "", "CREATED", "PENDING"), 1)
	gone := at(gatewaySnapshot("11:00:00", ""), 15)
	got := domain.Effects([]domain.Record{received, late, view, same, bare, news, noNews, undated, gone})
	for _, c := range []struct {
		record domain.Record
		want   domain.Effect
	}{
		{received, domain.Effect{Outcome: domain.Applied}},
		{late, domain.Effect{Outcome: domain.NoEffect, Reason: domain.ReasonLate}},
		{view, domain.Effect{Outcome: domain.NoEffect, Reason: domain.ReasonView}},
		{same, domain.Effect{Outcome: domain.NoEffect, Reason: domain.ReasonSameState}},
		{bare, domain.Effect{Outcome: domain.NoEffect, Reason: domain.ReasonNoSnapshot}},
		{news, domain.Effect{Outcome: domain.Applied, Reason: domain.ReasonUnknownType}},
		{noNews, domain.Effect{Outcome: domain.NoEffect, Reason: domain.ReasonUnknownType}},
		{undated, domain.Effect{Outcome: domain.Applied, Reason: domain.ReasonUndated}},
		{gone, domain.Effect{Outcome: domain.NoEffect, Reason: domain.ReasonNotFound}},
	} {
		if got[c.record.Key] != c.want {
			t.Errorf("%s: %v, want %v", c.record.Type, got[c.record.Key], c.want)
		}
	}
}
