// Package docs is /docs, the pages for developers: guides, the operations of the contract, the
// errors, the events and what changed. Its one rule: what a page says of an operation, an error or
// an event is what the program answers with (the contract, the table of errors, the gateway's
// catalogue), never a second description that could say something else.
package docs

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"
	"strings"
	"sync"

	"patapay/api/problem"
)

//go:embed pages/* changelog.md
var files embed.FS

// policy lets a page load our own style and script, and nothing from anywhere else.
const policy = "default-src 'self'; style-src 'self'; object-src 'none'; " +
	"base-uri 'none'; frame-ancestors 'none'; form-action 'self'"

// site is everything the pages show, read once.
type site struct {
	contract contract
	errors   []errorPage
	events   []event
	changes  []release
	pages    *template.Template
}

// Handler serves /docs and what is below it. document is the contract, OpenAPI 3.1 in JSON;
// it is read at the first request, and what cannot be read is 500.
func Handler(document []byte) http.Handler {
	made := sync.OnceValues(func() (*site, error) { return newSite(document) })
	mux := http.NewServeMux()
	page := func(pattern string, show func(*site, *http.Request) (view, bool)) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			s, err := made()
			if err != nil {
				http.Error(w, "the contract cannot be read", http.StatusInternalServerError)
				return
			}
			s.answer(w, r, show)
		})
	}
	page("GET /docs", (*site).front)
	page("GET /docs/{$}", (*site).front)
	page("GET /docs/operacoes/{id}", (*site).operation)
	page("GET /docs/erros", (*site).errorList)
	page("GET /docs/erros/{slug}", (*site).error)
	page("GET /docs/eventos", (*site).eventList)
	page("GET /docs/eventos/{type}", (*site).event)
	page("GET /docs/mudancas", (*site).changelog)
	page("GET /docs/envios", (*site).push)
	page("GET /docs/guias", (*site).guideList)
	page("GET /docs/guias/{slug}", (*site).guide)
	page("GET /docs/", func(*site, *http.Request) (view, bool) { return view{}, false })
	mux.HandleFunc("GET /docs/docs.css", asset("pages/docs.css", "text/css; charset=utf-8"))
	mux.HandleFunc("GET /docs/docs.js", asset("pages/docs.js", "text/javascript; charset=utf-8"))
	return mux
}

func newSite(document []byte) (*site, error) {
	s := &site{errors: errorPages(), events: eventCatalogue()}
	var err error
	if s.contract, err = parse(document); err != nil {
		return nil, err
	}
	raw, err := files.ReadFile("changelog.md")
	if err != nil {
		return nil, err
	}
	s.changes = releases(string(raw))
	functions := template.FuncMap{"lower": strings.ToLower, "join": strings.Join, "parts": backticked}
	s.pages, err = template.New("").Funcs(functions).ParseFS(files, "pages/*.html")
	return s, err
}

// part is a stretch of a text; in the contract's descriptions code stands between backticks.
type part struct {
	Text string
	Code bool
}

func backticked(text string) (parts []part) {
	for i, stretch := range strings.Split(text, "`") {
		parts = append(parts, part{stretch, i%2 == 1})
	}
	return parts
}

// view is one page: which template, and what it shows.
type view struct {
	Title   string
	Page    string // template
	English bool
	Query   string
	Groups  []group // the index at the left
	Data    any
}

func (s *site) answer(w http.ResponseWriter, r *http.Request, show func(*site, *http.Request) (view, bool)) {
	secure(w.Header())
	v, found := show(s, r)
	status := http.StatusOK
	if !found {
		v, status = view{Title: "Página não encontrada", Page: "missing"}, http.StatusNotFound
	}
	v.Groups = s.contract.groups
	var b bytes.Buffer
	if err := s.pages.ExecuteTemplate(&b, "layout", v); err != nil {
		http.Error(w, "the page cannot be made", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes())
}

// front is the first page, or what a search found.
func (s *site) front(r *http.Request) (view, bool) {
	q := strings.TrimSpace(r.URL.Query().Get("q"))
	if q == "" {
		return view{Title: "API do PataPay", Page: "front", Data: s}, true
	}
	return view{Title: "Busca", Page: "found", Query: q, Data: s.search(q)}, true
}

func (s *site) operation(r *http.Request) (view, bool) {
	for _, g := range s.contract.groups {
		for _, op := range g.Operations {
			if op.ID == r.PathValue("id") {
				return view{Title: op.Method + " " + op.Path, Page: "operation", Data: op}, true
			}
		}
	}
	return view{}, false
}

// Groups, Errors, Events and Changes are what the front page counts.
func (s *site) Groups() []group { return s.contract.groups }

// Errors returns the catalogue of errors.
func (s *site) Errors() []errorPage { return s.errors }

// Events returns the catalogue of events.
func (s *site) Events() []event { return s.events }

func (s *site) changelog(*http.Request) (view, bool) {
	return view{Title: "Mudanças do contrato", Page: "changelog", Data: s.changes}, true
}

func secure(h http.Header) {
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cache-Control", "no-cache")
	h.Set("Vary", "Accept-Language")
}

func asset(name, contentType string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		raw, err := files.ReadFile(name)
		if err != nil {
			http.Error(w, "not found", http.StatusNotFound)
			return
		}
		secure(w.Header())
		w.Header().Set("Content-Type", contentType)
		_, _ = w.Write(raw)
	}
}

// english tells which language the reader of a page of the catalogue prefers.
func english(r *http.Request) bool { return problem.English(r.Header.Get("Accept-Language")) }
