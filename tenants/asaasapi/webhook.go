package asaasapi

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"

	"patapay/tenants/vault"
)

// Send types of a webhook, the gateway's words.
const (
	Sequentially    = "SEQUENTIALLY"
	NonSequentially = "NON_SEQUENTIALLY"
)

// APIVersion is the version of the events that we read; a configuration is made for one and
// keeps it (docs/gateway.md, webhook configurations).
const APIVersion = 3

// maxWebhooks is how many configurations an account may have (docs/gateway.md, webhook configurations).
const maxWebhooks = 10

// Webhook is one configuration as the gateway shows it.
type Webhook struct {
	ID           string   `json:"id"`
	Name         string   `json:"name"`
	URL          string   `json:"url"`
	Email        string   `json:"email"`
	Enabled      bool     `json:"enabled"`
	Interrupted  bool     `json:"interrupted"` // the queue is paused
	APIVersion   int      `json:"apiVersion"`
	HasAuthToken *bool    `json:"hasAuthToken"` // nil: not told
	SendType     string   `json:"sendType"`
	Events       []string `json:"events"`
	Penalized    *int     `json:"penalizedRequestsCount"` // failures in a row; nil: not told
}

// NewWebhook is a configuration to create. It is made enabled, not interrupted, of APIVersion.
type NewWebhook struct {
	Name, URL, Email string
	Token            vault.Secret
	SendType         string   // "" is SEQUENTIALLY
	Events           []string // the full list
}

// WebhookChange is what a PUT may change; nil members stay as they are. Events replaces
// the whole list. E-mail and version cannot be changed (docs/gateway.md, webhook configurations).
type WebhookChange struct {
	Name, URL, SendType  *string
	Enabled, Interrupted *bool
	Token                *vault.Secret
	Events               []string
}

// Webhooks reads all configurations of the account.
func (c *Client) Webhooks(ctx context.Context, cred Credential) ([]Webhook, error) {
	items, _, err := c.list(ctx, cred, "/webhooks", url.Values{}, ReadWebhooks)
	if err != nil {
		return nil, err
	}
	out := make([]Webhook, 0, len(items))
	for _, raw := range items {
		var w Webhook
		if json.Unmarshal(raw, &w) != nil || w.ID == "" {
			return nil, &Error{Code: Unexpected, Status: http.StatusOK}
		}
		out = append(out, w)
	}
	return out, nil
}

// Webhook reads one configuration. It fails with not_found when it is gone.
func (c *Client) Webhook(ctx context.Context, cred Credential, id string) (w Webhook, err error) {
	if !cleanID(id) {
		return w, &Error{Code: InvalidID}
	}
	if err = c.read(ctx, cred, "/webhooks/"+id, ReadWebhooks, &w); err == nil && w.ID != id {
		err = errAnother
	}
	return w, err
}

// CreateWebhook makes a configuration and returns it as the gateway shows it. It is tried
// once: on asaas_timeout it may exist, so look for its URL before trying again. It fails
// with webhook_limit when the account has 10 already.
func (c *Client) CreateWebhook(ctx context.Context, cred Credential, w NewWebhook) (Webhook, error) {
	if w.SendType == "" {
		w.SendType = Sequentially
	}
	body := map[string]any{
		"name": w.Name, "url": w.URL, "email": w.Email, "enabled": true, "interrupted": false,
		"apiVersion": APIVersion, "authToken": w.Token.Reveal(), "sendType": w.SendType, "events": w.Events,
	}
	made, err := c.write(ctx, cred, http.MethodPost, "/webhooks", body)
	if failed, ok := err.(*Error); ok && failed.Status == http.StatusBadRequest {
		// the gateway's code is the same for every refusal, so the count decides
		if all, listErr := c.Webhooks(ctx, cred); listErr == nil && len(all) >= maxWebhooks {
			failed.Code = WebhookLimit
		}
	}
	return made, err
}

// UpdateWebhook changes a configuration and returns it as the gateway shows it. Repeating
// it is safe. It fails with not_found when it is gone.
func (c *Client) UpdateWebhook(ctx context.Context, cred Credential, id string, change WebhookChange) (Webhook, error) {
	if !cleanID(id) {
		return Webhook{}, &Error{Code: InvalidID}
	}
	return c.write(ctx, cred, http.MethodPut, "/webhooks/"+id, change.body())
}

func (w WebhookChange) body() map[string]any {
	body := map[string]any{}
	put := func(name string, value any, given bool) {
		if given {
			body[name] = value
		}
	}
	put("name", w.Name, w.Name != nil)
	put("url", w.URL, w.URL != nil)
	put("sendType", w.SendType, w.SendType != nil)
	put("enabled", w.Enabled, w.Enabled != nil)
	put("interrupted", w.Interrupted, w.Interrupted != nil)
	put("events", w.Events, w.Events != nil)
	if w.Token != nil {
		body["authToken"] = w.Token.Reveal()
	}
	return body
}

// write makes a change whose answer is a webhook.
func (c *Client) write(ctx context.Context, cred Credential, method, path string, body any) (Webhook, error) {
	res, err := c.do(ctx, cred, request{method: method, path: path, permission: WriteWebhooks, body: body})
	if err != nil {
		return Webhook{}, err
	}
	var out Webhook
	if err := decode(res, &out); err != nil {
		return Webhook{}, err
	}
	if out.ID == "" {
		return Webhook{}, senseless(res, nil)
	}
	return out, nil
}

// DeleteWebhook removes a configuration; one that is gone already is no failure.
func (c *Client) DeleteWebhook(ctx context.Context, cred Credential, id string) error {
	return c.act(ctx, cred, http.MethodDelete, "/webhooks/"+url.PathEscape(id), id, true)
}

// RemoveBackoff drops the penalty of a configuration: its queue tries again at once. The
// pause is lifted by UpdateWebhook. It fails with not_found when it is gone.
func (c *Client) RemoveBackoff(ctx context.Context, cred Credential, id string) error {
	return c.act(ctx, cred, http.MethodPost, "/webhooks/"+url.PathEscape(id)+"/removeBackoff", id, false)
}

func (c *Client) act(ctx context.Context, cred Credential, method, path, id string, goneIsFine bool) error {
	if !cleanID(id) {
		return &Error{Code: InvalidID}
	}
	res, err := c.do(ctx, cred, request{method: method, path: path, permission: WriteWebhooks})
	if err != nil {
		return err
	}
	if res.status == http.StatusNotFound && !goneIsFine {
		return &Error{Code: NotFound, Status: res.status}
	}
	return nil
}
