package inbox

import (
	"context"
	"slices"
	"sync"
	"time"

	"patapay/domain"
	"patapay/tenants"
)

// InboundEvent is one authentic delivery, ready to be stored: parsed once, sealed, its clinic
// taken from the token alone.
type InboundEvent struct {
	Clinic     domain.ClinicID
	Key        domain.EventKey
	ID         string // whole event id, or body:<sha-256>
	Type       string
	Kind       domain.Kind
	Entity     string           // the gateway's id; "" none
	At         domain.LocalTime // "" malformed or misdated
	Outcome    domain.Outcome   // Received, Held, Quarantined or NoEffect
	Reason     string
	Notes      string // words separated by blanks: account_absent, misdated …
	BodyHash   [32]byte
	ReceivedAt time.Time // UTC
	SourceIP   string    // of the sender, for a delivery that leaves no row in the delivery log
	Sealed     []byte    // nil: no body is kept
}

// Found says what a delivery turned out to be.
type Found string

// The answers of Accept.
const (
	New   Found = "new"   // stored by this delivery
	Same  Found = "same"  // a copy of a stored one
	Other Found = "other" // the id of a stored one with another body; the first was kept
)

// heavy is from where on a row goes apart: a real one has a tenth of it.
const heavy = 64 << 10

// apartWriters is how many clinics' own statements are under way at once.
const apartWriters = 3

// Inbox stores deliveries, each event once, with shared commits: while one commit is on
// its way the next one fills, and a lone delivery goes at once. There is no timer
// (docs/architecture.md, accept).
//
// A row that is heavy, and every row of a clinic whose statement was slow, goes apart: into
// statements of that clinic alone, beside the shared ones, so that it costs nobody else's time. So
// does what a clinic sends beyond its limit while others deliver, and there it is paced: its sender waits.
type Inbox struct {
	db     *tenants.DB
	limit  *intakeLimit
	shared *lane
	apart  *lane
	aside  sync.Map // domain.ClinicID of clinics that go apart, until a statement of theirs was in time
	common sync.WaitGroup
	own    sync.WaitGroup
	stop   sync.Once

	standby standby
}

// waiter is a delivery whose sender waits. Copies of the same key in one batch hang on the
// first, since a key may stand only once in a statement.
type waiter struct {
	a      *InboundEvent
	events int             // as how many it counts: a long body as several
	paced  bool            // beyond its clinic's limit
	left   <-chan struct{} // closed when the sender waits no longer
	result chan accepted   // room for one, so that a sender who left blocks nobody
	copies []*waiter
}

type accepted struct {
	found Found
	err   error
}

// NewInbox returns an inbox on db, the ingest role's pool, and starts its writers: one of
// shared commits, since a second added nothing (bench), and a few of what goes apart. What a clinic
// delivers beyond perClinic events a second is paced while others deliver; 0: nothing is. Stop it
// with Close.
func NewInbox(db *tenants.DB, perClinic int) *Inbox {
	in := newInbox(db, perClinic)
	in.start()
	return in
}

func newInbox(db *tenants.DB, perClinic int) *Inbox {
	in := &Inbox{db: db, limit: newIntakeLimit(perClinic), shared: newLane(false), apart: newLane(true)}
	in.apart.limit = perClinic
	return in
}

func (in *Inbox) start() {
	in.common.Go(func() { in.write(in.shared, in.storeShared) })
	for range apartWriters {
		in.own.Go(func() { in.write(in.apart, in.storeApart) })
	}
}

// Close waits for the commits under way and ends the writers. Accept must not be called after.
func (in *Inbox) Close() {
	in.stop.Do(func() {
		in.shared.close()
		in.common.Wait() // it may hand rows to the others until then
		in.apart.close()
	})
	in.own.Wait()
}

// Accept returns once the rows of a are committed, or known to be. It fails with
// Unavailable when Postgres cannot be reached, too much waits (of all, or of a's clinic), or ctx
// ends first: then the row may or may not be stored, and the redelivery will tell.
func (in *Inbox) Accept(ctx context.Context, a *InboundEvent) (Found, error) {
	events := eventsOf(len(a.Sealed))
	w := &waiter{
		a: a, events: events, paced: in.limit.exceeded(a.Clinic, events),
		left: ctx.Done(), result: make(chan accepted, 1),
	}
	if !in.laneOf(w).add(w) {
		return "", domain.Errorf(domain.Unavailable, "inbox full")
	}
	select {
	case v := <-w.result:
		return v.found, v.err
	case <-ctx.Done():
		return "", &domain.Error{Code: domain.Unavailable, Detail: "inbox", Err: ctx.Err()}
	}
}

