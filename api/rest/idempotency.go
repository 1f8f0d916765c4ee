package rest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-gonic/gin"

	"patapay/api/auth"
	"patapay/api/problem"
	"patapay/domain"
	"patapay/tenants"
)

// keyed marks an operation that is refused without an Idempotency-Key.
const keyed = "keyed"

// RequireIdempotencyKey returns op with an Idempotency-Key that it cannot do without: doing it twice
// would be seen.
func RequireIdempotencyKey(op huma.Operation) huma.Operation {
	if op.Metadata == nil {
		op.Metadata = map[string]any{}
	}
	op.Metadata[keyed] = true
	return op
}

// takesKey tells whether requests of op may be repeated under a key: every POST that asks
// who is there. Logging in has no owner to keep an answer for.
func takesKey(op *huma.Operation) bool { return op.Method == http.MethodPost && len(op.Security) > 0 }

// keyParameter describes the header in the document.
func keyParameter(op huma.Operation) *huma.Param {
	least, most := 1, 255
	return &huma.Param{
		Name:     idempotencyKey,
		In:       "header",
		Required: op.Metadata[keyed] != nil,
		Description: "Your name of this request, kept 24 h: a repeat gets the first answer, with Idempotency-Replayed: " +
			"true, and nothing is done again. A request that was refused did nothing and may be repeated.",
		Schema: &huma.Schema{Type: "string", MinLength: &least, MaxLength: &most},
	}
}

const idempotencyKey = "Idempotency-Key"

// idempotent runs a request that carries an Idempotency-Key, unless it ran before: then the first
// answer is given again (docs/api-guide.md, writing). Only an answer of success is kept: whatever
// was refused or failed did nothing that a repeat would do twice.
func (s *Service) idempotent(ctx huma.Context, next func()) error {
	c, op := humagin.Unwrap(ctx), ctx.Operation()
	key, given := c.GetHeader(idempotencyKey), len(c.Request.Header.Values(idempotencyKey)) > 0
	switch {
	case !takesKey(op) || !given && op.Metadata[keyed] == nil:
		next()
		return nil
	case !given:
		return &problem.Error{
			Code:   "idempotency_key_required",
			Fields: []problem.Field{{Parameter: idempotencyKey, Code: "required"}},
		}
	case len(c.Request.Header.Values(idempotencyKey)) > 1 || len(key) > 255 || !plainKey(key):
		return &problem.Error{Code: "malformed", Fields: []problem.Field{{Parameter: idempotencyKey, Code: "wrong_format"}}}
	}
	_ = ctx.SetReadDeadline(time.Now().Add(5 * time.Second)) // as for every body
	body, err := io.ReadAll(io.LimitReader(c.Request.Body, op.MaxBodyBytes+1))
	if err != nil {
		return &problem.Error{Code: "malformed", Err: err}
	}
	c.Request.Body = io.NopCloser(bytes.NewReader(body))
	in, err := s.ownersTransaction(c.Request.Context())
	if domain.CodeOf(err) == domain.NotFound { // of a clinic that is no more: the operation says so
		next()
		return nil
	}
	if err != nil {
		return err
	}
	a := tenants.Attempt{
		Owner: owner(CallerOf(c.Request.Context()).Principal), Key: sha256.Sum256([]byte(key)),
		Request: sha256.Sum256([]byte(c.Request.Method + " " + c.Request.URL.RequestURI() + "\n" + string(body))),
	}
	return s.attempt(c, a, in, next)
}

func (s *Service) attempt(c *gin.Context, a tenants.Attempt, in Transaction, next func()) error {
	var before tenants.Earlier
	err := in(c.Request.Context(), func(tx *tenants.Tx) (err error) {
		before, err = tx.Attempt(a, s.Vault, s.Instant())
		return err
	})
	switch {
	case err != nil:
		return err
	case before.Other:
		return &problem.Error{
			Code:   "idempotency_key_reused",
			Fields: []problem.Field{{Parameter: idempotencyKey, Code: "invalid"}},
		}
	case before.Running:
		return &problem.Error{Code: "idempotency_in_progress", RetryAfter: time.Second}
	case before.Answer != nil:
		return repeat(c, before.Answer)
	}
	s.run(c, a, in, next)
	return nil
}

