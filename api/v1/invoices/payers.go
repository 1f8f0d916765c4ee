package invoices

import (
	"maps"
	"strings"

	"patapay/api/problem"
	"patapay/api/rest"
	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/payers"
	"patapay/tenants/query"
)

// PayerNames are the payers whose names are shown, by the gateway's id.
type PayerNames map[string]payers.Payer

// payerNames returns the names of these payers, if the caller may see names. It asks for none:
// apply asked for them when it wrote what is shown, and each comparison asks for the rest.
func (s *Handler) payerNames(tx *tenants.Tx, l rest.ClinicView, ids ...string) (PayerNames, error) {
	if !l.Personal {
		return nil, nil
	}
	return payers.Payers(tx, l.Decryptor.Open, ids)
}

// shownNames is payerNames for a list: none are read when the caller asked for other members.
func (s *Handler) shownNames(tx *tenants.Tx, l rest.ClinicView, ids ...string) (PayerNames, error) {
	if !l.Shows("customerName") {
		return nil, nil
	}
	return s.payerNames(tx, l, ids...)
}

// TypedName returns the payers whose name a person may have typed: nil for what is no name,
// and for who may see none: a search would tell whether there is somebody of that name.
func TypedName(l rest.ClinicView, tx *tenants.Tx, typed string) ([]string, error) {
	if !l.Personal {
		return nil, nil
	}
	return payersNamed(l, tx, "q", domain.SearchedName(typed))
}

// customerName returns the payers that a filter means. It fails with Forbidden for who may
// see no names, and with Invalid for less than three letters.
func customerName(l rest.ClinicView, tx *tenants.Tx, typed string) ([]string, error) {
	keys := domain.SearchedName(typed)
	switch {
	case !l.Personal:
		return nil, domain.Errorf(domain.Forbidden, "")
	case len(keys) == 0:
		return nil, &problem.Error{
			Code: string(domain.Invalid),
			Fields: []problem.Field{
				{Parameter: "customerName", Code: "wrong_length", Detail: "Digite ao menos 3 letras do nome."},
			},
		}
	}
	return payersNamed(l, tx, "customerName", keys)
}

func payersNamed(l rest.ClinicView, tx *tenants.Tx, parameter string, keys []string) ([]string, error) {
	ids, more, err := payers.PayersNamed(tx, l.Decryptor.Open, keys, mostNamed)
	if more {
		err = &problem.Error{
			Code: string(domain.Invalid),
			Fields: []problem.Field{
				{Parameter: parameter, Code: "out_of_range", Detail: "Mais de 200 clientes têm esse nome. Digite mais do nome."},
			},
		}
	}
	return ids, err
}

// payerOf returns who pays an invoice: the gateway's id.
func payerOf(i query.Stored[domain.Invoice]) string { return i.Value.Customer }

// mostNamed is how many payers a search by name may mean: beyond it the person types more.
const mostNamed = 200

// Nameless returns a file's filter as it is kept and audited: a name that was typed is
// personal data, and stays out of both.
func Nameless(filter map[string]string) map[string]string {
	shown := maps.Clone(filter)
	if shown["customerName"] != "" {
		shown["customerName"] = rest.HiddenText
	}
	if q := shown["q"]; mayBeName(q) && domain.SearchedName(q) != nil {
		shown["q"] = rest.HiddenText
	}
	return shown
}

// mayBeName tells whether a text that was typed may be a person's name: no amount, no day, no id.
func mayBeName(q string) bool {
	name, _ := searchText(func(string) (bool, error) { return false, nil }, q, &query.InvoiceFilter{})
	return name != "" && !strings.HasPrefix(q, "pay_") && !strings.HasPrefix(q, "cus_")
}
