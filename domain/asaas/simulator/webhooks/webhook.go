package webhooks

import (
	"encoding/base64"
	"fmt"

	"patapay/domain/asaas"
	"patapay/domain/asaas/jsonobject"
	"patapay/domain/asaas/simulator/accounts"
)

const (
	sequentially = "SEQUENTIALLY"
	maxHooks     = 10
)

// Webhook is a configuration for AddWebhook.
type Webhook struct {
	Name, URL, Email, Token string
	Parallel                bool     // NON_SEQUENTIALLY
	Version                 int      // 2: deliveries are forms without a token; 0 is 3
	Events                  []string // nil: all 112
}

// AddWebhook configures a webhook without the API and returns its id. It fails for an
// unknown account and for what the API would refuse.
func (s *Sender) AddWebhook(accountID string, w Webhook) (string, error) {
	s.world.Lock()
	defer s.world.Unlock()
	a, err := s.world.Find(accountID)
	if err != nil {
		return "", err
	}
	body := jsonobject.Of("name", w.Name, "url", w.URL, "email", w.Email, "authToken", w.Token,
		"sendType", sequentially)
	if w.Parallel {
		body.Set("sendType", "NON_SEQUENTIALLY")
	}
	if w.Version != 0 {
		body.Set("apiVersion", w.Version)
	}
	names := []any{}
	for _, event := range w.Events {
		names = append(names, event)
	}
	if w.Events == nil {
		for _, event := range asaas.Events() {
			names = append(names, event)
		}
	}
	body.Set("events", names)
	if body.Text("name") == "" {
		body.Set("name", "simulator")
	}
	if body.Text("email") == "" {
		body.Set("email", a.Email)
	}
	h, refusal := s.CreateHook(a, body)
	if refusal != "" {
		return "", fmt.Errorf("webhook refused: %s", refusal)
	}
	return h.ID, nil
}

// Token returns the token of a webhook, which the API shows only once; "" for an unknown
// id.
func (s *Sender) Token(webhookID string) string {
	s.world.Lock()
	defer s.world.Unlock()
	for _, a := range s.world.Accounts {
		for _, h := range s.Hooks[a] {
			if h.ID == webhookID {
				return h.Token
			}
		}
	}
	return ""
}

// CreateHook makes a configuration from an API body, or says why not. The caller holds the lock.
func (s *Sender) CreateHook(a *accounts.Books, body *jsonobject.Object) (*Hook, string) {
	if len(s.Hooks[a]) >= maxHooks {
		return nil, "O limite de 10 webhooks por conta foi atingido."
	}
	h := &Hook{
		ID: s.world.UUID(), owner: a, signal: make(chan struct{}, 1), Gone: make(chan struct{}),
		settings: settings{Enabled: true}, form: fmt.Sprint(body.Get("apiVersion")) == "2",
	}
	for _, field := range []string{"name", "url", "email", "sendType", "events"} {
		if body.Get(field) == nil || body.Get(field) == "" {
			return nil, "O campo " + field + " deve ser informado."
		}
	}
	h.email = body.Text("email")
	if body.Text("authToken") == "" {
		body.Set("authToken", s.madeUpToken())
	}
	if refusal := h.Change(body); refusal != "" {
		return nil, refusal
	}
	s.Hooks[a] = append(s.Hooks[a], h)
	if s.world.Context.Err() == nil {
		s.world.Run(func() { s.send(h) })
	}
	return h, ""
}

// madeUpToken returns the token the gateway gives to a webhook that came without one.
func (s *Sender) madeUpToken() string {
	for {
		raw := make([]byte, 32)
		for i := range raw {
			raw[i] = byte(s.world.Rand.Uint32())
		}
		if token := "whsec_" + base64.RawURLEncoding.EncodeToString(raw); weakness(token) == "" {
			return token
		}
	}
}
