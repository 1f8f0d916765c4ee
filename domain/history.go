package domain

import (
	"bytes"
	"cmp"
	"slices"
)

// nearSnapshot is how close to the gateway's clock, in seconds, an event may be before it is
// doubtful whether the answer already knew of it.
const nearSnapshot = 2

// timeline is a history in canonical order.
type timeline struct {
	answers
	order  []*Record
	asked  *Record // the newest answer of the gateway, found or not
	denied *Record // the first of the answers that end the history with "no such entity"; nil: the newest found it
}

// answers are the gateway's answers to our reads, by its clock. What one has seen, every answer of a later second has
// seen too, so that it need not list it again.
type answers struct {
	list   []*Record
	own    []map[EventKey]struct{} // what each lists
	seenAt map[EventKey]LocalTime  // the first clock of those that list the event
}

// arrange puts the records of one entity into the order in which they are merged over each
// other, each key once: events by dateCreated (malformed lowest), seq, id and body hash,
// and each gateway snapshot after the events that it has seen. The order is a function of the set: it
// does not depend on that of history, which is not changed. Without snapshots that is one sort; with it,
// each event goes behind the newest answer that it is later than, so that no event older
// than an answer overrides it.
func arrange(history []Record) timeline {
	t := timeline{order: distinct(history)}
	t.answers = answersOf(t.order)
	if t.list == nil {
		return t
	}
	t.asked = t.list[len(t.list)-1]
	for i := len(t.list) - 1; i >= 0 && !t.list[i].GatewaySnapshot.Found; i-- {
		t.denied = t.list[i]
	}
	t.order = t.segments(t.order)
	return t
}

// answersOf returns the gateway's answers among records.
func answersOf(records []*Record) answers {
	var a answers
	for _, r := range records {
		if r.GatewaySnapshot != nil {
			a.list = append(a.list, r)
		}
	}
	if a.list == nil {
		return a
	}
	slices.SortFunc(a.list, compareSnapshots)
	a.seenAt, a.own = map[EventKey]LocalTime{}, make([]map[EventKey]struct{}, len(a.list))
	for i, r := range a.list {
		a.own[i] = make(map[EventKey]struct{}, len(r.GatewaySnapshot.Supersedes))
		for _, k := range r.GatewaySnapshot.Supersedes {
			a.own[i][k] = struct{}{}
			if _, known := a.seenAt[k]; !known {
				a.seenAt[k] = r.GatewaySnapshot.Clock
			}
		}
	}
	return a
}

// hasSeen tells whether r was stored before the read of answer i was sent.
func (a *answers) hasSeen(r *Record, i int) bool {
	if _, ok := a.own[i][r.Key]; ok {
		return true
	}
	first, ok := a.seenAt[r.Key]
	return ok && first < a.list[i].GatewaySnapshot.Clock
}

// isBefore tells whether event r is history to answer i: seen by it, or not later than the gateway's clock.
func (a *answers) isBefore(r *Record, i int) bool {
	return a.hasSeen(r, i) || r.At <= a.list[i].GatewaySnapshot.Clock
}

// segments deals the events out between the answers that found the entity: segment i stands behind the answer before
// it. An answer that found nothing shows no state.
func (a *answers) segments(records []*Record) []*Record {
	var found []int
	for i, r := range a.list {
		if r.GatewaySnapshot.Found {
			found = append(found, i)
		}
	}
	dealt := make([][]*Record, len(found)+1)
	for _, r := range records {
		if r.GatewaySnapshot != nil {
			continue
		}
		i := len(found)
		for i > 0 && a.isBefore(r, found[i-1]) {
			i--
		}
		dealt[i] = append(dealt[i], r)
	}
	out := make([]*Record, 0, len(records))
	for i, segment := range dealt {
		out = append(out, segment...)
		if i < len(found) {
			out = append(out, a.list[found[i]])
		}
	}
	return appendUnfound(out, records)
}

