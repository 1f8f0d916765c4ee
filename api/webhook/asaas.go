// Package webhook is the gateway's door: it proves whose event a delivery is, stores it, and
// answers. Its one rule: 200 means durably stored or knowingly a duplicate, and nothing
// else (docs/webhook-answers.md is its specification; numbers in comments are its rows).
package webhook

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"patapay/api/problem"
	"patapay/domain"
	"patapay/domain/asaas"
	"patapay/tenants/inbox"
	"patapay/tenants/vault"
)

// Path is where the gateway posts every clinic's events; both slash spellings are served.
const Path = "/financial/gateway-payments/webhook/asaas"

// Notifier tells the workers that a clinic has pending events. It returns at once and may
// lose a notice.
type Notifier interface{ Notify(clinic domain.ClinicID) }

// Handler receives deliveries. All fields but Crash are required.
type Handler struct {
	TokenResolver *inbox.TokenResolver
	Inbox         *inbox.Inbox
	Log           *inbox.DeliveryLog
	Vault         *vault.Vault
	Bodies        *Bodies
	Notify        Notifier
	Trusted       func(netip.Addr) bool // whether an address is the gateway's; asked anew each time: hot-reloadable
	Slog          *slog.Logger
	Now           func() time.Time
	Took          func(begun time.Time) time.Duration // how long an answer took; nil: time.Since
	Watch         *Watch
	KeysFit       func() bool        // whether our secrets are those of the stored tokens; nil: they are
	Crash         func(point string) // kills the process at named points in fault tests; nil otherwise
	Within        time.Duration      // how long storing may take until the answer is 503; 0: AnswerWithin
}

// AnswerWithin is the longest that a delivery is worked on. The gateway waits 10 s: ours ends in 503 well before
// (docs/gateway.md, retries).
const AnswerWithin = 3 * time.Second

const weighAfter = 5 * time.Second // as in SQL's accept_variant

// Plain is within which time a first delivery is answered 200 without a row or a line of its own.
const Plain = inbox.Plain

// The only bodies there are: an answer never says more than its code.
var (
	received = []byte(`{"received":true}`)
	refused  = []byte(`{"received":false}`)
)

const (
	// withdrawalType stands in the place of the event's name that such a body has not.
	withdrawalType = "WITHDRAWAL_VALIDATION"
	// withdrawalAnswer fails on purpose: it approves and refuses nothing, has Asaas ask again
	// and write to the clinic (docs/webhook-answers.md, withdrawals).
	withdrawalAnswer = http.StatusServiceUnavailable
)

// Causes of a 5xx that no failed step stands for.
var (
	errKeysDoNotFit = errors.New("this process has the keys of another database")
	errNoBody       = errors.New("the body did not come whole, or found no room")
	errWithdrawal   = errors.New("a withdrawal is never approved by us")
)

// delivery is one POST on its way through the handler.
type delivery struct {
	at     time.Time
	ip     string       // the sender's address, as far as our proxies are believed
	owner  *inbox.Owner // whose token it carried; nil: nobody's
	key    domain.EventKey
	notify bool
	fresh  bool // the first delivery of its event, of a clinic whose connection is set up
	asks   bool // for the approval of a withdrawal: no delivery of an event
}

// Receive answers one delivery. It never redirects and never answers 429.
func (h *Handler) Receive(c *gin.Context) {
	d := &delivery{at: h.Now().UTC(), ip: c.ClientIP()}
	start := time.Now()
	ctx, cancel := context.WithTimeout(c.Request.Context(), cmp.Or(h.Within, AnswerWithin))
	defer cancel()
	code := h.receive(ctx, c, d)
	h.answer(c, code)
	took := time.Since(start)
	if h.Took != nil {
		took = h.Took(start)
	}
	if d.owner != nil && !d.asks { // a refusal to approve is no failure of the clinic's queue
		h.Watch.Answered(d.owner.Clinic, code, d.at)
		if !d.isPlain(code, took) {
			h.Log.Add(inbox.Delivery{Clinic: d.owner.Clinic, Key: d.key, At: d.at, Code: code, Took: took, SourceIP: d.ip})
		}
	}
	h.Watch.observe(code, took)
	if d.notify {
		h.crash("after-answer")
		h.Notify.Notify(d.owner.Clinic)
	}
}

