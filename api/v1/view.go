package v1

import (
	"context"
	"encoding/json"
	"reflect"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"patapay/domain"
	"patapay/domain/asaas"
	"patapay/tenants"
	"patapay/tenants/payers"
	"patapay/tenants/query"
)

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

// lens is what the caller may see of a clinic's texts, and how they are opened.
type lens struct {
	open     tenants.Opener
	tenant   string                  // public id of the clinic, for links
	personal bool                    // names, documents, addresses of payers
	texts    bool                    // descriptions and links to the gateway's pages
	payers   map[string]payers.Payer // whose names are shown, by the gateway's id
}

// lens opens the texts of the transaction's clinic. Operators see none; the payer's own
// data needs a scope.
func (s *Server) lens(ctx context.Context, tx *tenants.Tx, c tenants.Clinic) (l lens, err error) {
	who := callerOf(ctx)
	l = lens{tenant: c.PublicID.Public("ten"), personal: may(who.Principal, personalRead), texts: !who.Operator()}
	l.open, err = tx.Opener(s.Vault)
	return l, err
}

// read opens sealed texts into v; without texts v stays as it is.
func (l lens) read(kind domain.Kind, asaasID string, sealed []byte, v any) error {
	if sealed == nil || !l.texts {
		return nil
	}
	plain, err := l.open("texts", string(kind)+" "+asaasID, sealed)
	if err != nil {
		return &domain.Error{Code: domain.Internal, Detail: "texts of " + string(kind) + " " + asaasID, Err: err}
	}
	return json.Unmarshal(plain, v)
}

// tag returns the entity tag of an object: its version, the versions of what is shown with
// it, and whether something is hidden from this caller.
func (l lens) tag(version int, beside ...int) string {
	tag := strconv.Itoa(version)
	for len(beside) > 0 && beside[len(beside)-1] == 0 {
		beside = beside[:len(beside)-1]
	}
	for _, n := range beside {
		tag += "." + strconv.Itoa(n)
	}
	if !l.texts {
		tag += "-texts"
	}
	if !l.personal {
		tag += "-personal"
	}
	return `"` + tag + `"`
}

// path returns the address of something of the clinic's.
func (l lens) path(rest string) string { return "/v1/tenants/" + l.tenant + "/" + rest }

// at returns the element at i, or the zero one: texts and records have lists of their own.
func at[T any](list []T, i int) (v T) {
	if i < len(list) {
		return list[i]
	}
	return v
}

// looked runs fn inside the clinic that the path names, if the caller may see it.
func (s *Server) looked(ctx context.Context, tenant string, fn func(*tenants.Tx, lens) error) error {
	c, err := s.clinic(ctx, tenant)
	if err != nil {
		return err
	}
	return s.DB.In(ctx, c.ID, func(tx *tenants.Tx) error {
		l, err := s.lens(ctx, tx, c)
		if err != nil {
			return err
		}
		return fn(tx, l)
	})
}

// found returns the projection that a path names, by our id with this prefix or by the
// gateway's. Whatever is neither is simply not there.
func found[T any](tx *tenants.Tx, prefix, id string, ours func(*tenants.Tx, domain.UUID) (query.Stored[T], error), theirs func(*tenants.Tx, string) (query.Stored[T], error)) (query.Stored[T], error) {
	if uuid, ok := domain.ParseUUID(prefix, id); ok {
		return ours(tx, uuid)
	}
	if !plainID(id) {
		return query.Stored[T]{}, domain.Errorf(domain.NotFound, "")
	}
	return theirs(tx, id)
}

// plainID tells whether text may be an id of the gateway's.
func plainID(text string) bool {
	for _, r := range text {
		if r <= ' ' || r > '~' {
			return false
		}
	}
	return text != "" && len(text) <= 200
}
