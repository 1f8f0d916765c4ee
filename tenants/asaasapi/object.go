package asaasapi

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// The permissions of a key that calls need, in the words of the key form.
const (
	ReadPayments      = "Cobranças (ler)"
	ReadAnticipations = "Antecipações (ler)"
	ReadWebhooks      = "Webhooks (ler)"
	WriteWebhooks     = "Webhooks (escrever)"
	ReadAccount       = "Minha conta (ler)"
)

// Object is the gateway's own word on one of its objects.
type Object struct {
	Body  []byte    // the raw JSON object; nil when not found
	Clock time.Time // the answer's Date header, UTC, to the second
	Found bool      // false: the gateway answered 404, which is also its answer for other accounts' ids
}

// Payment reads a charge by its gateway id.
func (c *Client) Payment(ctx context.Context, cred Credential, id string) (Object, error) {
	return c.object(ctx, cred, "/payments/", id, ReadPayments)
}

// Anticipation reads an anticipation by its gateway id.
func (c *Client) Anticipation(ctx context.Context, cred Credential, id string) (Object, error) {
	return c.object(ctx, cred, "/anticipations/", id, ReadAnticipations)
}

// object reads one object. It fails with invalid_id for an id that cannot be part of a
// path, and with asaas_error when the answer is another object than the one asked for.
func (c *Client) object(ctx context.Context, cred Credential, path, id, permission string) (Object, error) {
	if !cleanID(id) {
		return Object{}, &Error{Code: InvalidID}
	}
	res, err := c.do(ctx, cred, request{method: http.MethodGet, path: path + id, permission: permission})
	if err != nil {
		return Object{}, err
	}
	at, err := clockOf(res)
	if err != nil || res.status == http.StatusNotFound {
		return Object{Clock: at}, err
	}
	var named struct{ ID string }
	if err := decode(res, &named); err != nil {
		return Object{}, err
	}
	if named.ID != id {
		return Object{}, senseless(res, errors.New("another object than the one asked for"))
	}
	return Object{Body: res.body, Clock: at, Found: true}, nil
}

// PaymentsOfCheckout reads the charges that belong to a checkout session: the gateway has
// no GET for the checkout itself (docs/gateway.md, checkouts). Clock is that of the
// first page; without charges the list is empty.
func (c *Client) PaymentsOfCheckout(ctx context.Context, cred Credential, session string) ([]Object, time.Time, error) {
	if !cleanID(session) {
		return nil, time.Time{}, &Error{Code: InvalidID}
	}
	query := url.Values{"checkoutSession": {session}}
	items, at, err := c.list(ctx, cred, "/payments", query, ReadPayments)
	if err != nil {
		return nil, time.Time{}, err
	}
	out := make([]Object, 0, len(items))
	for _, raw := range items {
		var named struct{ CheckoutSession string }
		if json.Unmarshal(raw, &named) != nil || named.CheckoutSession != session {
			return nil, time.Time{}, &Error{
				Code:   Unexpected,
				Status: http.StatusOK,
				Err:    errors.New("a charge of another session"),
			}
		}
		out = append(out, Object{Body: raw, Clock: at, Found: true})
	}
	return out, at, nil
}

// decode reads a 200 answer into out; 404 is not_found.
func decode(res *reply, out any) error {
	if res.status == http.StatusNotFound {
		return &Error{Code: NotFound, Status: res.status, Upstream: upstreamCode(res.body)}
	}
	if err := json.Unmarshal(res.body, out); err != nil {
		return senseless(res, errors.New("not the JSON that was expected")) // the cause could quote the body
	}
	return nil
}

func senseless(res *reply, why error) *Error {
	return &Error{Code: Unexpected, Status: res.status, Err: why}
}

// clockOf returns the answer's Date in UTC. An answer without one cannot be put in order
// and is refused.
func clockOf(res *reply) (time.Time, error) {
	at, err := http.ParseTime(res.header.Get("Date"))
	if err != nil {
		return time.Time{}, senseless(res, errors.New("no Date header"))
	}
	return at.UTC(), nil
}

// cleanID reports whether a gateway id can stand in a path as it is. Ids come from
// webhook bodies: a slash or a dot could lead the call elsewhere.
func cleanID(id string) bool {
	return id != "" && len(id) <= 100 && !strings.ContainsFunc(id, func(r rune) bool {
		return !(r == '-' || r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z')
	})
}
