package domain_test

import (
	"fmt"
	"strings"
	"testing"

	"patapay/domain"
)

// paid returns a payment event that shows amounts in centavos.
func paid(seq int64, typ, status string, value, net domain.Money) domain.Record {
	return with(ev(seq, fmt.Sprintf("10:%02d:00", seq), typ, status), func(p *domain.PaymentSnapshot) {
		p.Value, p.NetValue = domain.Some(value), domain.Some(net)
	})
}

// advance returns an anticipation event of the published sample.
func advance(seq int64, typ string) domain.Record {
	return record(
		seq,
		fmt.Sprintf("11:%02d:00", seq),
		"RECEIVABLE_ANTICIPATION_"+typ,
		domain.Snapshot{Anticipation: &domain.AnticipationSnapshot{
			ID:         domain.Some("ant-1"),
			Status:     domain.Some(typ),
			Value:      domain.Some(domain.Money(30801)),
			Fee:        domain.Some(domain.Money(564)),
			NetValue:   domain.Some(domain.Money(30237)),
			TotalValue: domain.Some(domain.Money(31000)),
		}},
	)
}

func refunds(r domain.Record, list ...domain.Refund) domain.Record {
	return with(r, func(p *domain.PaymentSnapshot) { p.Refunds = domain.Some(list) })
}

func refund(status string, value domain.Money) domain.Refund {
	return domain.Refund{CreatedAt: "2026-07-14 10:30:00", Status: status, Value: domain.Some(value)}
}

func dated(r domain.Record) domain.Record {
	return with(r, func(p *domain.PaymentSnapshot) { p.PaymentDate = domain.Some(domain.Day("2026-07-14")) })
}

func lost(r domain.Record) domain.Record {
	return with(
		r,
		func(p *domain.PaymentSnapshot) { p.Chargeback = domain.Some(domain.Chargeback{Status: "DISPUTE_LOST"}) },
	)
}

func answer(clock, status string, value, net domain.Money) domain.Record {
	return with(gatewaySnapshot(clock, status), func(p *domain.PaymentSnapshot) {
		p.Value, p.NetValue, p.Refunds = domain.Some(value), domain.Some(net), domain.Null[[]domain.Refund]()
	})
}

// written returns facts as "name.cycle account amount account amount; …", amounts in centavos.
func written(facts []domain.Fact) string {
	var all []string
	for _, f := range facts {
		line := fmt.Sprintf("%s.%d", f.Key.Name, f.Key.Cycle)
		if strings.HasPrefix(f.Key.Name, "void:") {
			line = strings.Join(strings.Split(f.Key.Name, ":")[:3], ":")
		}
		for _, l := range f.Legs {
			line += fmt.Sprintf(" %s %d", l.Account, l.Amount)
		}
		all = append(all, line)
	}
	return strings.Join(all, "; ")
}

var (
	sale    = "recognise.1 card_receivable 9801 gateway_fee 199 sales -10000"
	arrival = "credit.1 asaas_available 9801 card_receivable -9801"
)

