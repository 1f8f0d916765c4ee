package client

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"
)

// API is a PataPay that a program speaks to. Each operation of the contract is a method
// named after it, ending in WithResponse; an answer that is a problem comes back as its
// error, an *Error.
type API struct {
	*ClientWithResponses
	doer   *doer
	before []RequestEditorFn
}

// Option changes what New makes.
type Option func(*API)

// Using makes the calls with c; its time limit must leave room for a long poll's 30
// seconds. Without it calls end after 60 s.
func Using(c *http.Client) Option { return func(a *API) { a.doer.http = c } }

// WithTries repeats a call that may be repeated until it was made n times; 1 never repeats.
// Without it that is 4.
func WithTries(n int) Option { return func(a *API) { a.doer.tries = max(1, n) } }

// WithLanguage asks for the texts of problems in a language, pt-BR or en; without it they
// are English, for a program's log.
func WithLanguage(tag string) Option { return func(a *API) { a.doer.language = tag } }

// Before calls fn with every request before it is made, once however often it is tried; an
// error of fn's is the call's, and nothing is asked.
func Before(fn RequestEditorFn) Option { return func(a *API) { a.before = append(a.before, fn) } }

// New returns the API at base, https://host, for the holder of token: a service token, or
// any other that PataPay believes; "" for calls that need none, such as a login. It asks
// nothing yet. A base that is no URL with a host
// fails.
func New(base, token string, options ...Option) (*API, error) {
	u, err := url.Parse(base)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return nil, errors.New("patapay: the base URL is https://host")
	}
	a := &API{doer: &doer{http: &http.Client{Timeout: time.Minute}, token: token, tries: 4, language: "en", pause: pause}}
	for _, option := range options {
		option(a)
	}
	edit := []ClientOption{WithHTTPClient(a.doer)}
	for _, fn := range a.before {
		edit = append(edit, WithRequestEditorFn(fn))
	}
	a.ClientWithResponses, err = NewClientWithResponses(base, edit...)
	return a, err
}

// pause waits, or ends with ctx.
func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
