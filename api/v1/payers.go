package v1

import (
	"patapay/api/problem"
	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/payers"
)

// named returns l knowing the names of these payers, if the caller may see names. Those that
// nobody knows yet are asked for: a worker reads them of Asaas within seconds.
func (s *Server) named(tx *tenants.Tx, l lens, ids ...string) (lens, error) {
	if !l.personal {
		return l, nil
	}
	known, ask, err := payers.Payers(tx, l.open, ids, s.now())
	if err != nil {
		return l, err
	}
	l.payers = known
	return l, payers.WantPayers(tx, s.Vault, ask, s.now())
}

// typedName returns the payers whose name a person may have typed: nil for what is no name,
// and for who may see none: a search would tell whether there is somebody of that name.
func (l lens) typedName(tx *tenants.Tx, typed string) ([]string, error) {
	if !l.personal {
		return nil, nil
	}
	return l.payersNamed(tx, "q", domain.NameSought(typed))
}

// customerName returns the payers that a filter means. It fails with Forbidden for who may
// see no names, and with Invalid for less than three letters.
func (l lens) customerName(tx *tenants.Tx, typed string) ([]string, error) {
	keys := domain.NameSought(typed)
	switch {
	case !l.personal:
		return nil, domain.Errorf(domain.Forbidden, "")
	case len(keys) == 0:
		return nil, &problem.Error{Code: string(domain.Invalid), Fields: []problem.Field{{Parameter: "customerName", Code: "wrong_length", Detail: "Digite ao menos 3 letras do nome."}}}
	}
	return l.payersNamed(tx, "customerName", keys)
}

func (l lens) payersNamed(tx *tenants.Tx, parameter string, keys []string) ([]string, error) {
	ids, more, err := payers.PayersNamed(tx, l.open, keys, mostNamed)
	if more {
		err = &problem.Error{Code: string(domain.Invalid), Fields: []problem.Field{{Parameter: parameter, Code: "out_of_range", Detail: "Mais de 200 clientes têm esse nome. Digite mais do nome."}}}
	}
	return ids, err
}
