package gateway

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"

	"patapay/domain"
)

// Chargeback is a card holder's claim to have money back.
type Chargeback struct {
	ID           string
	Payment      string       // gateway id of the charge
	Plan         string       // gateway id of its plan, "" for none
	Status       string       // REQUESTED, IN_DISPUTE, DISPUTE_LOST, REVERSED, DONE or a newer word
	Dispute      string       // REQUESTED, ACCEPTED, REJECTED, "" before the clinic answered
	Reason       string       // the gateway's word
	Value        domain.Money // centavos
	Started      domain.Day   // in São Paulo
	AnswerBefore domain.Day   // the last day on which documents may be sent; "" when not told
}

// Chargebacks reads the account's disputes of a status, all for "", newest first.
func (c *Client) Chargebacks(ctx context.Context, cred Credential, status string) ([]Chargeback, error) {
	query := url.Values{}
	if status != "" {
		query.Set("status", status)
	}
	items, _, err := c.list(ctx, cred, "/chargebacks", query, readPayments)
	if err != nil {
		return nil, err
	}
	out := make([]Chargeback, 0, len(items))
	for _, raw := range items {
		found, err := chargebackOf(raw)
		if err != nil {
			return nil, err
		}
		out = append(out, found)
	}
	return out, nil
}

// ChargebackOf reads the dispute of a charge. It fails with not_found when there is none.
func (c *Client) ChargebackOf(ctx context.Context, cred Credential, payment string) (Chargeback, error) {
	if !cleanID(payment) {
		return Chargeback{}, &Error{Code: InvalidID}
	}
	var raw json.RawMessage
	if err := c.read(ctx, cred, "/payments/"+payment+"/chargeback", readPayments, &raw); err != nil {
		return Chargeback{}, err
	}
	return chargebackOf(raw)
}

func chargebackOf(raw []byte) (Chargeback, error) {
	var r struct {
		ID, Payment, Installment, Status, DisputeStatus, Reason string
		DisputeStartDate, DeadlineToSendDisputeDocuments        domain.Day
		Value                                                   json.Number
	}
	if json.Unmarshal(raw, &r) != nil || r.ID == "" {
		return Chargeback{}, &Error{Code: Unexpected, Status: http.StatusOK}
	}
	value, err := exact(r.Value)
	return Chargeback{ID: r.ID, Payment: r.Payment, Plan: r.Installment, Status: r.Status, Dispute: r.DisputeStatus, Reason: r.Reason,
		Value: value, Started: r.DisputeStartDate, AnswerBefore: r.DeadlineToSendDisputeDocuments}, err
}