func TestWhatEachHistoryBooks(t *testing.T) {
	confirmed, received := paid(2, "CONFIRMED", "CONFIRMED", 10000, 9801), paid(3, "RECEIVED", "RECEIVED", 10000, 9801)
	for _, c := range []struct {
		name    string
		history []domain.Record
		want    string
	}{
		{"a charge that waits moves no money", []domain.Record{paid(1, "CREATED", "PENDING", 10000, 9801)}, ""},
		{"a confirmed card is owed by the gateway", []domain.Record{confirmed}, sale},
		{"received alone proves both", []domain.Record{received}, sale + "; " + arrival},
		{"received before confirmed books the same", []domain.Record{received, confirmed}, sale + "; " + arrival},
		{
			"two configurations carry one fact",
			[]domain.Record{confirmed, paid(4, "CONFIRMED", "CONFIRMED", 10000, 9801)},
			sale,
		},
		{
			"other amounts at credit are an adjustment",
			[]domain.Record{confirmed, paid(3, "RECEIVED", "RECEIVED", 10735, 10536)},
			sale + "; adjust.1 card_receivable 735 sales -735; credit.1 asaas_available 10536 card_receivable -10536",
		},
		{"no amounts, no booking", []domain.Record{ev(2, "10:02:00", "RECEIVED", "RECEIVED")}, ""},
		{"net above value is not booked", []domain.Record{paid(2, "RECEIVED", "RECEIVED", 100, 200)}, ""},
		{
			"cash is no money at the gateway",
			[]domain.Record{paid(2, "RECEIVED", "RECEIVED_IN_CASH", 10000, 10000)},
			"cash.1 cash_drawer 10000 sales -10000",
		},
		{
			"cash undone, and cash again",
			[]domain.Record{
				paid(2, "RECEIVED", "RECEIVED_IN_CASH", 10000, 10000),
				paid(3, "RECEIVED_IN_CASH_UNDONE", "PENDING", 10000, 9801),
				paid(4, "RECEIVED", "RECEIVED_IN_CASH", 10000, 10000),
			},
			"cash.1 cash_drawer 10000 sales -10000; cash_undo.1 cash_drawer -10000 sales 10000; " +
				"cash.2 cash_drawer 10000 sales -10000",
		},
		{
			"undone proves that it was done",
			[]domain.Record{paid(3, "RECEIVED_IN_CASH_UNDONE", "PENDING", 10000, 9801)},
			"cash.1 cash_drawer 10000 sales -10000; cash_undo.1 cash_drawer -10000 sales 10000",
		},
		{
			"a refund that is not done moves nothing",
			[]domain.Record{
				received, refunds(paid(4, "REFUND_IN_PROGRESS", "REFUND_IN_PROGRESS", 10000, 9801), refund("PENDING", 10000)),
			},
			sale + "; " + arrival,
		},
		{
			"the status refunded alone moves nothing",
			[]domain.Record{received, paid(4, "REFUNDED", "REFUNDED", 10000, 9801)},
			sale + "; " + arrival,
		},
		{
			"a partial refund",
			[]domain.Record{received, refunds(paid(4, "PARTIALLY_REFUNDED", "RECEIVED", 10000, 9801), refund("DONE", 4000))},
			sale + "; " + arrival + "; refund:2026-07-14 10:30:00:4000.1 asaas_available -4000 refunds_given 4000",
		},
		{
			"two equal refunds are two",
			[]domain.Record{
				received,
				refunds(paid(4, "PARTIALLY_REFUNDED", "RECEIVED", 10000, 9801), refund("DONE", 40), refund("DONE", 40)),
			},
			sale + "; " + arrival + "; refund:2026-07-14 10:30:00:40.1 asaas_available -40 refunds_given 40; " +
				"refund:2026-07-14 10:30:00:40.2 asaas_available -40 refunds_given 40",
		},
		{
			"a refund before credit takes the receivable",
			[]domain.Record{confirmed, refunds(paid(4, "REFUNDED", "REFUNDED", 10000, 9801), refund("DONE", 10000))},
			sale + "; refund:2026-07-14 10:30:00:10000.1 card_receivable -9801 refund_fee_clearing -199 refunds_given 10000",
		},
		{
			"refunded with a payment date had been credited",
			[]domain.Record{dated(refunds(paid(4, "REFUNDED", "REFUNDED", 10000, 9801), refund("DONE", 10000)))},
			sale + "; " + arrival + "; refund:2026-07-14 10:30:00:10000.1 asaas_available -10000 refunds_given 10000",
		},
		{
			"a card authorised and let go was never paid",
			[]domain.Record{paid(2, "AUTHORIZED", "AUTHORIZED", 10000, 9801), paid(4, "REFUNDED", "REFUNDED", 10000, 9801)},
			"",
		},
		{
			"a dispute before credit holds the receivable, won gives it back",
			[]domain.Record{
				confirmed, paid(4, "CHARGEBACK_REQUESTED", "CHARGEBACK_REQUESTED", 10000, 9801),
				paid(5, "CONFIRMED", "CONFIRMED", 10000, 9801),
			},
			sale + "; chargeback.1 card_receivable -9801 chargeback_hold 9801; " +
				"chargeback_won.1 card_receivable 9801 chargeback_hold -9801",
		},
		{
			"a dispute after credit waits for the statement",
			[]domain.Record{received, dated(paid(4, "CHARGEBACK_REQUESTED", "CHARGEBACK_REQUESTED", 10000, 9801))},
			sale + "; " + arrival + "; chargeback.1 chargeback_clearing -10000 chargeback_hold 10000",
		},
		{
			"a lost dispute is a loss and no refund",
			[]domain.Record{
				confirmed, paid(4, "CHARGEBACK_DISPUTE", "CHARGEBACK_DISPUTE", 10000, 9801),
				lost(refunds(paid(5, "REFUNDED", "REFUNDED", 10000, 9801), refund("DONE", 10000))),
			},
			sale + "; chargeback.1 card_receivable -9801 chargeback_hold 9801; " +
				"chargeback_lost.1 chargeback_hold -9801 chargeback_loss 9801",
		},
		{
			"lost is known without the events of the dispute",
			[]domain.Record{confirmed, lost(paid(5, "REFUNDED", "REFUNDED", 10000, 9801))},
			sale + "; chargeback.1 card_receivable -9801 chargeback_hold 9801; " +
				"chargeback_lost.1 chargeback_hold -9801 chargeback_loss 9801",
		},
		{
			"an anticipated payment books no fee of the advance",
			[]domain.Record{confirmed, with(paid(3, "RECEIVED", "RECEIVED", 10000, 9500), func(p *domain.PaymentSnapshot) {
				p.Anticipated = domain.Some(true)
			})},
			sale + "; " + arrival,
		},
		{
			"the published sample",
			[]domain.Record{advance(1, "CREDITED")},
			"credit.1 anticipation_fee 564 anticipation_liability -30801 asaas_available 30237",
		},
		{
			"an advance is paid back by what it advanced",
			[]domain.Record{advance(1, "CREDITED"), advance(2, "DEBITED"), advance(3, "DEBITED")},
			"credit.1 anticipation_fee 564 anticipation_liability -30801 asaas_available 30237; " +
				"debit.1 anticipation_liability 30801 asaas_available -30801",
		},
		{
			"a request moves no money",
			[]domain.Record{advance(1, "PENDING"), advance(2, "SCHEDULED"), advance(3, "DENIED")},
			"",
		},
		{"value less fee that is not net is not booked", []domain.Record{func() domain.Record {
			r := advance(1, "CREDITED")
			r.Snapshot.Anticipation.Fee = domain.Some(domain.Money(565))
			return r
		}()}, ""},
	} {
		if got := written(domain.Facts(c.history)); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
	}
}

