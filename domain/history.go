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
	order []*Record
	asked *Record               // the newest answer of the gateway, found or not
	seen  map[EventKey]struct{} // what asked supersedes
}

// arrange puts the records of one entity into the order in which they are merged over each
// other, each key once: events by dateCreated (malformed lowest), seq, id and body hash,
// and each gateway snapshot after the events that it has seen. The order is a function of the set: it
// does not depend on that of history, which is not changed. Without snapshots that is one sort; with it,
// each event goes behind the newest answer that it is later than, so that no event older
// than an answer overrides it.
func arrange(history []Record) timeline {
	t := timeline{order: distinct(history)}
	var snapshots []*Record
	for _, r := range t.order {
		if r.GatewaySnapshot != nil {
			snapshots = append(snapshots, r)
		}
	}
	if snapshots == nil {
		return t
	}
	slices.SortFunc(snapshots, compareSnapshots)
	t.asked = snapshots[len(snapshots)-1]
	t.seen = keySet(t.asked.GatewaySnapshot.Supersedes)
	t.order = segments(t.order, slices.DeleteFunc(snapshots, func(r *Record) bool { return !r.GatewaySnapshot.Found }), t.asked)
	return t
}

// segments deals the events out between the answers: segment i stands behind answer i-1.
// An answer that found nothing shows no state; the newest one stands last, for the log.
func segments(events, found []*Record, asked *Record) []*Record {
	seen := make([]map[EventKey]struct{}, len(found))
	for i, f := range found {
		seen[i] = keySet(f.GatewaySnapshot.Supersedes)
	}
	dealt := make([][]*Record, len(found)+1)
	for _, r := range events {
		if r.GatewaySnapshot != nil {
			continue
		}
		i := len(found)
		for i > 0 && isBefore(r, found[i-1], seen[i-1]) {
			i--
		}
		dealt[i] = append(dealt[i], r)
	}
	out := make([]*Record, 0, len(events))
	for i, segment := range dealt {
		out = append(out, segment...)
		if i < len(found) {
			out = append(out, found[i])
		}
	}
	return appendUnfound(out, events)
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

// isBefore tells whether event r is history to the gateway snapshot: stored before the read
// was sent, or not later than the gateway's clock.
func isBefore(r, gatewaySnapshot *Record, seen map[EventKey]struct{}) bool {
	if _, ok := seen[r.Key]; ok {
		return true
	}
	return r.At <= gatewaySnapshot.GatewaySnapshot.Clock
}

// settles tells whether the newest answer makes a doubt about r pointless. An undated
// event is settled only by an answer that is known to have seen it.
func (t *timeline) settles(r *Record) bool {
	switch {
	case t.asked == nil:
		return false
	case r.GatewaySnapshot != nil:
		return true
	case r.At == "":
		_, ok := t.seen[r.Key]
		return ok
	}
	return isBefore(r, t.asked, t.seen)
}

// isNear tells whether r is so close to the newest answer's clock that the answer may or
// may not have known of it.
func (t *timeline) isNear(r *Record) bool {
	if t.asked == nil || r.GatewaySnapshot != nil {
		return false
	}
	if _, ok := t.seen[r.Key]; ok {
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

func keySet(keys []EventKey) map[EventKey]struct{} {
	set := make(map[EventKey]struct{}, len(keys))
	for _, k := range keys {
		set[k] = struct{}{}
	}
	return set
}