// isPlain tells whether the stored event says all there is to say of the delivery: then it costs no row of its own.
func (d *delivery) isPlain(code int, took time.Duration) bool {
	return code == http.StatusOK && d.fresh && took < Plain
}

func (h *Handler) answer(c *gin.Context, code int) {
	body := refused
	if code == http.StatusOK {
		body = received
	}
	head := c.Writer.Header()
	head.Set("Content-Type", "application/json")
	head.Set("Content-Length", strconv.Itoa(len(body)))
	c.Writer.WriteHeader(code)
	_, _ = c.Writer.Write(body)
	if h.Crash != nil {
		c.Writer.Flush() // so that a crash after the answer comes after the answer
	}
}

// receive returns the code to answer, and leaves in d what the log needs.
func (h *Handler) receive(ctx context.Context, c *gin.Context, d *delivery) int {
	if h.KeysFit != nil && !h.KeysFit() {
		problem.NoteCause(ctx, errKeysDoNotFit)
		return http.StatusServiceUnavailable // 22: an authentic token could not be told from a wrong one
	}
	owner, err := h.TokenResolver.ByToken(ctx, c.GetHeader("asaas-access-token"), h.trusted(d.ip))
	switch {
	case err == nil && expired(owner, d.at):
		h.Watch.refused("deleted")
		return http.StatusUnauthorized // 8, after its days of grace: nothing of an ex-client is kept
	case err == nil:
		d.owner = owner
	case domain.CodeOf(err) != domain.NotFound:
		h.failed(ctx, "token", err)
		return http.StatusServiceUnavailable // 13: unknown while Postgres cannot be asked
	default:
		return h.unproved(ctx, c, d)
	}
	body, code := h.Bodies.ofClinic(ctx, c, owner.Clinic)
	if code == http.StatusRequestEntityTooLarge {
		h.Watch.TooLarge(owner.Clinic, d.at)
	}
	if code != 0 {
		problem.NoteCause(ctx, errNoBody)
		return code // 16, 17, 21
	}
	defer body.release()
	clean, hidden := asaas.HideCards(body.Bytes())
	if hidden > 0 {
		h.Watch.CardNumber(owner.Clinic, d.at)
	}
	return h.store(ctx, d, clean)
}

// expired reports whether the clinic was deleted, or disconnected, more than 14 days ago:
// until then its queue is not punished (8), afterwards its token counts as wrong.
func expired(o *inbox.Owner, now time.Time) bool {
	const grace = 14 * 24 * time.Hour
	return o.State == "deleted" && now.Sub(o.StateSince) > grace
}

// store keeps an authentic delivery and returns 200 once it is safe (1 to 8).
func (h *Handler) store(ctx context.Context, d *delivery, body []byte) int {
	a, err := h.inbound(d, body)
	if err != nil {
		h.failed(ctx, "seal", err)
		return http.StatusServiceUnavailable
	}
	d.key = a.Key
	found, err := h.Inbox.Accept(ctx, a)
	if err != nil {
		h.failed(ctx, "store", err)
		return http.StatusServiceUnavailable // 13
	}
	h.crash("after-commit")
	d.fresh = found == inbox.New && a.Type != domain.SelfCheck && d.owner.Connection == domain.ConnectionActive
	switch {
	case d.asks:
		h.Watch.Withdrawal(d.owner.Clinic, d.at)
		problem.NoteCause(ctx, errWithdrawal)
		return withdrawalAnswer // 20
	case found == inbox.Other:
		return h.variant(ctx, a, body)
	case found == inbox.New && a.Outcome == domain.Quarantined:
		h.Watch.Quarantined(d.owner.Clinic, a.Reason, d.at)
	case found == inbox.New && a.Outcome == domain.Received:
		d.notify = true
	}
	return http.StatusOK
}

