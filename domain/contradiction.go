package domain

import "slices"

// Contradiction is an event that claims a money fact which the gateway's own answer
// denies: it was forged, or something on the way is broken.
type Contradiction struct {
	Event EventKey
	By    EventKey // the answer: the first that surely is later than the event
	Text  string   // English, for logs; no personal data
}

// Contradictions returns the events of one entity's history that an answer of the gateway
// denies: no such entity, a status to which no way leads from the claimed one, another
// amount at the same status, or fewer refunds. Each event is held against the first answer
// that surely is later, so that what the gateway says once is not told again with each
// later read. What can be undone (cash receipts, disputes) is no lie when it is undone.
func Contradictions(history []Record) []Contradiction {
	if !slices.ContainsFunc(history, func(r Record) bool { return r.GatewaySnapshot != nil }) {
		return nil
	}
	switch kindOf(history) {
	case KindPayment:
		return contradictions(&paymentRules, history)
	case KindAnticipation:
		return contradictions(&anticipationRules, history)
	}
	return nil
}

func contradictions[S any](k *rules[S], history []Record) (found []Contradiction) {
	order := distinct(history)
	all := answersOf(order)
	for _, r := range order {
		next := k.pick(r.Snapshot)
		if r.GatewaySnapshot != nil || next == nil {
			continue
		}
		claim := k.status(next).V
		if !k.fact(claim) {
			continue
		}
		for i, a := range all.list {
			if all.isLater(r, i) {
				if text := k.denial(r, claim, a); text != "" {
					found = append(found, Contradiction{r.Key, a.Key, text})
				}
				break
			}
		}
	}
	return found
}

// isLater tells whether answer i must have known of event r: it was stored before the
// read, or is dated clearly before the gateway's clock.
func (a *answers) isLater(r *Record, i int) bool {
	at, ok := r.At.seconds()
	clock, known := a.list[i].GatewaySnapshot.Clock.seconds()
	return a.hasSeen(r, i) || ok && known && clock-at > nearSnapshot
}

// denial returns how the answer contradicts what r claims, or "".
func (k *rules[S]) denial(r *Record, claim string, answer *Record) string {
	if !answer.GatewaySnapshot.Found {
		return claim + ", and the gateway has no such entity"
	}
	told := k.pick(answer.Snapshot)
	if told == nil {
		return ""
	}
	status := k.status(told).V
	if !k.graph.reaches(claim, status) {
		return claim + " is " + clip(status, 60) + " at the gateway"
	}
	claimed, stated := k.money(k.pick(r.Snapshot), claim), k.money(told, status)
	if claim == status && claimed.value != 0 && stated.value != 0 && claimed.value != stated.value {
		return claim + " of another amount at the gateway"
	}
	if p, q := r.Snapshot.Payment, answer.Snapshot.Payment; p != nil && q != nil && q.Refunds.Set &&
		p.Refunded() > q.Refunded() {
		return "refunds that the gateway does not know"
	}
	return ""
}

// reaches tells whether the table knows a way, of any length, between two statuses. A
// status that it does not know is not judged.
func (g graph) reaches(from, to string) bool {
	if from == to || !g.knows(from) || !g.knows(to) {
		return true
	}
	seen, next := map[string]bool{from: true}, []string{from}
	for len(next) > 0 {
		at := next[0]
		next = next[1:]
		for _, s := range g[at] {
			if s == to {
				return true
			}
			if !seen[s] {
				seen[s] = true
				next = append(next, s)
			}
		}
	}
	return false
}
