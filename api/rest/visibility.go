package rest

import (
	"cmp"
	"context"
	"encoding/json"
	"reflect"
	"slices"
	"strconv"

	"patapay/domain"
	"patapay/tenants"
)

// Visibility is what the caller may see of a clinic.
type Visibility struct {
	Personal bool // names, documents, addresses of payers
	Texts    bool // descriptions and links to the gateway's pages
}

// VisibilityOf returns what the caller of ctx may see. Operators see no texts; the payer's own
// data needs a scope.
func VisibilityOf(ctx context.Context) Visibility {
	return Visibility{Personal: SeesPersonal(ctx), Texts: !CallerOf(ctx).Operator()}
}

// Decryptor opens what one clinic keeps sealed.
type Decryptor struct{ Open tenants.Opener }

// Texts opens the sealed texts of an object into v; v stays as it is when there are none.
func (d Decryptor) Texts(kind domain.Kind, asaasID string, sealed []byte, v any) error {
	if sealed == nil {
		return nil
	}
	plain, err := d.Open("texts", string(kind)+" "+asaasID, sealed)
	if err != nil {
		return &domain.Error{Code: domain.Internal, Detail: "texts of " + string(kind) + " " + asaasID, Err: err}
	}
	return json.Unmarshal(plain, v)
}

// ClinicView is a clinic as one caller sees it: what they may see, and what opens it.
type ClinicView struct {
	Visibility
	Decryptor Decryptor
	tenant    string   // public id of the clinic, for links
	fields    []string // members that the caller asked for; nil: all
}

// Only returns the view for a caller that asks for some members alone, as fields= names them;
// for all of them when it is empty. What no member of them needs is neither opened nor decoded.
func (v ClinicView) Only(fields string) ClinicView {
	v.fields = asked(fields, fields != "")
	return v
}

// textsNames are the members that texts are shown in, where they have another name.
var textsNames = map[string]string{"cut": "cutTexts", "splits": "split"}

// wants tells whether the caller asked for a member that texts of this type are shown in.
func (v ClinicView) wants(texts any) bool {
	return v.fields == nil || slices.ContainsFunc(jsonNames(reflect.TypeOf(texts).Elem()), func(name string) bool {
		return v.Shows(cmp.Or(textsNames[name], name))
	})
}

// Shows tells whether the caller asked for a member.
func (v ClinicView) Shows(member string) bool {
	return v.fields == nil || slices.Contains(v.fields, member)
}

// ClinicView returns the transaction's clinic as the caller sees it.
func (s *Service) ClinicView(ctx context.Context, tx *tenants.Tx, c tenants.Clinic) (ClinicView, error) {
	open, err := tx.Opener(s.Vault)
	return ClinicView{Visibility: VisibilityOf(ctx), Decryptor: Decryptor{open}, tenant: c.PublicID.Public("ten")}, err
}

// ReadTexts opens the sealed texts of an object into the value, a pointer to a struct, if the
// caller may see texts and asked for one of its members.
func (v ClinicView) ReadTexts(kind domain.Kind, asaasID string, sealed []byte, into any) error {
	if !v.Texts || !v.wants(into) {
		return nil
	}
	return v.Decryptor.Texts(kind, asaasID, sealed, into)
}

// Tag returns the entity tag of an object: its version, the versions of what is shown with
// it, and whether something is hidden from this caller.
func (v Visibility) Tag(version int, beside ...int) string {
	tag := strconv.Itoa(version)
	for len(beside) > 0 && beside[len(beside)-1] == 0 {
		beside = beside[:len(beside)-1]
	}
	for _, n := range beside {
		tag += "." + strconv.Itoa(n)
	}
	if !v.Texts {
		tag += "-texts"
	}
	if !v.Personal {
		tag += "-personal"
	}
	return `"` + tag + `"`
}

// Path returns the address of something of the clinic's.
func (v ClinicView) Path(rest string) string { return "/v1/tenants/" + v.tenant + "/" + rest }

// WithVisibility runs fn inside the clinic that the path names, if the caller may see it.
func (s *Service) WithVisibility(ctx context.Context, tenant string, fn func(*tenants.Tx, ClinicView) error) error {
	c, err := s.Clinic(ctx, tenant)
	if err != nil {
		return err
	}
	return s.DB.In(ctx, c.ID, func(tx *tenants.Tx) error {
		view, err := s.ClinicView(ctx, tx, c)
		if err != nil {
			return err
		}
		return fn(tx, view)
	})
}

// SeesPersonal tells whether the caller sees names and documents of people unmasked.
func SeesPersonal(ctx context.Context) bool { return May(CallerOf(ctx).Principal, PersonalRead) }
