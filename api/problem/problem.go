// Package problem turns errors into answers: RFC 9457 `application/problem+json`, in
// Portuguese or English. Its one rule: an answer tells the caller what to do and never
// repeats a value the caller sent, because that value may be a key.
package problem

import (
	"context"
	"errors"
	"math"
	"net/http"
	"strconv"
	"time"

	"patapay/domain"
)

// Problem is the body of every answer that is an error (RFC 9457, section 3, and ours).
type Problem struct {
	Type      string    `json:"type" doc:"Page that explains the error" example:"/docs/erros/chave-ambiente"`
	Title     string    `json:"title" doc:"The kind of error in a few words"`
	Status    int       `json:"status" doc:"The HTTP status again"`
	Detail    string    `json:"detail,omitempty" doc:"What is wrong this time and what to do"`
	Instance  string    `json:"instance,omitempty" doc:"Path of the request"`
	Code      string    `json:"code" doc:"Stable name of the error" example:"not_found"`
	RequestID string    `json:"requestId,omitempty" doc:"Name it to the support"`
	Retryable bool      `json:"retryable" doc:"Whether the same request may succeed later"`
	Errors    []Field   `json:"errors,omitempty" doc:"What is wrong in the request, place by place"`
	Upstream  *Upstream `json:"upstream,omitempty" doc:"What Asaas answered"`
	Scope     string    `json:"scope,omitempty" doc:"The scope that the token or the role lacks"`

	ServiceTokens []HeldToken `json:"serviceTokens,omitempty" doc:"Tokens of programs that somebody has to decide about"`

	Challenge *Challenge `json:"challenge,omitempty" doc:"A login that waits for its second factor: POST /v1/auth/login/factor"`

	kind   kind
	cause  error
	chosen bool // Detail is this failure's own, not its kind's
}

// Field is one place of the request that is wrong. It names the place, not its value.
type Field struct {
	Pointer   string `json:"pointer,omitempty" doc:"JSON pointer into the body (RFC 6901)" example:"/apiKey"`
	Parameter string `json:"parameter,omitempty" doc:"Name of the path, query or header parameter"`
	Code      string `json:"code" example:"required"`
	Detail    string `json:"detail,omitempty"`

	Allowed []string `json:"allowed,omitempty" doc:"What stands here instead: values, parameters or members; new ones may come"`

	form string // bound or form of what is allowed, for the sentence
}

// Error returns the place and the code, so that a Field may be returned by a resolver.
func (f *Field) Error() string { return f.Pointer + f.Parameter + ": " + f.Code }

// Upstream is the safe part of the gateway's answer.
type Upstream struct {
	Status int    `json:"status"`
	Code   string `json:"code,omitempty"`
}

// HeldToken is a program's token that a person answers for: whoever ends their access says what becomes of it.
type HeldToken struct {
	ID         string     `json:"id"`
	Name       string     `json:"name"`
	ExpiresAt  time.Time  `json:"expiresAt"`
	LastUsedAt *time.Time `json:"lastUsedAt" doc:"To the minute; null: never"`
}

// Challenge is a login whose password was right and whose second factor is waited for.
type Challenge struct {
	Token     string    `json:"token" doc:"For POST /v1/auth/login/factor, with a code or a passkey"`
	ExpiresAt time.Time `json:"expiresAt"`
	Passkey   bool      `json:"passkey" doc:"The person has one: POST /v1/auth/login/passkey says what the browser is asked for"`
}

// Error is a failure that has more to say than a domain.Error: a code of its own from the
// table of kinds, places in the request, the gateway's answer, a time to wait. An empty
// Detail is the kind's. Err is only logged.
type Error struct {
	Code       string
	Detail     string
	Fields     []Field
	Upstream   *Upstream
	Scope      string        // that the caller lacks; "" none
	Tokens     []HeldToken   // to be decided about
	Challenge  *Challenge    // of a login that waits for its second factor; nil: none
	RetryAfter time.Duration // 0: not told; else rounded up to whole seconds
	Err        error
}

// Error returns code, detail and cause, for logs.
func (e *Error) Error() string {
	text := e.Code
	if e.Detail != "" {
		text += ": " + e.Detail
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// GetHeaders returns Retry-After when there is a time to wait; huma asks for it.
func (e *Error) GetHeaders() http.Header {
	h := http.Header{}
	if e.RetryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(int(math.Ceil(e.RetryAfter.Seconds()))))
	}
	return h
}

// Error, GetStatus and ContentType make a Problem what huma expects of an error.
func (p *Problem) Error() string { return p.Code + ": " + p.Detail }

// GetStatus returns the HTTP status.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType returns application/problem+json whatever was asked for.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// From returns the problem that err is, in Portuguese, without instance and request id:
// an *Error by its code, a *domain.Error by its, a missed deadline as unavailable, any
// other as internal, whose text nobody sees.
func From(err error) *Problem {
	var ours *Error
	var plain *domain.Error
	var done *Problem
	switch {
	case errors.As(err, &done):
		return done
	case errors.As(err, &ours):
		p := kindOf(ours.Code).problem(err, ours.Detail)
		p.Errors, p.Upstream, p.Scope, p.ServiceTokens = ours.Fields, ours.Upstream, ours.Scope, ours.Tokens
		p.Challenge = ours.Challenge
		return p
	case errors.As(err, &plain) && plain.Code != domain.Internal:
		return kindOf(string(plain.Code)).problem(err, plain.Detail)
	case errors.Is(err, context.DeadlineExceeded):
		return kindOf(string(domain.Unavailable)).problem(err, "")
	}
	return kindOf(string(domain.Internal)).problem(err, "")
}

// in fills what depends on the request.
func (p *Problem) in(lang language, path, requestID string) *Problem {
	p.Title = p.kind.title[lang]
	if !p.chosen {
		p.Detail = p.kind.detail[lang]
	}
	p.Instance, p.RequestID = path, requestID
	for i, f := range p.Errors {
		if texts, known := fieldTexts[f.Code]; known && f.Detail == "" {
			p.Errors[i].Detail = texts[lang] + f.allowed(lang)
		}
	}
	return p
}
