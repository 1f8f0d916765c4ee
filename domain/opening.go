package domain

// FactOpening is what a ledger begins with: of one entity, what stood open at the cut-off.
const FactOpening = "opening"

// carried are the accounts whose balance outlives the cut-off. The balance at the gateway
// is opened once for the clinic, from the statement; income and expenses of before are in
// other books.
var carried = map[Account]bool{
	AccountReceivable: true,
	AccountHold:       true,
	AccountAdvance:    true,
	AccountCashDrawer: true,
}

// Since returns the facts as a ledger has them that begins with day from: those of before
// book nothing, but for what they left open, which is booked against the opening balance
// on that day. With no day it returns facts. The result is a function of both alone, so a
// fact that turns out to be older than it seemed is corrected like any other.
func Since(facts []Fact, from Day) []Fact {
	if from == "" {
		return facts
	}
	var before, after []Fact
	for _, f := range facts {
		if d := dayOf(f.At); d != "" && d < from {
			before = append(before, f)
		} else {
			after = append(after, f)
		}
	}
	if opening, any := openingOf(before, from); any {
		return append([]Fact{opening}, after...)
	}
	return after
}

// openingOf returns what the facts left open at the cut-off, and whether that is anything.
func openingOf(before []Fact, from Day) (Fact, bool) {
	var lines []Leg
	var sum Money
	for _, f := range before {
		for _, l := range f.Legs {
			if carried[l.Account] {
				lines, sum = append(lines, l), sum+l.Amount
			}
		}
	}
	if lines = legs(append(lines, Leg{AccountOpening, -sum})...); len(lines) == 0 {
		return Fact{}, false
	}
	last := before[len(before)-1]
	return Fact{
		Key:  FactKey{last.Key.Subject, FactOpening, 1},
		At:   LocalTime(from + " 00:00:00"),
		By:   last.By,
		Legs: lines,
	}, true
}
