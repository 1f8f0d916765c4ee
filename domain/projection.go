package domain

import (
	"slices"
	"strings"
)

// Projection is what the projections of all three kinds share.
type Projection struct {
	ID          string    // the gateway's id of the entity
	RawStatus   string    // the gateway's word; "" while none came
	StatusBy    EventKey  // the record that set it
	StatusAt    LocalTime // that record's time; for a gateway snapshot the gateway's clock
	ConfirmedBy string    // ConfirmedByAPI or ConfirmedByWebhook
	Flags       []string  // sorted, each once: what stands against this projection
	LastEvent   EventKey  // the last record in canonical order that changed something
	Texts       []byte    // sealed texts of the newest record that carries some, or nil
	NeedsTruth  string    // why the gateway should be asked, an anomaly code, or ""
}

// Who vouches for a projection's money: the gateway's own answer to a read, or only what
// came through the open door.
const (
	ConfirmedByWebhook = "webhook"
	ConfirmedByAPI     = "api"
)

// FlagNotFound stands while the gateway's newest answer is that it has no such entity.
const FlagNotFound = "not_found_at_asaas"

// rules is what differs between the kinds.
type rules[S any] struct {
	pick   func(Snapshot) *S
	id     func(*S) Opt[string]
	status func(*S) Opt[string]
	merge  func(state, next *S) change
	named  func(state, next *S, typ EventType) (change, string) // may be nil
	graph  graph
	holds  func(from, to string) bool  // a known final that only the gateway's answer moves
	paid   func(raw string) bool       // may be nil
	fact   func(raw string) bool       // reaching it is a money fact; nil where no answer is read
	money  func(*S, string) moneyState // what must be equal to call it confirmed
	odd    func(*S) string             // why the amounts cannot be right, or ""
}

// moneyState is the part of a state that money depends on.
type moneyState struct {
	status, dispute   string
	value, net, other Money
}

// projected is a history merged into a state.
type projected[S any] struct {
	*rules[S]
	timeline
	state     S
	id        string
	status    string
	statusBy  *Record
	last      *Record // the last that changed something
	paidAt    LocalTime
	texts     []byte
	confirmed *moneyState // at the newest answer
	counter   orderCheck
	steps     []step
	anomalies []Anomaly
	subjects  []*Record // of the anomalies, one for one
}

// step is what one record did.
type step struct {
	record *Record
	change change
	held   bool // its status was not taken
	empty  bool // it showed no status
}

// foldHistory lays history's snapshots over each other in canonical order.
func foldHistory[S any](k *rules[S], history []Record) *projected[S] {
	w := &projected[S]{rules: k, timeline: arrange(history)}
	w.steps = make([]step, 0, len(w.order))
	for _, r := range w.order {
		w.steps = append(w.steps, w.apply(r))
	}
	w.judge()
	return w
}

// apply lays one record over the state.
func (w *projected[S]) apply(r *Record) step {
	s := step{record: r}
	if r.GatewaySnapshot != nil && !r.GatewaySnapshot.Found {
		w.note(r, AnomalyNotFound, "the gateway has no such entity")
		s.empty = true
		return s
	}
	w.checkRecord(r)
	next := w.pick(r.Snapshot)
	raw, ok := w.show(r, next, &s)
	if !ok {
		s.empty = true
		w.note(r, AnomalyNoSnapshot, "the event shows no status")
	} else {
		w.move(r, raw, &s)
	}
	if len(r.Texts) > 0 {
		w.texts = r.Texts
	}
	if s.change != unchanged {
		w.last = r
	}
	if r.GatewaySnapshot != nil && ok { // an answer without a status confirms nothing
		m := w.money(&w.state, w.status)
		w.confirmed = &m
	}
	return s
}

// checkRecord notes what is odd about the record itself.
func (w *projected[S]) checkRecord(r *Record) {
	for _, f := range r.Flags {
		code, text, _ := strings.Cut(f, ":")
		w.note(r, code, text)
	}
	if r.GatewaySnapshot != nil {
		return
	}
	if r.At == "" {
		w.note(r, AnomalyUndated, "no usable date: sorts before every other")
		return
	}
	if text := w.counter.check(r, w.shownStatus(r)); text != "" {
		w.note(r, AnomalyOrder, text)
	}
}

func (w *projected[S]) shownStatus(r *Record) string {
	if next := w.pick(r.Snapshot); next != nil {
		return w.rules.status(next).V
	}
	return ""
}