func (in *Inbox) laneOf(w *waiter) *lane {
	if _, slow := in.aside.Load(w.a.Clinic); slow || w.paced || len(w.a.Sealed) > heavy {
		return in.apart
	}
	return in.shared
}

func (in *Inbox) write(l *lane, store func(rows []*waiter)) {
	for {
		b, open := l.next()
		if !open {
			return
		}
		if rows := present(b.rows); len(rows) > 0 {
			store(rows)
		}
		l.done(b)
	}
}

// present returns the rows whose senders still wait: one who left has their 503, and sends the
// event again.
func present(rows []*waiter) []*waiter {
	return slices.DeleteFunc(rows, func(w *waiter) bool {
		return len(w.copies) == 0 && w.isGone()
	})
}

const (
	storeLimit  = 3 * time.Second // of one statement: beyond it the senders have their 503 anyway
	sharedLimit = time.Second     // of a shared one: then each clinic's rows are stored by themselves, still in time
)

// storeShared commits rows of many clinics and tells every sender. If the statement fails other
// than by connection, or is not done in time, each clinic's rows go apart: so a bad row never
// fails its neighbours, and one that waits for a lock keeps nobody waiting.
func (in *Inbox) storeShared(rows []*waiter) {
	ctx, cancel := context.WithTimeout(context.Background(), sharedLimit)
	defer cancel()
	found, err := in.accept(ctx, rows)
	slow := ctx.Err() != nil
	switch {
	case err == nil:
		in.settle(rows, found)
	case slow || len(rows) > 1 && domain.CodeOf(err) != domain.Unavailable:
		for _, w := range rows {
			if slow {
				in.aside.Store(w.a.Clinic, true)
			}
		}
		in.apart.move(rows)
	default:
		for _, w := range rows {
			w.tell(accepted{err: err})
		}
	}
}

// settle tells the senders of a shared commit what was found. What needs another statement is
// asked for apart.
func (in *Inbox) settle(rows []*waiter, found []string) {
	var again []*waiter
	for i, w := range rows {
		copies := w.copies
		switch {
		case found[i] == unsure:
			again = append(again, w)
		case Found(found[i]) == Other:
			w.copies = nil
			w.result <- accepted{found: Other}
			again = append(again, copies...)
		default:
			in.answer(context.Background(), w, found[i])
		}
	}
	in.apart.move(again)
}

// storeApart commits rows of one clinic and tells every sender. If the statement fails other
// than by connection or time, the rows go one by one.
func (in *Inbox) storeApart(rows []*waiter) {
	ctx, cancel := context.WithTimeout(context.Background(), storeLimit)
	defer cancel()
	found, err := in.accept(ctx, rows)
	if err != nil && len(rows) > 1 && ctx.Err() == nil && domain.CodeOf(err) != domain.Unavailable {
		for i := range rows {
			in.storeApart(rows[i : i+1])
		}
		return
	}
	if err == nil {
		in.aside.Delete(rows[0].a.Clinic)
	}
	for i, w := range rows {
		if err != nil {
			w.tell(accepted{err: err})
			continue
		}
		in.answer(ctx, w, found[i])
	}
}

// unsure is what accept says of a key that another process committed after our statement
// began: a new statement sees it.
const unsure = "unsure"

// answer tells w and its copies.
func (in *Inbox) answer(ctx context.Context, w *waiter, found string) {
	for range 3 {
		if found != unsure {
			break
		}
		again, err := in.accept(ctx, []*waiter{w})
		if err != nil {
			w.tell(accepted{err: err})
			return
		}
		found = again[0]
	}
	if found == unsure {
		w.tell(accepted{err: domain.Errorf(domain.Unavailable, "inbox: key cannot be read back")})
		return
	}
	w.result <- accepted{found: Found(found)}
	for _, c := range w.copies {
		in.answerCopy(ctx, w, c, Found(found))
	}
}

// answerCopy answers a delivery that shared its key with w in one batch. w's body may be
// the first or may itself be a variant of a stored one; only in the first case does equal
// to w mean equal to what is stored.
func (in *Inbox) answerCopy(ctx context.Context, w, c *waiter, found Found) {
	switch {
	case found != Other && c.a.BodyHash == w.a.BodyHash && c.a.ID == w.a.ID:
		c.result <- accepted{found: Same}
	case found != Other:
		c.result <- accepted{found: Other}
	default:
		again, err := in.accept(ctx, []*waiter{c})
		if err != nil {
			c.result <- accepted{err: err}
			return
		}
		c.result <- accepted{found: Found(again[0])}
	}
}

func (w *waiter) isGone() bool {
	select {
	case <-w.left:
		return true
	default:
		return false
	}
}

func (w *waiter) tell(v accepted) {
	w.result <- v
	for _, c := range w.copies {
		c.result <- v
	}
}
