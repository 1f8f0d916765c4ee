package gateway

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"time"

	"patapay/domain"
)

// Anticipations reads the advances of a status, all for "", newest first, and the gateway's
// clock of the first page. The gateway has no filter by date.
func (c *Client) Anticipations(ctx context.Context, cred Credential, status string) ([]Object, time.Time, error) {
	query := url.Values{}
	if status != "" {
		query.Set("status", status)
	}
	return c.objects(ctx, cred, "/anticipations", query, readAnticipations, maxPaymentPages)
}

// Quote is what an advance on one charge would cost. Nothing is asked for by it.
type Quote struct {
	Total     domain.Money // centavos, of the charge
	Value     domain.Money // centavos, less the charge's own fee
	Fee       domain.Money // centavos, of the advance
	Net       domain.Money // centavos: what would be credited
	Days      int
	Credit    domain.Day // when it would be
	Due       domain.Day // when the charge itself would be credited
	Documents bool       // an invoice or a contract would have to be sent
}

// SimulateAnticipation asks what an advance on a charge would cost. It fails with
// asaas_error for a charge that cannot be anticipated.
func (c *Client) SimulateAnticipation(ctx context.Context, cred Credential, payment string) (q Quote, err error) {
	res, err := c.do(ctx, cred, request{method: http.MethodPost, path: "/anticipations/simulate", permission: readAnticipations, body: map[string]string{"payment": payment}})
	if err != nil {
		return q, err
	}
	var raw struct {
		TotalValue, Value, Fee, NetValue json.Number
		AnticipationDays                 int
		AnticipationDate, DueDate        domain.Day
		IsDocumentationRequired          bool
	}
	if err := decode(res, &raw); err != nil {
		return q, err
	}
	q = Quote{Days: raw.AnticipationDays, Credit: raw.AnticipationDate, Due: raw.DueDate, Documents: raw.IsDocumentationRequired}
	err = exactly(amount{raw.TotalValue, &q.Total}, amount{raw.Value, &q.Value}, amount{raw.Fee, &q.Fee}, amount{raw.NetValue, &q.Net})
	return q, err
}

// Limit is how much may be anticipated of one kind of charge, and how much of that is left,
// in centavos.
type Limit struct{ Total, Available domain.Money }

// AnticipationLimits reads the limits for cards and for boletos.
func (c *Client) AnticipationLimits(ctx context.Context, cred Credential) (card, slip Limit, err error) {
	var raw struct {
		CreditCard, BankSlip struct{ Total, Available json.Number }
	}
	if err = c.read(ctx, cred, "/anticipations/limits", readAnticipations, &raw); err != nil {
		return card, slip, err
	}
	err = exactly(amount{raw.CreditCard.Total, &card.Total}, amount{raw.CreditCard.Available, &card.Available},
		amount{raw.BankSlip.Total, &slip.Total}, amount{raw.BankSlip.Available, &slip.Available})
	return card, slip, err
}
