package ledger

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"patapay/api/rest"
	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/apply"
	"patapay/tenants/ledger"
)

func (s *Handler) registerExpected(api huma.API) {
	const path = "/v1/tenants/{tenant}/expected-payments/{externalReference}"
	rest.Register(
		api,
		rest.NewOperation(
			http.MethodGet, path, "getExpectedPayment", "What billing waits for under a reference", "Ledger",
			rest.LedgerRead,
		),
		s.getExpected,
	)
	rest.Register(
		api,
		rest.NewOperation(
			http.MethodPut, path, "putExpectedPayment",
			"Say what billing waits for under a reference; the same again changes nothing", "Ledger",
			rest.LedgerWrite,
		),
		s.putExpected,
	)
}

// ExpectedPath names the reference.
type ExpectedPath struct {
	rest.TenantPath
	Reference string `path:"externalReference" minLength:"1" maxLength:"500" doc:"Billing's own, as in externalReference at Asaas; percent-encoded as one path segment, a slash as %2F"`
}

type getExpectedInput struct {
	ExpectedPath
	IfNoneMatch string `header:"If-None-Match"`
}

// centsInput is an amount as callers send it.
type centsInput struct {
	AmountCents int64  `json:"amountCents" minimum:"1" maximum:"10000000000000" doc:"Centavos"`
	Currency    string `json:"currency" enum:"BRL"`
}

type putExpectedInput struct {
	ExpectedPath
	IfMatch string `header:"If-Match" doc:"ETag of the version you saw; \"0\" before the first. The same again is answered 200 with any"`
	Body    struct {
		Value     *centsInput `json:"value,omitempty" doc:"Of one payment, without interest and fine; absent: any"`
		AsaasID   string      `json:"asaasId,omitempty" example:"pay_3h08j28ezvwv7s4h" maxLength:"200" doc:"A payment that is meant though it carries no reference"`
		Cancelled bool        `json:"cancelled,omitempty" doc:"No longer due: money for it becomes a work item"`
	}
}

// expectedView is money that billing waits for.
type expectedView struct {
	ExternalReference string                     `json:"externalReference"`
	Value             rest.Maybe[rest.MoneyView] `json:"value" doc:"Of one payment; null: any"`
	AsaasID           *string                    `json:"asaasId"`
	Cancelled         bool                       `json:"cancelled"`
	Version           int                        `json:"version"`
	CreatedAt         time.Time                  `json:"createdAt"`
	UpdatedAt         time.Time                  `json:"updatedAt"`
}

func expectedOf(x ledger.ExpectedPayment) expectedView {
	return expectedView{
		x.Reference,
		rest.MoneyOrNull(x.Amount),
		rest.TextOrNull(x.Payment),
		x.Cancelled,
		x.Version,
		x.CreatedAt,
		x.UpdatedAt,
	}
}

func (s *Handler) getExpected(ctx context.Context, in *getExpectedInput) (out *rest.Object[expectedView], err error) {
	err = s.WithVisibility(ctx, in.Tenant, func(tx *tenants.Tx, _ rest.ClinicView) error {
		x, err := ledger.FindExpectedPayment(tx, in.Reference)
		out = rest.Show(in.IfNoneMatch, rest.VersionTag(x.Version), expectedOf(x))
		return err
	})
	return out, err
}

// putExpected keeps billing's word. Payments that came before it are booked anew with it.
func (s *Handler) putExpected(ctx context.Context, in *putExpectedInput) (*rest.Object[expectedView], error) {
	c, err := s.ChangeableClinic(ctx, in.Tenant)
	if err != nil {
		return nil, err
	}
	x := ledger.ExpectedPayment{Reference: in.Reference, Payment: in.Body.AsaasID, Cancelled: in.Body.Cancelled}
	detail := map[string]any{"asaasId": x.Payment, "cancelled": x.Cancelled}
	if v := in.Body.Value; v != nil {
		x.Amount, detail["amountCents"] = domain.Some(domain.Money(v.AmountCents)), v.AmountCents
	}
	err = s.DB.In(ctx, c.ID, func(tx *tenants.Tx) error {
		if err := unseen(tx, in.IfMatch, x); err != nil {
			return err
		}
		changed, err := apply.Expect(tx, s.Ledger, x, s.Instant())
		if err == nil && changed {
			err = tx.Audit(s.Chain, s.AuditEntry(ctx, "expected_payment.set", in.Reference, detail))
		}
		if err == nil {
			x, err = ledger.FindExpectedPayment(tx, in.Reference)
		}
		return err
	})
	return rest.Show("", rest.VersionTag(x.Version), expectedOf(x)), err
}

// unseen fails when the caller would overwrite what they have not seen. What stands as they
// say it already is no failure: a repeat after a lost answer must not be refused (RFC 9110,
// 13.1.1).
func unseen(tx *tenants.Tx, ifMatch string, x ledger.ExpectedPayment) error {
	if err := tx.Lock(); err != nil {
		return err
	}
	before, err := ledger.FindExpectedPayment(tx, x.Reference)
	if err != nil && domain.CodeOf(err) != domain.NotFound {
		return err
	}
	if err := rest.RequireMatch(ifMatch, rest.VersionTag(before.Version)); err != nil &&
		(ifMatch == "" || !before.Same(x)) {
		return err
	}
	return nil
}
