package apply

import (
	"hash/maphash"
	"slices"
	"sync"

	"patapay/domain"
)

// payerColumn is where a stored projection t of a kind says who pays.
func payerColumn(kind domain.Kind) string {
	switch kind {
	case domain.KindPayment:
		return "t.customer"
	case domain.KindCheckout:
		return "t.state->>'Customer'"
	}
	return "NULL" // an anticipation names none
}

// payer returns who pays the entity: the gateway's id; "": nobody, or not known.
func (e *entity) payer() string {
	switch v := e.folded.value.(type) {
	case *domain.Invoice:
		return v.Customer
	case *domain.Checkout:
		return v.Customer
	}
	return ""
}

// newPayers returns those who pay what is written and did not pay it before, each once.
func newPayers(entities []*entity) (ids []string) {
	for _, e := range entities {
		id := e.payer()
		if id != "" && (e.stored == nil || e.stored.payer != id) && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids
}

// addNameRequests asks for the names of new payers, so that a page that shows them need not.
func (w *run) addNameRequests(s *saving, entities []*entity) error {
	ids := slices.DeleteFunc(newPayers(entities), func(id string) bool { return w.askedPayers.has(w.clinic, id) })
	if len(ids) == 0 {
		return nil
	}
	newest, err := w.keys().newest()
	if err != nil {
		return err
	}
	w.payers = append(w.payers, ids...)
	return s.payers.Add(w.clinic, newest, ids)
}

// askedPayers remembers for which payers this process has asked, so that the next invoices of a payer cost no
// statement. Who is forgotten is asked for again, which changes nothing; and whom somebody erased meanwhile the nightly
// round asks for. It keeps a mark for each of at most two times askedMost payers, a megabyte in all.
type askedPayers struct {
	mu           sync.Mutex
	seed         maphash.Seed
	now, earlier map[uint64]struct{}
}

const askedMost = 16_384

func (a *askedPayers) mark(clinic domain.ClinicID, id string) uint64 {
	if a.now == nil {
		a.seed, a.now = maphash.MakeSeed(), map[uint64]struct{}{}
	}
	return maphash.Comparable(a.seed, struct {
		clinic domain.ClinicID
		id     string
	}{clinic, id})
}

func (a *askedPayers) has(clinic domain.ClinicID, id string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	mark := a.mark(clinic, id)
	if _, is := a.now[mark]; is {
		return true
	}
	_, is := a.earlier[mark]
	return is
}

// add notes payers whose requests are committed.
func (a *askedPayers) add(clinic domain.ClinicID, ids []string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, id := range ids {
		mark := a.mark(clinic, id)
		if len(a.now) >= askedMost {
			a.earlier, a.now = a.now, map[uint64]struct{}{}
		}
		a.now[mark] = struct{}{}
	}
}