// inbound parses the body once, decides what may be decided before any work, and seals it.
func (h *Handler) inbound(d *delivery, body []byte) (*inbox.InboundEvent, error) {
	env := asaas.Peek(body)
	o := d.owner
	if d.asks = env.Withdrawal != ""; d.asks {
		env.Event = withdrawalType
	}
	a := &inbox.InboundEvent{
		Clinic: o.Clinic, Type: env.Event, Kind: env.Kind, Entity: env.Entity, At: env.Created,
		Outcome: domain.Received, BodyHash: sha256.Sum256(body), ReceivedAt: d.at, SourceIP: d.ip,
	}
	a.Key, a.ID = asaas.EventKeyOf(o.Environment, env.ID, body)
	a.Notes = notes(env, a, d.at)
	decide(a, o, env)
	if o.State == "deleted" || o.Connection == domain.ConnectionDisconnected {
		a.Entity, a.Kind, a.At = "", domain.KindOther, "" // 8: id, type and hash only
		return a, nil
	}
	if o.Key == nil {
		return nil, errors.New("clinic without a data key")
	}
	sealed, err := o.Key.Seal("body", a.ID, body)
	a.Sealed = sealed
	return a, err
}

// notes returns what a person should know of the delivery, words separated by blanks. A
// misdated event loses its date here, once for all: our clock never decides later.
func notes(env asaas.Envelope, a *inbox.InboundEvent, now time.Time) string {
	var words []string
	if !env.HasAccount {
		words = append(words, "account_absent") // 4
	}
	if asaas.Misdated(a.At, now) {
		a.At = ""
		words = append(words, "misdated")
	}
	switch {
	case strings.HasPrefix(env.Malformed, "unclean_text"):
		words = append(words, "unclean_text") // readable, but for characters that Postgres refuses
	case env.Malformed != "":
		words = append(words, "malformed")
	}
	return strings.Join(words, " ")
}

// decide sets the outcome that the delivery has before anyone works on it. A suspended
// clinic's event is not held here (7) but when it is applied, under the clinic's lock: what
// is known here is up to five seconds old, and an event held after the clinic was resumed
// would wait for ever.
func decide(a *inbox.InboundEvent, o *inbox.Owner, env asaas.Envelope) {
	switch {
	case o.State == "deleted":
		a.Outcome, a.Reason = domain.NoEffect, "clinic_deleted"
	case o.Connection == domain.ConnectionDisconnected:
		a.Outcome, a.Reason = domain.NoEffect, "disconnected"
	case env.Withdrawal != "":
		a.Outcome, a.Reason = domain.NoEffect, domain.ReasonWithdrawal // 20
	case env.Ambiguous != "":
		a.Outcome, a.Reason = domain.Quarantined, "ambiguous"
	case env.HasAccount && env.Account != o.Account:
		a.Outcome, a.Reason = domain.Quarantined, "foreign_account" // 5
	}
}

// variant keeps a second body under a known id: nothing changes, and a read is asked for (6).
// The worker, who can open both, asks only if they differ in something that counts: a
// little later, when the first is applied.
func (h *Handler) variant(ctx context.Context, a *inbox.InboundEvent, body []byte) int {
	if a.Sealed == nil {
		return http.StatusOK
	}
	fresh, err := h.Inbox.Variant(ctx, a)
	if err == nil && fresh && a.Kind != domain.KindOther && a.Entity != "" {
		err = h.Inbox.RequestRead(ctx, a.Clinic, a.Kind, a.Entity, domain.ReadVariant, a.ReceivedAt.Add(weighAfter))
	}
	if err != nil {
		h.failed(ctx, "variant", err)
		return http.StatusServiceUnavailable
	}
	return http.StatusOK
}

func (h *Handler) failed(ctx context.Context, what string, err error) {
	problem.NoteCause(ctx, fmt.Errorf("%s: %w", what, err))
	h.Slog.WarnContext(ctx, "delivery not stored", "step", what, "err", err)
}

func (h *Handler) crash(point string) {
	if h.Crash != nil {
		h.Crash(point)
	}
}
