package rest

import "github.com/danielgtaylor/huma/v2"

// enumerated is a word of the domain that has a table: it tells all that there are.
type enumerated[T ~string] interface {
	~string
	Values() []T
}

// Word is a value or a parameter that is a word of a table of the domain. The contract lists
// the words that the table has, so a new row is a new word of the contract.
type Word[T enumerated[T]] string

// Schema is a string's that is one of the table's.
func (Word[T]) Schema(huma.Registry) *huma.Schema {
	s := &huma.Schema{Type: huma.TypeString}
	for _, v := range T("").Values() {
		s.Enum = append(s.Enum, string(v))
	}
	s.PrecomputeMessages()
	return s
}
