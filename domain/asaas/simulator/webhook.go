package simulator

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode"

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
func (s *Simulator) AddWebhook(accountID string, w Webhook) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, err := s.find(accountID)
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
func (s *Simulator) Token(webhookID string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range s.accounts {
		for _, h := range a.hooks {
			if h.id == webhookID {
				return h.token
			}
		}
	}
	return ""
}

// createHook makes a configuration from an API body, or says why not. The caller holds s.mu.
func (s *Simulator) createHook(a *account, body *jsonobject.Object) (*hook, string) {
	if len(a.hooks) >= maxHooks {
		return nil, "O limite de 10 webhooks por conta foi atingido."
	}
	h := &hook{id: s.uuid(), owner: a, wake: make(chan struct{}, 1), gone: make(chan struct{}), settings: settings{enabled: true}}
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
	a.hooks = append(a.hooks, h)
	if s.ctx.Err() == nil {
		s.running.Add(1)
		go s.send(h)
	}
	return h, ""
}

// madeUpToken returns the token the gateway gives to a webhook that came without one.
func (s *Simulator) madeUpToken() string {
	for {
		raw := make([]byte, 32)
		for i := range raw {
			raw[i] = byte(s.rand.Uint32())
		}
		if token := "whsec_" + base64.RawURLEncoding.EncodeToString(raw); weakness(token) == "" {
			return token
		}
	}
}

// change applies the members that a PUT may carry, all or none; it returns why not.
func (h *hook) change(body *jsonobject.Object) string {
	next := h.settings
	for name, value := range body.All() {
		if refusal := next.field(name, value); refusal != "" {
			return refusal
		}
	}
	resumed := h.interrupted && !next.interrupted
	h.settings = next
	if resumed {
		h.forgive()
	}
	h.ring()
	return ""
}

func (h *settings) field(name string, value any) string {
	text, _ := value.(string)
	flag, isFlag := value.(bool)
	switch name {
	case "name":
		h.name = text
	case "url":
		h.url = text
		if u, err := url.Parse(text); err != nil || u.Host == "" {
			return "A URL informada é inválida."
		}
	case "enabled":
		h.enabled = flag || !isFlag
	case "interrupted":
		h.interrupted = flag
	case "sendType":
		h.sendType = text
		if text != sequentially && text != "NON_SEQUENTIALLY" {
			return "O tipo de envio informado é inválido."
		}
	case "authToken":
		h.token = text
		return weakness(text)
	case "events":
		return h.choose(value)
	}
	return ""
}

// choose replaces the event list; a name that does not exist is refused.
func (h *settings) choose(value any) string {
	list, _ := value.([]any)
	h.events = nil
	for _, item := range list {
		name, _ := item.(string)
		if !slices.Contains(asaas.Events(), name) {
			return fmt.Sprintf("O evento %v não existe.", item)
		}
		h.events = append(h.events, name)
	}
	slices.Sort(h.events)
	return ""
}

// weakness says why the gateway refuses a token (docs/gateway.md, webhook configurations); "" for a
// good one.
func weakness(token string) string {
	switch {
	case len(token) < 32 || len(token) > 255:
		return "O token de autenticação deve ter entre 32 e 255 caracteres."
	case strings.ContainsFunc(token, unicode.IsSpace):
		return "O token de autenticação não pode conter espaços."
	case strings.HasPrefix(token, "$aact_"):
		return "O token de autenticação não pode ser uma chave de API."
	case run(token, 5, 1), run(token, 5, -1):
		return "O token de autenticação não pode conter sequências numéricas."
	case run(token, 4, 0):
		return "O token de autenticação não pode conter caracteres repetidos."
	}
	return ""
}

// run reports whether token has n characters in a row that each differ from the one
// before by step; a step other than 0 counts digits only.
func run(token string, n, step int) bool {
	length := 1
	for i := 1; i < len(token); i++ {
		digits := token[i] >= '0' && token[i] <= '9' && token[i-1] >= '0' && token[i-1] <= '9'
		if int(token[i])-int(token[i-1]) == step && (step == 0 || digits) {
			length++
		} else {
			length = 1
		}
		if length >= n {
			return true
		}
	}
	return false
}

func (h *hook) object() *jsonobject.Object {
	events := []any{}
	for _, e := range h.events {
		events = append(events, e)
	}
	return jsonobject.Of("id", h.id, "name", h.name, "url", h.url, "email", h.email, "enabled", h.enabled,
		"interrupted", h.interrupted, "apiVersion", 3, "hasAuthToken", h.token != "", "sendType", h.sendType,
		"penalizedRequestsCount", h.penalized, "events", events)
}
