package simulator

import (
	"encoding/base64"
	"fmt"

	"patapay/domain/asaas"
	"patapay/domain/asaas/jsonobject"
)

const (
	sequentially = "SEQUENTIALLY"
	maxHooks     = 10
)

// Webhook is a configuration for AddWebhook.
type Webhook struct {
	Name, URL, Email, Token string
	Parallel                bool     // NON_SEQUENTIALLY
	Events                  []string // nil: all 112
}

// AddWebhook configures a webhook without the API and returns its id. It fails for an
// unknown account and for what the API would refuse.
func (s *Sender) AddWebhook(accountID string, w Webhook) (string, error) {
	s.world.Lock()
	defer s.world.Unlock()
	a, err := s.world.find(accountID)
	if err != nil {
		return "", err
	}
	body := jsonobject.Of("name", w.Name, "url", w.URL, "email", w.Email, "authToken", w.Token, "sendType", sequentially)
	if w.Parallel {
		body.Set("sendType", "NON_SEQUENTIALLY")
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
	h, refusal := s.createHook(a, body)
	if refusal != "" {
		return "", fmt.Errorf("webhook refused: %s", refusal)
	}
	return h.id, nil
}

// Token returns the token of a webhook, which the API shows only once; "" for an unknown
// id.
func (s *Sender) Token(webhookID string) string {
	s.world.Lock()
	defer s.world.Unlock()
	for _, a := range s.world.accounts {
		for _, h := range s.hooks[a] {
			if h.id == webhookID {
				return h.token
			}
		}
	}
	return ""
}

// createHook makes a configuration from an API body, or says why not. The caller holds the lock.
func (s *Sender) createHook(a *books, body *jsonobject.Object) (*hook, string) {
	if len(s.hooks[a]) >= maxHooks {
		return nil, "O limite de 10 webhooks por conta foi atingido."
	}
	h := &hook{id: s.world.uuid(), owner: a, wake: make(chan struct{}, 1), gone: make(chan struct{}), settings: settings{enabled: true}}
	for _, field := range []string{"name", "url", "email", "sendType", "events"} {
		if body.Get(field) == nil || body.Get(field) == "" {
			return nil, "O campo " + field + " deve ser informado."
		}
	}
	h.email = body.Text("email")
	if body.Text("authToken") == "" {
		body.Set("authToken", s.madeUpToken())
	}
	if refusal := h.change(body); refusal != "" {
		return nil, refusal
	}
	s.hooks[a] = append(s.hooks[a], h)
	if s.world.ctx.Err() == nil {
		s.world.run(func() { s.send(h) })
	}
	return h, ""
}

// madeUpToken returns the token the gateway gives to a webhook that came without one.
func (s *Sender) madeUpToken() string {
	for {
		raw := make([]byte, 32)
		for i := range raw {
			raw[i] = byte(s.world.rand.Uint32())
		}
		if token := "whsec_" + base64.RawURLEncoding.EncodeToString(raw); weakness(token) == "" {
			return token
		}
	}
}
