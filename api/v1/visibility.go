package v1

import (
	"context"
	"encoding/json"
	"strconv"

	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/payers"
)

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

// seesPersonal tells whether the caller sees names and documents of people unmasked.
func seesPersonal(ctx context.Context) bool { return may(callerOf(ctx).Principal, personalRead) }
