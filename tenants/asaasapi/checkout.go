package asaasapi

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"

	"patapay/domain"
)

// WriteCheckouts is the permission that the round trip needs, and nothing else does.
const WriteCheckouts = "Checkouts (escrever)"

// NewCheckout is a page to open where one item is paid, by Pix, once.
type NewCheckout struct {
	Name      string
	Value     domain.Money // centavos
	Minutes   int          // until it expires, 10 to 1440
	Reference string
	Back      string // URL of all three ways back
}

// CreateCheckout opens a payment page and returns its id. It is tried once: on
// asaas_timeout it may exist, and expires by itself.
func (c *Client) CreateCheckout(ctx context.Context, cred Credential, n NewCheckout) (string, error) {
	body := map[string]any{
		"billingTypes": []string{
			"PIX",
		},
		"chargeTypes":       []string{"DETACHED"},
		"minutesToExpire":   n.Minutes,
		"externalReference": n.Reference,
		"callback":          map[string]string{"successUrl": n.Back, "cancelUrl": n.Back, "expiredUrl": n.Back},
		"items": []any{
			map[string]any{
				"name":     n.Name,
				"quantity": 1,
				"value":    json.Number(fmt.Sprintf("%d.%02d", n.Value/100, n.Value%100)),
			},
		},
	}
	res, err := c.do(
		ctx, cred, request{method: http.MethodPost, path: "/checkouts", permission: WriteCheckouts, body: body},
	)
	if err != nil {
		return "", err
	}
	var made struct{ ID string }
	if err := decode(res, &made); err != nil {
		return "", err
	}
	if !cleanID(made.ID) {
		return "", senseless(res, nil)
	}
	return made.ID, nil
}

// CancelCheckout closes an active page. It fails with not_found when it is not the account's.
func (c *Client) CancelCheckout(ctx context.Context, cred Credential, id string) error {
	if !cleanID(id) {
		return &Error{Code: InvalidID}
	}
	res, err := c.do(
		ctx, cred,
		request{method: http.MethodPost, path: "/checkouts/" + url.PathEscape(id) + "/cancel", permission: WriteCheckouts},
	)
	if err == nil && res.status == http.StatusNotFound {
		err = &Error{Code: NotFound, Status: res.status}
	}
	return err
}
