// Package exports makes the files that people ask for: the rows of one of the lists, as the
// spreadsheets of Brazil read them. One rule: nothing is in a file that its list would not
// have shown to who asked for it.
package exports

import (
	"encoding/json"

	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/ledger"
	"patapay/tenants/query"
	"patapay/tenants/vault"
)

const (
	// Most is how many objects a file may have: more than any spreadsheet opens.
	Most = 1_000_000

	partRows  = 1_000 // objects of a part at least
	fileParts = 100   // parts of a file, about: a longer file has longer parts
	pageRows  = 100   // rows that are read at once
)

// Request is what a file is made of: one list, narrowed by what the list was asked for, and
// what of it the person may see. Names that were typed are resolved already. Exactly one of
// the filters is there.
type Request struct {
	Invoices      *Invoices                 `json:"invoices,omitempty"`
	Checkouts     *query.CheckoutFilter     `json:"checkouts,omitempty"`
	Anticipations *query.AnticipationFilter `json:"anticipations,omitempty"`
	Events        *Events                   `json:"events,omitempty"`
	Ledger        *ledger.BookingFilter     `json:"ledger,omitempty"`
	Statement     *ledger.BookingFilter     `json:"statement,omitempty"`
	OFX           *OFX                      `json:"ofx,omitempty"`

	Personal bool `json:"personal"` // names of payers
	Texts    bool `json:"texts"`    // descriptions
}

// Invoices is a filter of invoices with the payers that it means, which the filter itself
// leaves out of its JSON.
type Invoices struct {
	query.InvoiceFilter
	Named   []string `json:"named,omitempty"`
	OrNamed []string `json:"orNamed,omitempty"`
}

// Events is a filter of events with the payers that it means.
type Events struct {
	query.EventFilter
	Named []string `json:"named,omitempty"`
}

// InvoicesOf returns a filter as a Request has it. A file leaves out what Asaas does not know, unless the filter asks
// for
// it: whoever adds its cells up must come to the sums of the pages.
func InvoicesOf(f query.InvoiceFilter) *Invoices {
	f.KnownAtAsaas = true
	return &Invoices{InvoiceFilter: f, Named: f.Named, OrNamed: f.OrNamed}
}

// EventsOf returns a filter as a Request has it.
func EventsOf(f query.EventFilter) *Events { return &Events{EventFilter: f, Named: f.Named} }

func (i *Invoices) filter() query.InvoiceFilter {
	f := i.InvoiceFilter
	f.Named, f.OrNamed = i.Named, i.OrNamed
	return f
}

func (e *Events) filter() query.EventFilter {
	f := e.EventFilter
	f.Named = e.Named
	return f
}

// sealed is a request as its operation keeps it: it may hold a name that somebody typed.
type sealed struct {
	Size    int    `json:"size"`    // objects of a part
	Request []byte `json:"request"` // JSON, sealed for the clinic
}

// Input returns what the operation of a file keeps: the request, sealed, and how long its
// parts are. id is the file's.
func Input(tx *tenants.Tx, v *vault.Vault, id domain.UUID, r Request, size int) (json.RawMessage, error) {
	plain, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	body, err := tx.Seal(v, "export request", id.Public("exp"), plain)
	if err != nil {
		return nil, err
	}
	return json.Marshal(sealed{size, body})
}

// opened returns what Input kept.
func opened(open tenants.Opener, id domain.UUID, input json.RawMessage) (r Request, size int, err error) {
	var kept sealed
	if err := json.Unmarshal(input, &kept); err != nil {
		return r, 0, err
	}
	plain, err := open("export request", id.Public("exp"), kept.Request)
	if err != nil {
		return r, 0, err
	}
	return r, kept.Size, json.Unmarshal(plain, &r)
}

// Length counts what a file will have: objects of a part, and parts. tooMany says that
// there are more objects than a file may have.
func Length(tx *tenants.Tx, r Request) (size, parts int, tooMany bool, err error) {
	s, err := sourceOf(r)
	if err != nil {
		return 0, 0, false, err
	}
	objects, tooMany, err := s.count(tx)
	if err != nil || tooMany {
		return 0, 0, tooMany, err
	}
	size = max(partRows, (objects/fileParts+pageRows-1)/pageRows*pageRows)
	return size, max((objects+size-1)/size, 1), false, nil
}
