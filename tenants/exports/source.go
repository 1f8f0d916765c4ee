package exports

import (
	"cmp"
	"encoding/json"
	"strings"

	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/query"
)

// source is where the lines of a file come from. What it counts and reads are objects of
// the list, of which each may be several lines.
type source struct {
	heading []string
	blank   func() document // what the lines are written to; nil: a Table
	count   func(*tenants.Tx) (objects int, tooMany bool, err error)
	read    func(tx *tenants.Tx, r reader, place string) (batch, error)
}

// document is what the lines of a file are written to, part by part.
type document interface {
	Begin(heading []string) // of the first part
	Add(lines [][]string)
	Finish(ending []string) // of the last part
	End() []byte            // returns what was written
}

// document returns an empty part of a file.
func (s source) document() document {
	if s.blank != nil {
		return s.blank()
	}
	return NewTable()
}

// batch is what was read at a place; "" is the beginning.
type batch struct {
	lines   [][]string
	objects int
	next    string   // place behind it; "": there is nothing
	heading []string // at the beginning, in place of the source's, if it has none
	ending  []string // at the end, for documents that have one
}

// reader is what may be read for a file, and how it is opened.
type reader struct {
	Request
	open tenants.Opener
}

// texts opens sealed texts into v; who may see none gets none.
func (r reader) texts(kind domain.Kind, asaasID string, body []byte, v any) error {
	if body == nil || !r.Texts {
		return nil
	}
	plain, err := r.open("texts", string(kind)+" "+asaasID, body)
	if err != nil {
		return &domain.Error{Code: domain.Internal, Detail: "texts of " + string(kind) + " " + asaasID, Err: err}
	}
	return json.Unmarshal(plain, v)
}

// sourceOf returns the rows that a request asks for. It fails with Invalid for one that asks
// for nothing.
func sourceOf(r Request) (source, error) {
	switch {
	case r.Invoices != nil:
		return listed(invoiceHeading, query.Invoices, r.Invoices.filter(), invoiceLines), nil
	case r.Checkouts != nil:
		return listed(checkoutHeading, query.Checkouts, *r.Checkouts, oneByOne(checkoutLine)), nil
	case r.Anticipations != nil:
		return listed(anticipationHeading, query.Anticipations, *r.Anticipations, oneByOne(anticipationLine)), nil
	case r.Events != nil:
		return listed(eventHeading, query.Events, r.Events.filter(), oneByOne(eventLine)), nil
	case r.Ledger != nil:
		return ledgerSource(*r.Ledger), nil
	case r.Statement != nil:
		return statementSource(*r.Statement), nil
	case r.OFX != nil:
		return ofxSource(*r.OFX), nil
	}
	return source{}, domain.Errorf(domain.Invalid, "an export of nothing")
}

// listed is the source of a list that has pages.
func listed[F, R any](
	heading []string, list func(*tenants.Tx, F, tenants.Page) (tenants.List[R], error), f F,
	lines func(*tenants.Tx, reader, []R) ([][]string, error),
) source {
	return source{
		heading: heading,
		count: func(tx *tenants.Tx) (int, bool, error) {
			page, err := list(tx, f, tenants.Page{Limit: 1, Count: true, Most: Most})
			if err != nil {
				return 0, false, err
			}
			return *page.Total, page.Capped, nil
		},
		read: func(tx *tenants.Tx, r reader, place string) (batch, error) {
			page, err := list(tx, f, tenants.Page{Limit: pageRows, Cursor: place})
			if err != nil {
				return batch{}, err
			}
			b := batch{objects: len(page.Rows), next: page.Next}
			b.lines, err = lines(tx, r, page.Rows)
			return b, err
		},
	}
}

// oneByOne is a line for each row.
func oneByOne[R any](line func(reader, R) ([]string, error)) func(*tenants.Tx, reader, []R) ([][]string, error) {
	return func(_ *tenants.Tx, r reader, rows []R) (lines [][]string, err error) {
		for _, row := range rows {
			cells, err := line(r, row)
			if err != nil {
				return nil, err
			}
			lines = append(lines, cells)
		}
		return lines, nil
	}
}

// wordsOf is word for several, with commas between.
func wordsOf(words map[string]string, all []string) string {
	read := make([]string, len(all))
	for i, one := range all {
		read[i] = word(words, one)
	}
	return strings.Join(read, ", ")
}

// word returns what people read of a status, or the status itself when it is new.
func word(words map[string]string, status string) string { return cmp.Or(words[status], status) }
