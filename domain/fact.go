package domain

import (
	"encoding/hex"
	"strconv"
)

// Names of facts. A refund's is refundPrefix, its dateCreated and its centavos.
const (
	FactRecognise  = "recognise"  // the payer has paid
	FactCredit     = "credit"     // the money is in the balance
	FactAdjust     = "adjust"     // the gateway settled other amounts than it had told
	FactCash       = "cash"       // received outside the gateway
	FactCashUndone = "cash_undo"  // that was taken back
	FactHold       = "chargeback" // a dispute runs
	FactWon        = "chargeback_won"
	FactLost       = "chargeback_lost"
	FactDebit      = "debit" // an advance was settled

	refundPrefix = "refund:"
	voidPrefix   = "void:"
)

// Facts returns the money facts that history proves: the accepted records of one payment
// or anticipation, in any order and with repeats. They follow from the set, in canonical
// order, each key once. A fact that the gateway's own answer contradicts stays, with a
// second one beside it that takes it back (docs/architecture.md, ledger).
func Facts(history []Record) []Fact {
	t := arrange(history)
	switch kindOf(history) {
	case KindPayment:
		p := paymentBook{}
		for _, r := range t.order {
			p.addRecord(r)
		}
		return p.unless(t)
	case KindAnticipation:
		a := anticipationBook{}
		for _, r := range t.order {
			a.addRecord(r)
		}
		return a.unless(t)
	}
	return nil
}

// unless returns the facts, all taken back when the gateway's newest answer is that there
// is no such entity and nothing was received of it since: it has no money for us. They are taken back by the first of
// the answers that say so: a second one says nothing new, and books nothing.
func (b *book) unless(t timeline) []Fact {
	if t.isDenied() {
		b.voidAll(t.denied, func(string) bool { return true })
	}
	return b.facts
}

// book gathers the facts of one subject.
type book struct {
	subject string
	facts   []Fact
	count   map[string]int // cycles of a name so far
	voided  map[FactKey]bool
}

// add books the next cycle of name, unless no money moves. It was true on day, when the
// record tells one that is before its own time, as a late answer of the gateway does.
func (b *book) add(r *Record, name string, day Day, lines ...Leg) bool {
	lines = legs(lines...)
	if len(lines) == 0 {
		return false
	}
	if b.count == nil {
		b.count = map[string]int{}
	}
	b.count[name]++
	b.facts = append(
		b.facts,
		Fact{Key: FactKey{b.subject, name, b.count[name]}, At: notAfter(timeOf(r), day), By: r.Key, Legs: lines},
	)
	return true
}

// notAfter returns at, or the beginning of day if that is earlier and known.
func notAfter(at LocalTime, day Day) LocalTime {
	if day == "" || !ValidDay(string(day)) || at != "" && string(at) < string(day)+" 23:59:59" {
		return at
	}
	return LocalTime(day + " 00:00:00")
}

// live returns how many facts of a name are booked and not voided.
func (b *book) live(name string) (n int) {
	for i := range b.facts {
		if k := b.facts[i].Key; k.Name == name && !b.voided[k] {
			n++
		}
	}
	return n
}

// void takes the fact at i back on the word of the answer r. It is dated as the fact is:
// neither was ever true, so no day's sum knows of it.
func (b *book) void(r *Record, i int) {
	f := b.facts[i]
	if b.voided == nil {
		b.voided = map[FactKey]bool{}
	}
	b.voided[f.Key] = true
	key := FactKey{
		b.subject,
		voidPrefix + f.Key.Name + ":" + strconv.Itoa(f.Key.Cycle) + ":" + hex.EncodeToString(r.Key.Hash[:8]),
		1,
	}
	b.voided[key] = true // what takes back is never taken back itself
	b.facts = append(b.facts, Fact{Key: key, At: f.At, By: r.Key, Legs: reversed(f.Legs)})
}

// voidAll takes back every fact in force that is named so.
func (b *book) voidAll(r *Record, named func(string) bool) {
	for i := range b.facts[:len(b.facts):len(b.facts)] {
		if k := b.facts[i].Key; named(k.Name) && !b.voided[k] {
			b.void(r, i)
		}
	}
}

// balance returns what the subject's facts leave on account.
func (b *book) balance(account Account) (sum Money) {
	for i := range b.facts {
		for _, l := range b.facts[i].Legs {
			if l.Account == account {
				sum += l.Amount
			}
		}
	}
	return sum
}
