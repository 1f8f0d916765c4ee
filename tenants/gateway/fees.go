package gateway

import (
	"context"
	"encoding/json"
	"net/http"

	"patapay/domain"
)

// AccountNumber is the account as banks know it, for display.
type AccountNumber struct {
	Agency  string `json:"agency"`
	Account string `json:"account"`
	Digit   string `json:"accountDigit"`
}

// AccountNumber reads the account's number.
func (c *Client) AccountNumber(ctx context.Context, cred Credential) (n AccountNumber, err error) {
	return n, c.read(ctx, cred, "/myAccount/accountNumber", readAccount, &n)
}

// Fees is what the gateway takes of this account. Rates are texts such as 2.99, percent, as
// the gateway wrote them: they are shown, and never reckoned with; what a charge cost stands
// in the charge.
type Fees struct {
	Slip          domain.Money // centavos a paid boleto
	Pix           domain.Money // centavos a Pix; 0 when it costs a rate
	PixRate       string       // percent, "" when it costs a fixed amount
	CardOperation domain.Money // centavos a card payment, beside the rate
	CardRates     [4]string    // percent: single, 2 to 6, 7 to 12, 13 to 21 instalments
	CardDays      int          // until the credit
	AdvanceCard   string       // percent a month, of a single card payment
	AdvancePlan   string       // … of a card plan
	AdvanceSlip   string       // … of a boleto
}

// Fees reads the account's rates. It fails with asaas_error for an amount that is none.
func (c *Client) Fees(ctx context.Context, cred Credential) (f Fees, err error) {
	var raw struct {
		Payment struct {
			BankSlip   struct{ DefaultValue json.Number }
			CreditCard struct {
				OperationValue, OneInstallmentPercentage, UpToSixInstallmentsPercentage json.Number
				UpToTwelveInstallmentsPercentage, UpToTwentyOneInstallmentsPercentage   json.Number
				DaysToReceive                                                           int
			}
			Pix struct{ FixedFeeValue, PercentageFee json.Number }
		}
		Anticipation struct {
			CreditCard struct{ DetachedMonthlyFeeValue, InstallmentMonthlyFeeValue json.Number }
			BankSlip   struct{ MonthlyFeePercentage json.Number }
		}
	}
	if err := c.read(ctx, cred, "/myAccount/fees", readAccount, &raw); err != nil {
		return f, err
	}
	card, advance := raw.Payment.CreditCard, raw.Anticipation
	f = Fees{PixRate: raw.Payment.Pix.PercentageFee.String(), CardDays: card.DaysToReceive,
		CardRates:   [4]string{card.OneInstallmentPercentage.String(), card.UpToSixInstallmentsPercentage.String(), card.UpToTwelveInstallmentsPercentage.String(), card.UpToTwentyOneInstallmentsPercentage.String()},
		AdvanceCard: advance.CreditCard.DetachedMonthlyFeeValue.String(), AdvancePlan: advance.CreditCard.InstallmentMonthlyFeeValue.String(), AdvanceSlip: advance.BankSlip.MonthlyFeePercentage.String()}
	if fixed := raw.Payment.Pix.FixedFeeValue; fixed != "" {
		err = exactly(amount{fixed, &f.Pix})
	}
	if err == nil {
		err = exactly(amount{raw.Payment.BankSlip.DefaultValue, &f.Slip}, amount{card.OperationValue, &f.CardOperation})
	}
	return f, err
}

// each reads every item of a list as a T.
func each[T any](items []json.RawMessage) ([]T, error) {
	out := make([]T, len(items))
	for i, raw := range items {
		if json.Unmarshal(raw, &out[i]) != nil {
			return nil, &Error{Code: Unexpected, Status: http.StatusOK}
		}
	}
	return out, nil
}
