package rest

import (
	"context"
	"encoding/json"
	"strconv"

	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/payers"
)

// Visibility is what the caller may see of a clinic's texts, and how they are opened.
type Visibility struct {
	Open     tenants.Opener
	tenant   string                  // public id of the clinic, for links
	Personal bool                    // names, documents, addresses of payers
	Texts    bool                    // descriptions and links to the gateway's pages
	Payers   map[string]payers.Payer // whose names are shown, by the gateway's id
}

// Visibility opens the texts of the transaction's clinic. Operators see none; the payer's own
// data needs a scope.
func (s *Service) Visibility(ctx context.Context, tx *tenants.Tx, c tenants.Clinic) (l Visibility, err error) {
	who := CallerOf(ctx)
	l = Visibility{tenant: c.PublicID.Public("ten"), Personal: May(who.Principal, PersonalRead), Texts: !who.Operator()}
	l.Open, err = tx.Opener(s.Vault)
	return l, err
}

// Read opens sealed texts into v; without texts v stays as it is.
func (l Visibility) Read(kind domain.Kind, asaasID string, sealed []byte, v any) error {
	if sealed == nil || !l.Texts {
		return nil
	}
	plain, err := l.Open("texts", string(kind)+" "+asaasID, sealed)
	if err != nil {
		return &domain.Error{Code: domain.Internal, Detail: "texts of " + string(kind) + " " + asaasID, Err: err}
	}
	return json.Unmarshal(plain, v)
}

// Tag returns the entity tag of an object: its version, the versions of what is shown with
// it, and whether something is hidden from this caller.
func (l Visibility) Tag(version int, beside ...int) string {
	tag := strconv.Itoa(version)
	for len(beside) > 0 && beside[len(beside)-1] == 0 {
		beside = beside[:len(beside)-1]
	}
	for _, n := range beside {
		tag += "." + strconv.Itoa(n)
	}
	if !l.Texts {
		tag += "-texts"
	}
	if !l.Personal {
		tag += "-personal"
	}
	return `"` + tag + `"`
}

// Path returns the address of something of the clinic's.
func (l Visibility) Path(rest string) string { return "/v1/tenants/" + l.tenant + "/" + rest }

// WithVisibility runs fn inside the clinic that the path names, if the caller may see it.
func (s *Service) WithVisibility(ctx context.Context, tenant string, fn func(*tenants.Tx, Visibility) error) error {
	c, err := s.Clinic(ctx, tenant)
	if err != nil {
		return err
	}
	return s.DB.In(ctx, c.ID, func(tx *tenants.Tx) error {
		l, err := s.Visibility(ctx, tx, c)
		if err != nil {
			return err
		}
		return fn(tx, l)
	})
}

// SeesPersonal tells whether the caller sees names and documents of people unmasked.
func SeesPersonal(ctx context.Context) bool { return May(CallerOf(ctx).Principal, PersonalRead) }
