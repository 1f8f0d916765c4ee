// Package api is the gateway's REST API over a simulated world: its endpoints, errors, keys and limits.
package api

import (
	"io"
	"net/http"
	"strings"
	"time"

	"patapay/domain/asaas/jsonobject"
	"patapay/domain/asaas/simulator/accounts"
	"patapay/domain/asaas/simulator/webhooks"
)

// Server is the gateway's API: its endpoints, what it answers to a key, and its limits.
type Server struct {
	world    *accounts.World
	hooks    *webhooks.Sender
	quota    int           // requests of an account in 12 h
	slowness time.Duration // of a KeySlow key, in real time
	outage   outage
}

// NewServer returns the API of a world and of its webhooks. An account may make quota requests in 12 hours; a slow key
// answers after slowness.
func NewServer(world *accounts.World, hooks *webhooks.Sender, quota int, slowness time.Duration) *Server {
	return &Server{world: world, hooks: hooks, quota: quota, slowness: slowness}
}

// Routes adds the API to a URL space. A trailing slash makes no difference.
func (s *Server) Routes(mux *http.ServeMux) {
	for _, e := range endpoints {
		method, path, _ := strings.Cut(e.pattern, " ")
		handler := func(w http.ResponseWriter, r *http.Request) { s.serve(w, r, e) }
		mux.HandleFunc(method+" /v3"+path, handler)
		mux.HandleFunc(method+" /v3"+path+"/{$}", handler)
	}
}

// serve answers one API request: the content network's rule, the key, the limits, the
// permission, then the endpoint.
func (s *Server) serve(w http.ResponseWriter, r *http.Request, e endpoint) {
	w.Header().Set("Date", s.world.Clock.Now().Format(http.TimeFormat))
	if r.Method == http.MethodGet && r.ContentLength != 0 {
		edge(w, http.StatusForbidden)
		return
	}
	k, no := s.authenticate(r.Header.Get("access_token"))
	if no != nil {
		respond(w, *no)
		return
	}
	if s.misbehave(w, r, k, e) {
		return
	}
	body, err := readBody(r)
	if err != nil {
		respond(w, invalid("O corpo da requisição é inválido."))
		return
	}
	done, limited := s.admit(w, r, k.Owner)
	defer done()
	if limited {
		respond(w, refused(http.StatusTooManyRequests, "too_many_requests", "Limite de requisições excedido."))
		return
	}
	s.world.Lock()
	s.world.CatchUp()
	res := e.handle(&call{world: s.world, hooks: s.hooks, books: k.Owner, r: r, query: r.URL.Query(), body: body})
	s.world.Unlock()
	respond(w, res)
}

// readBody reads a JSON object or a multipart form; a request without a body has an empty one.
func readBody(r *http.Request) (*jsonobject.Object, error) {
	if strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/form-data") {
		if err := r.ParseMultipartForm(1 << 20); err != nil {
			return nil, err
		}
		form := &jsonobject.Object{}
		for name, values := range r.MultipartForm.Value {
			form.Set(name, values[0])
		}
		return form, nil
	}
	raw, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil || len(raw) == 0 {
		return &jsonobject.Object{}, err
	}
	return jsonobject.Parse(raw)
}
