package events

import (
	"patapay/api/rest"
	"patapay/domain"
	"patapay/tenants/query"
)

// searchEvent narrows f to the one thing that a person typed: an event's id or an invoice's id of
// ours by its form, an amount, a day of receipt, or anything that has it for a name. "" narrows
// nothing. is tells whether a text that looks like a day is a name too: then the name is meant, for
// the day can be chosen beside. What may be a payer's name is returned.
func searchEvent(is func(string) (bool, error), q string, f *query.EventFilter) (name string, err error) {
	if key, ours := domain.ParseEventKey(q); ours {
		f.Key = &key
		return "", nil
	}
	if id, ours := domain.ParseUUID("ivc", q); ours {
		f.Invoice = &id
		return "", nil
	}
	amount, isAmount := rest.ParseAmount(q)
	day, isDay := rest.ParseDay(q)
	switch {
	case q == "":
	case isAmount:
		f.Value, f.Reference = &amount, q
	case isDay:
		named, err := is(q)
		if err != nil {
			return "", err
		}
		if named {
			f.Reference = q
			return "", nil
		}
		f.Received = rest.DayRange(day)
	default:
		f.Reference, name = q, q
	}
	return name, nil
}