// run answers the request and keeps the answer before it is sent; whoever has seen it can
// have it again.
func (s *Service) run(c *gin.Context, a tenants.Attempt, in Transaction, next func()) {
	sent, held := c.Writer, &heldWriter{ResponseWriter: c.Writer, status: http.StatusOK}
	c.Writer = held
	ctx := context.WithoutCancel(c.Request.Context()) // the caller may hang up; the work is done
	answered := false
	defer func() {
		c.Writer = sent
		if !answered { // a panic passes by
			_ = in(ctx, func(tx *tenants.Tx) error { return tx.Forget(a) })
		}
	}()
	next()
	answered = true
	if err := in(ctx, func(tx *tenants.Tx) error { return s.keep(tx, a, held) }); err != nil {
		s.Log.WarnContext(ctx, "answer to an idempotency key not kept", "err", err)
	}
	held.send()
}

func (s *Service) keep(tx *tenants.Tx, a tenants.Attempt, held *heldWriter) error {
	if held.status < 200 || held.status > 299 {
		return tx.Forget(a)
	}
	text, err := json.Marshal(held.answer())
	if err != nil {
		return err
	}
	return tx.KeepAnswer(a, text, s.Vault)
}

// keptAnswer is what is kept of an answer.
type keptAnswer struct {
	Status int         `json:"status"`
	Header http.Header `json:"header"`
	Body   []byte      `json:"body"`
}

// keptHeaders are those that belong to the answer, not to one request for it.
var keptHeaders = []string{"Content-Type", "Content-Language", "Location", "Etag", "Link"}

func repeat(c *gin.Context, text []byte) error {
	var k keptAnswer
	if err := json.Unmarshal(text, &k); err != nil {
		return err
	}
	for _, name := range keptHeaders {
		if v := k.Header.Get(name); v != "" {
			c.Header(name, v)
		}
	}
	c.Header("Idempotency-Replayed", "true")
	c.Status(k.Status)
	_, err := c.Writer.Write(k.Body)
	return err
}

// heldWriter holds an answer back until it is kept.
type heldWriter struct {
	gin.ResponseWriter
	status  int
	written bool
	body    bytes.Buffer
}

// WriteHeader notes the status.
func (w *heldWriter) WriteHeader(status int) { w.status, w.written = status, true }

// WriteHeaderNow notes that the answer has begun.
func (w *heldWriter) WriteHeaderNow() { w.written = true }

// Write adds to the answer.
func (w *heldWriter) Write(p []byte) (int, error) {
	w.written = true
	return w.body.Write(p)
}

// WriteString adds to the answer.
func (w *heldWriter) WriteString(text string) (int, error) { return w.Write([]byte(text)) }

// Status returns the status so far.
func (w *heldWriter) Status() int { return w.status }

// Size returns how many bytes of the body there are.
func (w *heldWriter) Size() int { return w.body.Len() }

// Written tells whether the answer has begun.
func (w *heldWriter) Written() bool { return w.written }

func (w *heldWriter) answer() keptAnswer {
	k := keptAnswer{Status: w.status, Header: http.Header{}, Body: w.body.Bytes()}
	for _, name := range keptHeaders {
		if v := w.Header().Get(name); v != "" {
			k.Header.Set(name, v)
		}
	}
	return k
}

func (w *heldWriter) send() {
	w.ResponseWriter.WriteHeader(w.status)
	_, _ = w.ResponseWriter.Write(w.body.Bytes())
}

// ownersTransaction returns where the caller's keys are kept: in the clinic of the token.
func (s *Service) ownersTransaction(ctx context.Context) (Transaction, error) {
	who := CallerOf(ctx)
	if who.Platform {
		return s.DB.Platform, nil
	}
	id, external, ok := parseTenant(who.Tenant)
	if !ok {
		return nil, domain.Errorf(domain.NotFound, "")
	}
	c, err := s.DB.ClinicBy(ctx, id, external)
	if err != nil {
		return nil, err
	}
	if c.State == "deleted" {
		return nil, domain.Errorf(domain.NotFound, "")
	}
	return s.InClinic(c), nil
}

// owner names who holds a key: one service token, one session, or, of the platform's own
// tokens, which it makes anew as it likes, their subject.
func owner(p auth.Principal) [32]byte {
	parts := []string{p.Issuer, p.Tenant, p.Subject, p.Role}
	switch {
	case p.Issuer == auth.Name && p.Kind == auth.Service:
		parts = append(parts, p.TokenID)
	case p.Issuer == auth.Name:
		parts = append(parts, p.Session)
	}
	return sha256.Sum256([]byte(strings.Join(parts, "\x00")))
}

// plainKey tells whether text is 1 to 255 visible letters and blanks of ASCII.
func plainKey(text string) bool {
	return strings.TrimSpace(text) != "" && strings.IndexFunc(text, func(r rune) bool { return r < ' ' || r > '~' }) < 0
}