// show lays the snapshot over the state and returns the status that it shows, if any.
func (w *projected[S]) show(r *Record, next *S, s *step) (raw string, ok bool) {
	if next != nil {
		s.change |= w.merge(&w.state, next)
		if id, has := w.rules.id(next).Get(); has && w.id == "" {
			w.id = id
		}
		if text := w.odd(next); text != "" {
			w.note(r, AnomalyAmounts, text)
		}
		raw, ok = w.rules.status(next).Get()
	}
	if w.named != nil && r.GatewaySnapshot == nil {
		c, odd := w.named(&w.state, next, r.Type)
		s.change |= c
		if odd != "" {
			w.note(r, AnomalyNameStatus, odd)
		}
	}
	return raw, ok && raw != ""
}

// move takes the status that r shows, unless a final one holds against it.
func (w *projected[S]) move(r *Record, to string, s *step) {
	if !w.graph.knows(to) {
		w.note(r, AnomalyUnknownStatus, "status "+clip(to, 60))
	} else if said := statusesOf[r.Type]; r.GatewaySnapshot == nil && said != nil && !member(said, to) {
		w.note(r, AnomalyNameStatus, string(r.Type)+" shows "+to)
	}
	from := w.status
	if from == to {
		return
	}
	if from != "" && !w.graph.allows(from, to) {
		if r.GatewaySnapshot != nil {
			w.note(r, AnomalyContradiction, from+" is "+to+" at the gateway")
		} else {
			w.note(r, AnomalyTransition, from+" to "+to)
			if w.holds(from, to) {
				s.held = true
				return
			}
		}
	}
	w.status, w.statusBy = to, r
	s.change |= moved
	w.notePaid(r, to)
}

// notePaid keeps the time at which the entity was first shown paid, until it is unpaid.
func (w *projected[S]) notePaid(r *Record, status string) {
	switch {
	case w.paid == nil || !w.graph.knows(status):
	case !w.paid(status):
		w.paidAt = ""
	case w.paidAt == "":
		w.paidAt = timeOf(r)
	}
}

// note records an anomaly, each code once a record.
func (w *projected[S]) note(r *Record, code, text string) {
	for i := len(w.anomalies) - 1; i >= 0 && w.subjects[i] == r; i-- {
		if w.anomalies[i].Code == code && (code != AnomalyBadField || w.anomalies[i].Text == text) {
			return
		}
	}
	w.anomalies = append(w.anomalies, Anomaly{Code: code, At: r.Key, Text: text})
	w.subjects = append(w.subjects, r)
}

// judge decides which doubts stand, now that the whole history is known.
func (w *projected[S]) judge() {
	for i, r := range w.subjects {
		w.anomalies[i].Settled = w.settles(r)
	}
	for _, r := range w.order {
		if w.isNear(r) {
			w.note(r, AnomalyNearSnapshot, "within two seconds of the gateway's clock")
		}
	}
}

// projection returns the shared part.
func (w *projected[S]) projection() Projection {
	p := Projection{ID: w.id, RawStatus: w.status, ConfirmedBy: ConfirmedByWebhook, Texts: w.texts}
	if w.statusBy != nil {
		p.StatusBy, p.StatusAt = w.statusBy.Key, timeOf(w.statusBy)
	}
	if w.last != nil {
		p.LastEvent = w.last.Key
	}
	if w.confirmed != nil && *w.confirmed == w.money(&w.state, w.status) {
		p.ConfirmedBy = ConfirmedByAPI
	}
	for _, a := range w.anomalies {
		if a.Settled {
			continue
		}
		if p.NeedsTruth == "" || a.Code == AnomalyNearSnapshot { // other doubts may only follow from that one
			p.NeedsTruth = a.Code
		}
		p.Flags = append(p.Flags, a.Code)
	}
	p.Flags = w.flags(p.Flags)
	return p
}

// flags adds what the end state itself says, and returns the set in order.
func (w *projected[S]) flags(list []string) []string {
	if w.asked != nil && !w.asked.GatewaySnapshot.Found {
		list = append(list, FlagNotFound)
	}
	if w.status != "" && !w.graph.knows(w.status) {
		list = append(list, AnomalyUnknownStatus)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// timeOf returns when r was true: an event's own date, an answer's clock.
func timeOf(r *Record) LocalTime {
	if r.GatewaySnapshot != nil {
		return r.GatewaySnapshot.Clock
	}
	return r.At
}
