package v1

import (
	"encoding/json"
	"reflect"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"patapay/domain"
	"patapay/domain/asaas"
	"patapay/tenants/query"
)

// each returns list with every element as fn has it.
func each[A, B any](list []A, fn func(A) B) []B {
	out := make([]B, 0, len(list))
	for a := range slices.Values(list) {
		out = append(out, fn(a))
	}
	return out
}

// moneyView is an amount.
type moneyView struct {
	AmountCents int64  `json:"amountCents" doc:"Centavos" example:"31000"`
	Currency    string `json:"currency" enum:"BRL"`
}

func moneyOf(m domain.Money) moneyView { return moneyView{int64(m), "BRL"} }

// amount returns the amount, or null when the gateway told none.
func amount(m domain.Opt[domain.Money]) maybe[moneyView] {
	v, ok := m.Get()
	if !ok {
		return maybe[moneyView]{}
	}
	return has(moneyOf(v))
}

// maybe is an object or null in JSON: what the gateway did not tell is null, never absent.
type maybe[T any] struct{ v *T }

func has[T any](v T) maybe[T] { return maybe[T]{&v} }

// MarshalJSON writes the object or null.
func (m maybe[T]) MarshalJSON() ([]byte, error) { return json.Marshal(m.v) }

// Schema says that the object may be null.
func (m maybe[T]) Schema(r huma.Registry) *huma.Schema {
	t := reflect.TypeFor[T]()
	return &huma.Schema{AnyOf: []*huma.Schema{r.Schema(t, true, t.Name()), {Type: "null"}}}
}

// maybeAs returns opt as view shows it, or null.
func maybeAs[A, B any](opt domain.Opt[A], view func(A) B) maybe[B] {
	v, ok := opt.Get()
	if !ok {
		return maybe[B]{}
	}
	return has(view(v))
}

// some returns the text, or nil for "": what the gateway did not tell.
func some[S ~string](s S) *string {
	if s == "" {
		return nil
	}
	text := string(s)
	return &text
}

// instant returns a gateway time as an instant in UTC, or nil.
func instant(t domain.LocalTime) *time.Time {
	at, ok := asaas.TimeOf(t)
	if !ok {
		return nil
	}
	return &at
}

// StoredView is what all three projections have.
type StoredView struct {
	ID          string     `json:"id" doc:"Ours; opaque"`
	AsaasID     string     `json:"asaasId"`
	AsaasStatus *string    `json:"asaasStatus" doc:"Asaas's own word; null while no event showed one"`
	StatusAt    *time.Time `json:"statusAt" doc:"When Asaas says the status was reached"`
	StatusEvent *string    `json:"statusEvent" doc:"The event that showed it"`
	LastEvent   *string    `json:"lastEvent" doc:"The last event that changed something"`
	ConfirmedBy string     `json:"confirmedBy" enum:"webhook,api" doc:"Who vouches for the money: Asaas's answer to a read, or only its webhook"`
	Flags       []string   `json:"flags" nullable:"false" doc:"What stands against this object, each once"`
	NeedsTruth  *string    `json:"needsTruth" doc:"Why Asaas is to be asked; null when it need not be"`
	Version     int        `json:"version" doc:"1, 2 …: one more with every change"`
	CreatedAt   time.Time  `json:"createdAt" doc:"When we first heard of it"`
	UpdatedAt   time.Time  `json:"updatedAt"`
}

func storedOf[T any](prefix string, s query.Stored[T], p domain.Projection) StoredView {
	return StoredView{
		ID: s.ID.Public(prefix), AsaasID: p.ID, AsaasStatus: some(p.RawStatus), StatusAt: instant(p.StatusAt),
		StatusEvent: eventID(p.StatusBy), LastEvent: eventID(p.LastEvent), ConfirmedBy: p.ConfirmedBy, Flags: list(p.Flags),
		NeedsTruth: some(p.NeedsTruth), Version: s.Version, CreatedAt: firstSeen(s.ID), UpdatedAt: s.UpdatedAt,
	}
}

// firstSeen returns the millisecond that a version 7 UUID begins with: lists are sorted
// by it (RFC 9562, section 5.7).
func firstSeen(id domain.UUID) time.Time {
	var ms int64
	for _, b := range id[:6] {
		ms = ms<<8 | int64(b)
	}
	return time.UnixMilli(ms).UTC()
}

func eventID(k domain.EventKey) *string {
	if k == (domain.EventKey{}) {
		return nil
	}
	return some(k.Public())
}

// list returns l, or an empty list for nil: JSON has [] and not null.
func list[T any](l []T) []T {
	if l == nil {
		return []T{}
	}
	return l
}

// at returns the element at i, or the zero one: texts and records have lists of their own.
func at[T any](list []T, i int) (v T) {
	if i < len(list) {
		return list[i]
	}
	return v
}

// moment returns t in UTC, nil for the zero time.
func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

// maskTaxID leaves the middle of a CPF and the root of a CNPJ's branch to be recognised.
func maskTaxID(id string) string {
	switch len(id) {
	case 11:
		return "•••." + id[3:6] + "." + id[6:9] + "-••"
	case 14:
		return "••." + id[2:5] + "." + id[5:8] + "/" + id[8:12] + "-••"
	}
	return ""
}