func TestTheGatewaysAnswerTakesBackWhatItDenies(t *testing.T) {
	received := paid(3, "RECEIVED", "RECEIVED", 10000, 9801)
	for _, c := range []struct {
		name    string
		history []domain.Record
		want    string
	}{
		{
			"never paid",
			[]domain.Record{received, answer("12:00:00", "PENDING", 10000, 9801)},
			sale + "; " + arrival + "; void:recognise:1 card_receivable -9801 gateway_fee -199 sales 10000; " +
				"void:credit:1 asaas_available -9801 card_receivable 9801",
		},
		{
			"not yet credited",
			[]domain.Record{received, answer("12:00:00", "CONFIRMED", 10000, 9801)},
			sale + "; " + arrival + "; void:recognise:1 card_receivable -9801 gateway_fee -199 sales 10000; " +
				"void:credit:1 asaas_available -9801 card_receivable 9801; " + strings.Replace(sale, ".1", ".2", 1),
		},
		{
			"never refunded",
			[]domain.Record{
				received, refunds(paid(4, "PARTIALLY_REFUNDED", "RECEIVED", 10000, 9801), refund("DONE", 40)),
				answer("12:00:00", "RECEIVED", 10000, 9801),
			},
			sale + "; " + arrival + "; refund:2026-07-14 10:30:00:40.1 asaas_available -40 refunds_given 40; " +
				"void:refund:2026-07-14 10 asaas_available 40 refunds_given -40",
		},
		{
			"other amounts",
			[]domain.Record{received, answer("12:00:00", "RECEIVED", 10100, 9900)},
			sale + "; " + arrival + "; adjust.1 card_receivable 99 gateway_fee 1 sales -100; " +
				"credit.2 asaas_available 99 card_receivable -99",
		},
		{
			"the gateway has no such payment",
			[]domain.Record{received, gatewaySnapshot("12:00:00", "")},
			sale + "; " + arrival + "; void:recognise:1 card_receivable -9801 gateway_fee -199 sales 10000; " +
				"void:credit:1 asaas_available -9801 card_receivable 9801",
		},
		{"none, and heard of since", []domain.Record{gatewaySnapshot("09:00:00", ""), received}, sale + "; " + arrival},
		{
			"none, and then there is one",
			[]domain.Record{received, gatewaySnapshot("12:00:00", ""), answer("13:00:00", "RECEIVED", 10000, 9801)},
			sale + "; " + arrival,
		},
		{"the same", []domain.Record{received, answer("12:00:00", "RECEIVED", 10000, 9801)}, sale + "; " + arrival},
	} {
		if got := written(domain.Facts(c.history)); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
	}
}

