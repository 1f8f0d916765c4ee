package simulator

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"patapay/domain"
	"patapay/domain/asaas"
	"patapay/domain/asaas/jsonobject"
	"patapay/domain/asaas/simulator/accounts"
	"patapay/domain/asaas/simulator/flows"
)

// What each flow leaves of a charge of R$ 100,00, in centavos, written down by hand from
// the fees: Pix and boleto 199, a single card payment 2.99 % + 49 = 348; the cost of an
// advance, which depends on the calendar, comes off besides.
var left = map[flows.Flow]accounts.Cents{
	flows.FlowPix: 9_801, flows.FlowPixUnsolicited: 9_801, flows.FlowBoleto: 9_801,
	flows.FlowBoletoLate: 10_011, // 2.1 % on top
	flows.FlowCard:       9_652, flows.FlowCard3x: 0, flows.FlowCash: 0, flows.FlowDeleted: 0,
	flows.FlowRefund: -199, flows.FlowRefundPartial: 3_801, flows.FlowRefundCard: 0, // the fee is kept
	flows.FlowChargebackWon: 0, flows.FlowChargebackLost: 0, flows.FlowDisputeWonReceived: 9_652,
	flows.FlowDisputeLostReceived: -348,
	flows.FlowCheckoutPaid:        9_801, flows.FlowCheckoutPaidFirst: 9_801, flows.FlowCheckoutRecurrent: 0,
	flows.FlowCheckoutBoletoLate: 9_801, flows.FlowCheckoutBoletoTwice: 19_602, flows.FlowCheckoutBoletoPart: 5_801,
	flows.FlowCheckoutExpired: 0, flows.FlowCheckoutCanceled: 0,
	flows.FlowAnticipationCredited: 9_652, flows.FlowAnticipationDebited: 9_652, flows.FlowAnticipationDenied: 0,
	flows.FlowAnticipationRefunded: 0,
	flows.FlowAdvancedBoletoPaid:   9_801, flows.FlowAdvancedBoletoUnpaid: 0, flows.FlowDebitCard: 9_776, // 1.89 % + 35
	flows.FlowDisputeOpen: 0, flows.FlowCaptured: 0, flows.FlowRiskApproved: 0, flows.FlowRiskReproved: 0,
	flows.FlowDunning: 9_801, flows.FlowBoletoOverdue: 0, flows.FlowBoletoOpen: 0,
	flows.FlowTransfer: 4_801, flows.FlowTransferFailed: 9_801, flows.FlowBlocked: 6_801, flows.FlowUnblocked: 9_801,
	flows.FlowInternal:     9_301,
	flows.FlowShared:       9_801 - 1_960 - 1_000, // 20 % of the net, and ten reais
	flows.FlowBoletoViewed: 9_801, flows.FlowRefundBoleto: -199, flows.FlowRefundDenied: 9_801,
}

// reais reads an amount that may be below zero.
func reais(t *testing.T, v any) accounts.Cents {
	t.Helper()
	m, err := domain.ParseMoney(v.(json.Number).String())
	if err != nil {
		t.Fatal(err)
	}
	return accounts.Cents(m)
}

func TestStatementAndBalanceAgreeWithEveryFlowToTheCentavo(t *testing.T) {
	if len(left) != len(flows.All()) {
		t.Errorf("%d flows are reckoned, %d exist", len(left), len(flows.All()))
	}
	for _, flow := range flows.All() {
		t.Run(string(flow), func(t *testing.T) {
			a := newAPI(t, Options{})
			made := play(t, a.Simulator, a.State().Accounts[0].Account, flow)
			want := left[flow]
			for _, id := range made.Anticipations {
				if o := a.want(200, "GET", "/v3/anticipations/"+id, ""); o.Text("status") != "DENIED" {
					want -= reais(t, o.Get("fee"))
				}
			}
			if got := reais(t, a.want(200, "GET", "/v3/finance/balance", "").Get("balance")); got != want {
				t.Errorf("balance %d, want %d", got, want)
			}
			sum := accounts.Cents(0)
			for _, l := range a.statement(t) {
				sum += reais(t, l.Get("value"))
				if got := reais(t, l.Get("balance")); got != sum {
					t.Errorf("%s: balance %d behind the line, want %d", l.Text("type"), got, sum)
				}
			}
			if sum != want {
				t.Errorf("the statement's sum is %d, want %d", sum, want)
			}
		})
	}
}

// statement returns all lines, oldest first.
func (a client) statement(t *testing.T) (lines []*jsonobject.Object) {
	t.Helper()
	for _, l := range a.want(200, "GET", "/v3/financialTransactions?order=asc&limit=100", "").Get("data").([]any) {
		lines = append(lines, l.(*jsonobject.Object))
	}
	return lines
}

func TestMoneyIsCreditedOnTheDayThatItsMethodSays(t *testing.T) {
	for flow, days := range map[flows.Flow]int{flows.FlowPix: 0, flows.FlowBoleto: 1, flows.FlowCard: 32} {
		a := newAPI(t, Options{})
		p := a.want(200, "GET", "/v3/payments/"+play(t, a.Simulator, a.State().Accounts[0].Account, flow).Payments[0],
			"")
		paid, err := time.ParseInLocation(time.DateOnly, p.Text("confirmedDate"), asaas.SaoPaulo)
		if err != nil {
			t.Fatal(err)
		}
		day := paid.AddDate(0, 0, days)
		for days > 0 && slices.Contains([]time.Weekday{time.Saturday, time.Sunday}, day.Weekday()) {
			day = day.AddDate(0, 0, 1)
		}
		lines := a.statement(t)
		if want := day.Format(time.DateOnly); p.Text("creditDate") != want ||
			lines[0].Text("type") != "PAYMENT_RECEIVED" || lines[0].Text("date") != want {
			t.Errorf("%s: creditDate %s, first line %s, want PAYMENT_RECEIVED on %s", flow, p.Text("creditDate"),
				lines[0].Bytes(), want)
		}
	}
}

func TestADisputeOfReceivedMoneyStandsInTheStatement(t *testing.T) {
	for flow, want := range map[flows.Flow][]string{
		flows.FlowDisputeWonReceived:  {"PAYMENT_RECEIVED", "PAYMENT_FEE", "CHARGEBACK", "CHARGEBACK_REVERSAL"},
		flows.FlowDisputeLostReceived: {"PAYMENT_RECEIVED", "PAYMENT_FEE", "CHARGEBACK"},
		flows.FlowAnticipationRefunded: {
			"RECEIVABLE_ANTICIPATION_GROSS_CREDIT", "RECEIVABLE_ANTICIPATION_FEE",
			"RECEIVABLE_ANTICIPATION_DEBIT",
		},
	} {
		a := newAPI(t, Options{})
		play(t, a.Simulator, a.State().Accounts[0].Account, flow)
		var got []string
		for _, l := range a.statement(t) {
			got = append(got, l.Text("type"))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", flow, got, want)
		}
	}
}
