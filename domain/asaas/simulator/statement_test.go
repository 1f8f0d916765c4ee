package simulator

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"patapay/domain"
	"patapay/domain/asaas"
	"patapay/domain/asaas/jsonobject"
)

// What each flow leaves of a charge of R$ 100,00, in centavos, written down by hand from
// the fees: Pix and boleto 199, a single card payment 2.99 % + 49 = 348; the cost of an
// advance, which depends on the calendar, comes off besides.
var left = map[Flow]cents{
	FlowPix: 9_801, FlowPixUnsolicited: 9_801, FlowBoleto: 9_801, FlowBoletoLate: 10_011, // 2.1 % on top
	FlowCard: 9_652, FlowCard3x: 0, FlowCash: 0, FlowDeleted: 0,
	FlowRefund: -199, FlowRefundPartial: 3_801, FlowRefundCard: 0, // the fee is kept
	FlowChargebackWon: 0, FlowChargebackLost: 0, FlowDisputeWonReceived: 9_652, FlowDisputeLostReceived: -348,
	FlowCheckoutPaid: 9_801, FlowCheckoutPaidFirst: 9_801, FlowCheckoutRecurrent: 0, FlowCheckoutExpired: 0, FlowCheckoutCanceled: 0,
	FlowAnticipationCredited: 9_652, FlowAnticipationDebited: 9_652, FlowAnticipationDenied: 0, FlowAnticipationRefunded: 0,
	FlowAdvancedBoletoPaid: 9_801, FlowAdvancedBoletoUnpaid: 0, FlowDebitCard: 9_776, // 1.89 % + 35
	FlowDisputeOpen: 0, FlowCaptured: 0, FlowRiskApproved: 0, FlowRiskReproved: 0, FlowDunning: 9_801, FlowBoletoOverdue: 0, FlowBoletoOpen: 0,
	FlowTransfer: 4_801, FlowTransferFailed: 9_801, FlowBlocked: 6_801, FlowUnblocked: 9_801, FlowInternal: 9_301,
	FlowShared:       9_801 - 1_960 - 1_000, // 20 % of the net, and ten reais
	FlowBoletoViewed: 9_801, FlowRefundBoleto: -199, FlowRefundDenied: 9_801,
}

// reais reads an amount that may be below zero.
func reais(t *testing.T, v any) cents {
	t.Helper()
	m, err := domain.ParseMoney(v.(json.Number).String())
	if err != nil {
		t.Fatal(err)
	}
	return cents(m)
}

func TestStatementAndBalanceAgreeWithEveryFlowToTheCentavo(t *testing.T) {
	if len(left) != len(Flows()) {
		t.Errorf("%d flows are reckoned, %d exist", len(left), len(Flows()))
	}
	for _, flow := range Flows() {
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
			sum := cents(0)
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
func (a api) statement(t *testing.T) (lines []*jsonobject.Object) {
	t.Helper()
	for _, l := range a.want(200, "GET", "/v3/financialTransactions?order=asc&limit=100", "").Get("data").([]any) {
		lines = append(lines, l.(*jsonobject.Object))
	}
	return lines
}

func TestMoneyIsCreditedOnTheDayThatItsMethodSays(t *testing.T) {
	for flow, days := range map[Flow]int{FlowPix: 0, FlowBoleto: 1, FlowCard: 32} {
		a := newAPI(t, Options{})
		p := a.want(200, "GET", "/v3/payments/"+play(t, a.Simulator, a.State().Accounts[0].Account, flow).Payments[0], "")
		paid, err := time.ParseInLocation(time.DateOnly, p.Text("confirmedDate"), asaas.SaoPaulo)
		if err != nil {
			t.Fatal(err)
		}
		day := paid.AddDate(0, 0, days)
		for days > 0 && slices.Contains([]time.Weekday{time.Saturday, time.Sunday}, day.Weekday()) {
			day = day.AddDate(0, 0, 1)
		}
		lines := a.statement(t)
		if want := day.Format(time.DateOnly); p.Text("creditDate") != want || lines[0].Text("type") != "PAYMENT_RECEIVED" || lines[0].Text("date") != want {
			t.Errorf("%s: creditDate %s, first line %s, want PAYMENT_RECEIVED on %s", flow, p.Text("creditDate"), lines[0].Bytes(), want)
		}
	}
}

func TestADisputeOfReceivedMoneyStandsInTheStatement(t *testing.T) {
	for flow, want := range map[Flow][]string{
		FlowDisputeWonReceived:   {"PAYMENT_RECEIVED", "PAYMENT_FEE", "CHARGEBACK", "CHARGEBACK_REVERSAL"},
		FlowDisputeLostReceived:  {"PAYMENT_RECEIVED", "PAYMENT_FEE", "CHARGEBACK"},
		FlowAnticipationRefunded: {"RECEIVABLE_ANTICIPATION_GROSS_CREDIT", "RECEIVABLE_ANTICIPATION_FEE", "RECEIVABLE_ANTICIPATION_DEBIT"},
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
