package asaasapi

import (
	"context"
	"encoding/json"

	"patapay/domain"
)

// cardRates are the fees of a card: a fixed amount for each operation and a share by the length of
// the plan, per cent.
type cardRates struct {
	OperationValue                      json.Number
	OneInstallmentPercentage            json.Number
	UpToSixInstallmentsPercentage       json.Number
	UpToTwelveInstallmentsPercentage    json.Number
	UpToTwentyOneInstallmentsPercentage json.Number
	DefaultPercentage                   json.Number // of debit cards
}

// Fees reads what the account pays for its charges, at most: discounts that end some day are left
// out. A method of which the answer says nothing that can be read is left out too.
func (c *Client) Fees(ctx context.Context, cred Credential) (domain.Fees, error) {
	var out struct {
		Payment struct {
			BankSlip   struct{ DefaultValue json.Number }
			CreditCard cardRates
			DebitCard  cardRates
			Pix        struct {
				FixedFeeValue, PercentageFee json.Number
			}
		}
	}
	if err := c.read(ctx, cred, "/myAccount/fees", ReadAccount, &out); err != nil {
		return nil, err
	}
	p, fees := out.Payment, domain.Fees{}
	add := func(method string, fixed, single json.Number, plans ...json.Number) {
		fee, some := domain.Fee{}, false
		for to, from := range map[*domain.Money]json.Number{&fee.Fixed: fixed, &fee.Percent: single} {
			if m, err := domain.ParseMoney(from.String()); err == nil {
				*to, some = m, true
			}
		}
		for _, plan := range plans {
			if m, err := domain.ParseMoney(plan.String()); err == nil {
				fee.Plan = max(fee.Plan, m)
			}
		}
		if some {
			fees[method] = fee
		}
	}
	card := p.CreditCard
	add("BOLETO", p.BankSlip.DefaultValue, "")
	add("PIX", p.Pix.FixedFeeValue, p.Pix.PercentageFee)
	add("DEBIT_CARD", p.DebitCard.OperationValue, p.DebitCard.DefaultPercentage)
	add("CREDIT_CARD", card.OperationValue, card.OneInstallmentPercentage, card.UpToSixInstallmentsPercentage,
		card.UpToTwelveInstallmentsPercentage, card.UpToTwentyOneInstallmentsPercentage)
	return fees, nil
}
