package domaintest

import (
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"patapay/domain"
	"patapay/domain/asaas"
)

// History is one entity's life as the gateway tells it, in the order in which it
// happened.
type History struct {
	Kind            domain.Kind
	Entity          string
	Steps           []Step
	End             domain.Snapshot // the entity as the gateway has it at the end
	Back            bool            // has a legal step back
	Tie             bool            // has two events in one second
	GatewaySnapshot bool            // has an answer to a read
}

// Step is one event of a history, or one answer to a read.
type Step struct {
	Record domain.Record
	model  model
}

// model is an entity at the gateway, frozen in a step.
type model interface {
	entity() string
	fill(b *build) domain.Snapshot
}

// life is an entity at the gateway while it changes.
type life interface {
	first() string
	choose(rng *rand.Rand) turn
	apply(rng *rand.Rand, t turn, now time.Time)
}

// Env is the environment that every generated key is of.
const Env = domain.Sandbox

// New returns a history of 3 to 12 events; one in six, but for checkouts, also has answers
// to reads. Payments are three of four; the rest are checkouts and anticipations.
func New(rng *rand.Rand) History {
	w := walker{
		rng: rng,
		now: time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC).Add(time.Duration(rng.IntN(200*86400)) * time.Second),
	}
	w.seq = 9_999_900 + int64(rng.IntN(200)) // close to where a counter gains a digit
	switch n := rng.IntN(8); {
	case n < 6:
		w.h.Kind, w.life = domain.KindPayment, newPayment(rng, w.now)
	case n == 6:
		w.h.Kind, w.life = domain.KindCheckout, newCheckout(rng)
	default:
		w.h.Kind, w.life = domain.KindAnticipation, newAnticipation(rng, w.now)
	}
	asks := rng.IntN(6) == 0 && w.h.Kind != domain.KindCheckout // the gateway has no read of a checkout
	w.walk(3+rng.IntN(10), asks)
	last := w.freeze()
	w.h.Entity, w.h.End = last.entity(), last.fill(&build{})
	return w.h
}

type walker struct {
	rng  *rand.Rand
	life life
	now  time.Time
	seq  int64
	h    History
}

func (w *walker) walk(events int, asks bool) {
	w.event(w.life.first())
	for range events - 1 {
		w.pass()
		t := w.life.choose(w.rng)
		w.life.apply(w.rng, t, w.now)
		w.event(t.event)
		w.h.Back = w.h.Back || t.back
		if asks && w.rng.IntN(3) == 0 || asks && !w.h.GatewaySnapshot && len(w.h.Steps) == events {
			w.ask()
		}
	}
}

// pass lets time go by: often none that a clock of seconds shows.
func (w *walker) pass() {
	if w.rng.IntN(8) == 0 {
		w.h.Tie = true
	} else if w.rng.IntN(4) == 0 {
		w.now = w.now.Add(time.Duration(1+w.rng.IntN(3)) * time.Second)
	} else {
		w.now = w.now.Add(time.Duration(4+w.rng.IntN(30*86400)) * time.Second)
	}
	w.seq += 1 + int64(w.rng.IntN(60))
}

// freeze copies the entity as it is now.
func (w *walker) freeze() model {
	switch l := w.life.(type) {
	case *payment:
		return *l
	case *checkout:
		return *l
	case *anticipation:
		return *l
	}
	panic("a life without a model")
}

func (w *walker) event(name string) {
	id := asaas.EventID(name, w.seq)
	key, _ := asaas.EventKeyOf(Env, id, nil)
	m := w.freeze()
	w.h.Steps = append(w.h.Steps, Step{model: m, Record: domain.Record{
		Key: key, ID: id, Type: domain.EventType(name), At: asaas.LocalTimeOf(w.now),
		BodyHash: sha256.Sum256([]byte(id)), Snapshot: m.fill(&build{}),
	}})
}

// ask adds an answer to a read. In one of four the newest event was not stored when the
// read was sent, which is what makes an answer doubtful.
func (w *walker) ask() {
	w.h.GatewaySnapshot = true
	var seen []domain.EventKey
	for _, s := range w.h.Steps {
		if s.Record.GatewaySnapshot == nil {
			seen = append(seen, s.Record.Key)
		}
	}
	if w.rng.IntN(4) == 0 {
		seen = seen[:len(seen)-1]
	}
	if w.rng.IntN(2) == 0 {
		w.now = w.now.Add(time.Duration(w.rng.IntN(5)) * time.Second)
	}
	id := "truth:" + strconv.Itoa(len(w.h.Steps))
	key, _ := asaas.EventKeyOf(Env, id, nil)
	clock := asaas.LocalTimeOf(w.now)
	m := w.freeze()
	w.h.Steps = append(w.h.Steps, Step{model: m, Record: domain.Record{
		Key: key, ID: id, Type: "TRUTH", At: clock, BodyHash: sha256.Sum256([]byte(id)),
		GatewaySnapshot: &domain.GatewaySnapshot{Clock: clock, Found: true, Supersedes: seen}, Snapshot: m.fill(&build{}),
	}})
}

// Records returns the history's records in the order in which it happened. BodyHash is a
// digest of the id, not of Body.
func (h History) Records() []domain.Record {
	all := make([]domain.Record, len(h.Steps))
	for i, s := range h.Steps {
		all[i] = s.Record
	}
	return all
}

// Deliveries returns h's records as the network might hand them over: in any order, each
// one to three times.
func (h History) Deliveries(rng *rand.Rand) []domain.Record {
	all := make([]domain.Record, 0, 2*len(h.Steps))
	for _, s := range h.Steps {
		for range 1 + rng.IntN(3) {
			all = append(all, s.Record)
		}
	}
	rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all
}

// Object returns the step's entity as the gateway's JSON, the form of a REST answer.
func (s Step) Object() []byte {
	b := build{json: []byte{'{'}, writing: true}
	s.model.fill(&b)
	return append(b.json, '}')
}

// Body returns the whole delivery of the step as the gateway would post it for account,
// without the account member when account is "". An answer to a read has none.
func (s Step) Body(account string) []byte {
	r := s.Record
	if r.GatewaySnapshot != nil {
		return nil
	}
	out := fmt.Appendf(nil, `{"id":%q,"event":%q,"dateCreated":%q,`, r.ID, r.Type, r.At)
	if account != "" {
		out = fmt.Appendf(out, `"account":{"id":%q,"ownerId":null},`, account)
	}
	out = fmt.Appendf(out, `%q:`, asaas.FamilyOf(string(r.Type)))
	return append(append(out, s.Object()...), '}')
}

// String prints records one a line, for the report of a failure.
func String(records []domain.Record) string {
	var b strings.Builder
	for _, r := range records {
		status := ""
		switch s := r.Snapshot; {
		case s.Payment != nil:
			status = s.Payment.Status.V
		case s.Checkout != nil:
			status = s.Checkout.Status.V
		case s.Anticipation != nil:
			status = s.Anticipation.Status.V
		}
		fmt.Fprintf(&b, "  %s  %-10d %-38s %s", r.At, r.Key.Seq, r.Type, status)
		if r.GatewaySnapshot != nil {
			fmt.Fprintf(
				&b, "  clock %s found %t, %d superseded", r.GatewaySnapshot.Clock, r.GatewaySnapshot.Found,
				len(r.GatewaySnapshot.Supersedes),
			)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// Position returns where in the history r stands, -1 for a record of another one.
func (h History) Position(r domain.Record) int {
	for i := range h.Steps {
		if h.Steps[i].Record.Key == r.Key {
			return i
		}
	}
	return -1
}