// appendUnfound adds the answers that found nothing, in order: they change no state.
func appendUnfound(out, events []*Record) []*Record {
	at := len(out)
	for _, r := range events {
		if r.GatewaySnapshot != nil && !r.GatewaySnapshot.Found {
			out = append(out, r)
		}
	}
	slices.SortFunc(out[at:], compareSnapshots)
	return out
}

// settles tells whether the newest answer makes a doubt about r pointless. An undated
// event is settled only by an answer that is known to have seen it.
func (t *timeline) settles(r *Record) bool {
	return len(t.list) > 0 && t.settledBy(r, len(t.list)-1)
}

func (a *answers) settledBy(r *Record, i int) bool {
	switch {
	case r.GatewaySnapshot != nil:
		return true
	case r.At == "":
		return a.hasSeen(r, i)
	}
	return a.isBefore(r, i)
}

// isDenied tells whether the gateway's newest answer is that there is no such entity, and nothing was received of it
// since.
func (t *timeline) isDenied() bool {
	if t.denied == nil {
		return false
	}
	for _, r := range t.order {
		if !t.settles(r) {
			return false
		}
	}
	return true
}

// isNotAtGateway tells whether the gateway has no such entity by the last answer that was asked for by itself, and no
// event came since. What a person asks for later only says it again.
func (t *timeline) isNotAtGateway() bool {
	if !t.isDenied() {
		return false
	}
	for i := len(t.list) - 1; i >= 0 && !t.list[i].GatewaySnapshot.Found; i-- {
		if t.list[i].GatewaySnapshot.Last {
			return !slices.ContainsFunc(t.order, func(r *Record) bool { return !t.settledBy(r, i) })
		}
	}
	return false
}

// isNear tells whether r is so close to the newest answer's clock that the answer may or
// may not have known of it.
func (t *timeline) isNear(r *Record) bool {
	if t.asked == nil || r.GatewaySnapshot != nil || t.hasSeen(r, len(t.list)-1) {
		return false
	}
	at, ok := r.At.seconds()
	clock, known := t.asked.GatewaySnapshot.Clock.seconds()
	return ok && known && at-clock <= nearSnapshot && clock-at <= nearSnapshot
}

// distinct returns history's records sorted, each key once. Of records with one key the
// lowest in canonical order stays, so that the choice is the set's.
func distinct(history []Record) []*Record {
	order := make([]*Record, len(history))
	for i := range history {
		order[i] = &history[i]
	}
	if isOrdered(order) {
		return order
	}
	slices.SortStableFunc(order, compareRecords)
	kept := make(map[EventKey]struct{}, len(order))
	return slices.DeleteFunc(order, func(r *Record) bool {
		_, again := kept[r.Key]
		kept[r.Key] = struct{}{}
		return again
	})
}

// isOrdered tells whether order is canonical already and, its counters rising, without a
// repeat: so the store usually loads it.
func isOrdered(order []*Record) bool {
	for i := 1; i < len(order); i++ {
		a, b := order[i-1], order[i]
		if a.Key.Seq >= b.Key.Seq || compareRecords(a, b) >= 0 {
			return false
		}
	}
	return true
}

// compareRecords is the canonical order. What comes after the body
// hash only separates a snapshot from an event and two copies that differ in their reading.
func compareRecords(a, b *Record) int {
	return cmp.Or(
		cmp.Compare(a.At, b.At),
		cmp.Compare(a.Key.Seq, b.Key.Seq),
		cmp.Compare(a.ID, b.ID),
		bytes.Compare(a.BodyHash[:], b.BodyHash[:]),
		cmp.Compare(a.Key.Environment, b.Key.Environment),
		bytes.Compare(a.Key.Hash[:], b.Key.Hash[:]),
		a.ReceivedAt.Compare(b.ReceivedAt),
	)
}

// compareSnapshots orders answers: the gateway's clock, then the key.
func compareSnapshots(a, b *Record) int {
	return cmp.Or(
		cmp.Compare(a.GatewaySnapshot.Clock, b.GatewaySnapshot.Clock),
		cmp.Compare(a.Key.Seq, b.Key.Seq),
		bytes.Compare(a.Key.Hash[:], b.Key.Hash[:]),
		compareRecords(a, b),
	)
}
