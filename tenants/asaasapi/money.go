package asaasapi

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"

	"patapay/domain"
)

// Movement is one line of an account's statement.
type Movement struct {
	ID           string       // ftn_…, the gateway's
	Value        domain.Money // signed: what went out is below zero
	Balance      domain.Money // behind this line
	Type         string       // the gateway's word, such as PAYMENT_FEE; about 130 exist
	Date         domain.Day   // in São Paulo
	Payment      string       // gateway id of the charge, "" when it concerns none
	Anticipation string       // gateway id of the advance, "" when it concerns none
	Split        string       // gateway id of the share of another wallet, "" when it is none
}

// ReadMoney is the permission to read the balance and the statement, in the words of the
// key form (unverified).
const ReadMoney = "Financeiro (ler)"

// Balance reads what the account holds now; it may be below zero. It fails with
// asaas_error for an answer without an exact amount.
func (c *Client) Balance(ctx context.Context, cred Credential) (domain.Money, error) {
	var out struct{ Balance json.Number }
	if err := c.read(ctx, cred, "/finance/balance", ReadMoney, &out); err != nil {
		return 0, err
	}
	return exact(out.Balance)
}

// Statement reads the account's movements of the days from and to, both included, oldest
// first: so a line that is written meanwhile shifts no page. Beyond a thousand lines it
// fails: ask for fewer days.
func (c *Client) Statement(ctx context.Context, cred Credential, from, to domain.Day) ([]Movement, error) {
	query := url.Values{"startDate": {string(from)}, "finishDate": {string(to)}, "order": {"asc"}}
	items, _, err := c.list(ctx, cred, "/financialTransactions", query, ReadMoney)
	if err != nil {
		return nil, err
	}
	lines := make([]Movement, 0, len(items))
	for _, raw := range items {
		line, err := movementOf(raw)
		if err != nil {
			return nil, err
		}
		lines = append(lines, line)
	}
	return lines, nil
}

func movementOf(raw []byte) (m Movement, err error) {
	var line struct {
		ID, Type, Date            string
		Value, Balance            json.Number
		PaymentID, AnticipationID string
		SplitID                   string
	}
	if json.Unmarshal(raw, &line) != nil || line.ID == "" {
		return m, &Error{Code: Unexpected, Status: http.StatusOK, Err: errors.New("a line of a statement without sense")}
	}
	m = Movement{
		ID:           line.ID,
		Type:         line.Type,
		Date:         domain.Day(line.Date),
		Payment:      line.PaymentID,
		Anticipation: line.AnticipationID,
		Split:        line.SplitID,
	}
	if m.Value, err = exact(line.Value); err == nil {
		m.Balance, err = exact(line.Balance)
	}
	return m, err
}

// exact reads an amount in reais without rounding.
func exact(n json.Number) (domain.Money, error) {
	m, err := domain.ParseMoney(n.String())
	if err != nil {
		return 0, &Error{Code: Unexpected, Status: http.StatusOK, Err: errors.New("not an exact amount")}
	}
	return m, nil
}
