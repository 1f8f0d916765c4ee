package rest

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

// Map returns list with every element as fn has it.
func Map[A, B any](list []A, fn func(A) B) []B {
	out := make([]B, 0, len(list))
	for a := range slices.Values(list) {
		out = append(out, fn(a))
	}
	return out
}

// MoneyView is an amount.
type MoneyView struct {
	AmountCents int64  `json:"amountCents" doc:"Centavos" example:"31000"`
	Currency    string `json:"currency" enum:"BRL"`
}

// MoneyOf shows an amount.
func MoneyOf(m domain.Money) MoneyView { return MoneyView{int64(m), "BRL"} }

// MoneyOrNull returns the amount, or null when the gateway told none.
func MoneyOrNull(m domain.Opt[domain.Money]) Maybe[MoneyView] {
	v, ok := m.Get()
	if !ok {
		return Maybe[MoneyView]{}
	}
	return Present(MoneyOf(v))
}

// Maybe is an object or null in JSON: what the gateway did not tell is null, never absent.
type Maybe[T any] struct{ V *T }

// Present is a value that is there.
func Present[T any](v T) Maybe[T] { return Maybe[T]{&v} }

// MarshalJSON writes the object or null.
func (m Maybe[T]) MarshalJSON() ([]byte, error) {
	if m.V == nil {
		return []byte("null"), nil
	}
	return json.Marshal(m.V)
}

// Schema says that the object may be null.
func (m Maybe[T]) Schema(r huma.Registry) *huma.Schema {
	t := reflect.TypeFor[T]()
	return &huma.Schema{AnyOf: []*huma.Schema{r.Schema(t, true, t.Name()), {Type: "null"}}}
}

// MaybeAs returns opt as view shows it, or null.
func MaybeAs[A, B any](opt domain.Opt[A], view func(A) B) Maybe[B] {
	v, ok := opt.Get()
	if !ok {
		return Maybe[B]{}
	}
	return Present(view(v))
}

// TextOrNull returns the text, or nil for "": what the gateway did not tell.
func TextOrNull[S ~string](s S) *string {
	if s == "" {
		return nil
	}
	text := string(s)
	return &text
}

// LocalTimeOrNull returns a gateway time as an instant in UTC, or nil.
func LocalTimeOrNull(t domain.LocalTime) *time.Time {
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
	ConfirmedBy string     `json:"confirmedBy" doc:"Who vouches for the money: Asaas's answer to a read, or only its webhook" enum:"webhook,api"`
	Flags       []string   `json:"flags" doc:"What stands against this object, each once" nullable:"false"`
	NeedsTruth  *string    `json:"needsTruth" doc:"Why Asaas is to be asked; null when it need not be"`
	CutTexts    []string   `json:"cutTexts,omitempty" doc:"Free texts of more than 4 KiB, by their names: the beginning is shown, with … behind it; the event's payload has the whole"`
	Version     int        `json:"version" doc:"1, 2 …: one more with every change"`
	CreatedAt   time.Time  `json:"createdAt" doc:"When we first heard of it"`
	UpdatedAt   time.Time  `json:"updatedAt"`
}

// StoredOf shows what all three projections have. Prefix is of our own ids.
func StoredOf[T any](prefix string, s query.Stored[T], p domain.Projection) StoredView {
	return StoredView{
		ID:          s.ID.Public(prefix),
		AsaasID:     p.ID,
		AsaasStatus: TextOrNull(p.RawStatus),
		StatusAt:    LocalTimeOrNull(p.StatusAt),
		StatusEvent: EventIDOrNull(p.StatusBy),
		LastEvent:   EventIDOrNull(p.LastEvent),
		ConfirmedBy: p.ConfirmedBy,
		Flags:       OrEmpty(p.Flags),
		NeedsTruth:  TextOrNull(p.NeedsTruth),
		Version:     s.Version,
		CreatedAt:   firstSeen(s.ID),
		UpdatedAt:   s.UpdatedAt,
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

// EventIDOrNull returns an event's public id, or nil for no event.
func EventIDOrNull(k domain.EventKey) *string {
	if k == (domain.EventKey{}) {
		return nil
	}
	return TextOrNull(k.Public())
}

// OrEmpty returns l, or an empty list for nil: JSON has [] and not null.
func OrEmpty[T any](l []T) []T {
	if l == nil {
		return []T{}
	}
	return l
}

// At returns the element at i, or the zero one: texts and records have lists of their own.
func At[T any](list []T, i int) (v T) {
	if i < len(list) {
		return list[i]
	}
	return v
}

// TimeOrNull returns t in UTC, nil for the zero time.
func TimeOrNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

// MaskTaxID leaves the middle of a CPF and the root of a CNPJ's branch to be recognised.
func MaskTaxID(id string) string {
	switch len(id) {
	case 11:
		return "•••." + id[3:6] + "." + id[6:9] + "-••"
	case 14:
		return "••." + id[2:5] + "." + id[5:8] + "/" + id[8:12] + "-••"
	}
	return ""
}
