package apply

import (
	"slices"

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
	ids := newPayers(entities)
	if len(ids) == 0 {
		return nil
	}
	newest, err := w.keys().newest()
	if err != nil {
		return err
	}
	return s.payers.Add(w.clinic, newest, ids)
}
