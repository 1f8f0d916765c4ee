package domain_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"patapay/domain"
)

func last(r domain.Record) domain.Record {
	r.GatewaySnapshot.Last = true
	return r
}

// docs/gateway.md, what a 404 means.
func TestWhatAsaasDoesNotKnowIsAStatusOnceNoReadFollows(t *testing.T) {
	created := ev(1, "10:00:00", "CREATED", "PENDING")
	received := ev(2, "10:05:00", "RECEIVED", "RECEIVED")
	later := ev(3, "10:09:00", "OVERDUE", "OVERDUE")
	for _, c := range []struct {
		name    string
		status  domain.InvoiceStatus
		history []domain.Record
	}{
		{
			"asked once, reads follow", domain.InvoiceReceived,
			[]domain.Record{created, received, gatewaySnapshot("10:06:00", "")},
		},
		{
			"asked for the last time", domain.InvoiceNotAtAsaas,
			[]domain.Record{created, received, gatewaySnapshot("10:06:00", ""), last(gatewaySnapshot("10:07:00", ""))},
		},
		{
			"told of by an event since", domain.InvoiceOverdue,
			[]domain.Record{created, received, last(gatewaySnapshot("10:07:00", "")), later},
		},
		{
			"and asked again, but not for the last time", domain.InvoiceOverdue,
			[]domain.Record{received, last(gatewaySnapshot("10:07:00", "")), later, gatewaySnapshot("10:11:00", "")},
		},
		{
			"a person asks again", domain.InvoiceNotAtAsaas,
			[]domain.Record{received, last(gatewaySnapshot("10:07:00", "")), gatewaySnapshot("11:00:00", "")},
		},
		{
			"found after all", domain.InvoiceReceived,
			[]domain.Record{received, last(gatewaySnapshot("10:07:00", "")), gatewaySnapshot("11:00:00", "RECEIVED")},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			i, _ := domain.FoldInvoice(c.history)
			require.Equal(t, c.status, i.Status)
			if c.status == domain.InvoiceNotAtAsaas {
				require.Empty(t, i.PaidAt)
				require.False(t, i.NeedsConfirmation(), "no read would tell more")
				require.Equal(t, "RECEIVED", i.RawStatus, "Asaas's word stays as it was told")
			}
		})
	}
}

// It was read once a minute for hours, and each answer took back what the one before had taken back: 536 bookings for
// one payment.
func TestASecondAnswerThatThereIsNoSuchPaymentBooksNothing(t *testing.T) {
	history := []domain.Record{with(ev(2, "10:05:00", "RECEIVED", "RECEIVED"), func(p *domain.PaymentSnapshot) {
		p.Value, p.NetValue = domain.Some(domain.Money(12990)), domain.Some(domain.Money(12891))
	})}
	var booked []domain.Fact
	for n := range 50 {
		history = append(history, gatewaySnapshot("10:"+string(rune('1'+n/10))+string(rune('0'+n%10))+":00", ""))
		missing := domain.Missing(domain.Facts(history), booked)
		if n > 0 {
			require.Empty(t, missing, "answer %d", n+1)
		}
		booked = append(booked, missing...)
	}
	require.NotEmpty(t, booked)
	require.True(t, strings.HasPrefix(booked[len(booked)-1].Key.Name, "void:"))
	sum := domain.Money(0)
	for _, f := range booked {
		for _, l := range f.Legs {
			if l.Account == domain.AccountAvailable {
				sum += l.Amount
			}
		}
	}
	require.Zero(t, sum)
}

func TestAnAnswerWithoutAStatusConfirmsNothing(t *testing.T) {
	empty := gatewaySnapshot("10:06:00", "RECEIVED")
	empty.Snapshot.Payment.Status = domain.Opt[string]{}
	i, _ := domain.FoldInvoice([]domain.Record{ev(2, "10:05:00", "RECEIVED", "RECEIVED"), empty})
	require.Equal(t, domain.ConfirmedByWebhook, i.ConfirmedBy)
	require.True(t, i.NeedsConfirmation())
}

// An answer lists the events that no answer of an earlier second listed: what it stores does not grow with the reads.
func TestWhatAnEarlierAnswerHasSeenALaterOneNeedNotList(t *testing.T) {
	undated := ev(2, "", "RECEIVED", "RECEIVED")
	first := gatewaySnapshot("10:06:00", "PENDING", undated)
	second := gatewaySnapshot("10:08:00", "PENDING")
	i, _ := domain.FoldInvoice([]domain.Record{undated, first, second})
	require.Equal(t, domain.InvoicePending, i.Status)
	same := gatewaySnapshot("10:06:00", "PENDING")
	i, _ = domain.FoldInvoice([]domain.Record{undated, same})
	require.NotEmpty(t, i.NeedsTruth, "an answer that lists nothing has not seen what has no date")
}
