package api

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"patapay/domain/asaas/simulator/accounts"
)

// authenticate finds the key, or returns one of the four 401 answers.
func (s *Server) authenticate(value string) (*accounts.Key, *answer) {
	s.world.Lock()
	defer s.world.Unlock()
	s.world.CatchUp() // the key may have expired by now
	k, known := s.world.Keys[value]
	no := func(code, description string) (*accounts.Key, *answer) {
		a := refused(http.StatusUnauthorized, code, description)
		return nil, &a
	}
	switch {
	case value == "":
		return no(
			"access_token_not_found",
			"O cabeçalho de autenticação 'access_token' é obrigatório e não foi encontrado na requisição",
		)
	case !strings.HasPrefix(value, "$aact_"), known && k.Behaviour == accounts.KeyMalformed:
		return no(
			"invalid_access_token_format",
			"O valor fornecido não parece ser uma chave de API válida do Asaas. Verifique o formato da sua chave",
		)
	case known && k.Behaviour == accounts.KeyOtherSide:
		return no("invalid_environment", "A chave de API informada não pertence a este ambiente")
	case !known, k.Behaviour == accounts.KeyRevoked:
		return no("invalid_access_token", "A chave de API fornecida é inválida")
	}
	return k, nil
}

// outage is how the whole API answers for a while, whatever the key.
type outage struct {
	behaviour accounts.Behaviour
	calls     int // left; 0: until it is changed
}

// SetAPI makes the whole API answer every key by behaviour, for so many calls, or until it
// is set again when calls is 0. KeyGood ends that.
func (s *Server) SetAPI(behaviour accounts.Behaviour, calls int) {
	s.world.Lock()
	defer s.world.Unlock()
	s.outage = outage{behaviour, calls}
}

// misbehave answers for a special key and reports whether it did.
func (s *Server) misbehave(w http.ResponseWriter, r *http.Request, k *accounts.Key, e endpoint) bool {
	s.world.Lock()
	k.Calls++
	behaviour, calls := k.Behaviour, k.Calls
	if s.outage.behaviour != accounts.KeyGood {
		behaviour = s.outage.behaviour
		if s.outage.calls--; s.outage.calls == 0 {
			s.outage = outage{}
		}
	}
	lacking := behaviour == accounts.KeyNoPermission && e.permission != "" && (k.Lacks == nil || k.Lacks[e.permission])
	s.world.Unlock()
	switch {
	case lacking:
		respond(w, refused(
			http.StatusForbidden, "insufficient_permission",
			fmt.Sprintf(
				"A chave de API fornecida não possui permissão para realizar esta operação. Permissão requerida: %s",
				e.permission,
			),
		))
	case behaviour == accounts.KeyBlockedIP:
		respond(w, refused(http.StatusForbidden, "not_allowed_ip", "O IP de origem da requisição não está autorizado."))
	case behaviour == accounts.KeyBlockedEdge:
		edge(w, http.StatusForbidden)
	case behaviour == accounts.KeyLimited:
		limit(w, 100, 42*time.Second)
		respond(w, refused(http.StatusTooManyRequests, "too_many_requests", "Limite de requisições excedido."))
	case behaviour == accounts.KeyBroken:
		edge(w, http.StatusInternalServerError)
	case behaviour == accounts.KeyFlaky && calls%2 == 1:
		edge(w, http.StatusServiceUnavailable)
	case behaviour == accounts.KeySlow:
		s.dawdle(r)
		return false
	case behaviour == accounts.KeyHuge:
		flood(w)
	case behaviour == accounts.KeyRedirected:
		http.Redirect(w, r, "https://sandbox.asaas.com/login", http.StatusFound)
	case behaviour == accounts.KeyGarbage:
		edge(w, http.StatusOK)
	default:
		return false
	}
	return true
}

// dawdle waits as long as a slow key does, or until someone gives up.
func (s *Server) dawdle(r *http.Request) {
	select {
	case <-r.Context().Done():
	case <-s.world.Context.Done():
	case <-time.After(s.slowness):
	}
}

// flood writes 100 MiB of valid-looking JSON, or until the client hangs up.
func flood(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	chunk := strings.Repeat("x", 1<<16)
	io.WriteString(w, `{"id":"`)
	for range 100 << 20 >> 16 {
		if _, err := io.WriteString(w, chunk); err != nil {
			return
		}
	}
}