func TestReceivedAndDebitedTogetherMoveNoMoney(t *testing.T) {
	before := domain.Balances(domain.Facts([]domain.Record{advance(1, "CREDITED")}))[domain.AccountAvailable]
	after := domain.Balances(append(domain.Facts([]domain.Record{advance(1, "CREDITED"), advance(2, "DEBITED")}),
		domain.Facts([]domain.Record{paid(3, "RECEIVED", "RECEIVED", 31000, 30801)})...))
	if after[domain.AccountAvailable] != before || before != 30237 || after[domain.AccountAdvance] != 0 {
		t.Errorf("available was %s and is %s, owed %s", before, after[domain.AccountAvailable], after[domain.AccountAdvance])
	}
}

func TestAPlansAdvanceIsSplitToTheLastCentavo(t *testing.T) {
	even := make([]domain.Money, 12)
	for i := range even {
		even[i] = 33599 // 12 x 350.00 by card
	}
	for _, c := range []struct {
		total   domain.Money
		weights []domain.Money
		first   domain.Money
		last    domain.Money
	}{
		{403188, even, 33599, 33599},
		{9999, even, 833, 836},
		{500830, []domain.Money{250415, 250415}, 250415, 250415},
		{12345, []domain.Money{250415, 250415}, 6172, 6173},
		{100, []domain.Money{0, 0, 0}, 33, 34},
		{-100, []domain.Money{1, 1, 1}, -33, -34},
		{domain.MaxMoney, []domain.Money{domain.MaxMoney, domain.MaxMoney}, domain.MaxMoney / 2, domain.MaxMoney / 2},
	} {
		got := domain.Allocate(c.total, c.weights)
		var sum domain.Money
		for _, m := range got {
			sum += m
		}
		if sum != c.total || got[0] != c.first || got[len(got)-1] != c.last {
			t.Errorf("%s over %v: %v", c.total, c.weights, got)
		}
	}
	if got := domain.Allocate(100, nil); len(got) != 0 {
		t.Errorf("nothing to split over: %v", got)
	}
}

func TestACorrectionNamesWhatItCorrects(t *testing.T) {
	k := domain.FactKey{Subject: "pay_1", Name: "refund:2026-07-14 10:30:00:4000", Cycle: 3}
	c := k.Correction(2)
	if c.Base() != k || !c.IsCorrection() || k.IsCorrection() || k.Base() != k {
		t.Errorf("%v is of %v", c, c.Base())
	}
}
