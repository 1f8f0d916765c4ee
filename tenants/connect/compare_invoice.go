package connect

import (
	"context"
	"time"

	"patapay/domain"
	"patapay/domain/asaas"
	"patapay/tenants"
	"patapay/tenants/apply"
	"patapay/tenants/asaasapi"
	"patapay/tenants/query"
)

// Compared is one invoice beside the gateway's own word on it.
type Compared struct {
	At          time.Time // the gateway's clock, UTC
	Found       bool      // the gateway knows it
	Differences []Difference
	Settled     bool // nothing differed, or the gateway's word was folded in time
}

// Difference is one field that differs: in our words for us, the gateway's for it.
type Difference struct{ Field, Ours, Theirs string }

// applyLimit is how long a comparison of one invoice waits for its fold.
const applyLimit = 5 * time.Second

// CompareInvoice reads one charge at the gateway, compares, and has what differs folded by
// the gateway's word. It fails with NotFound for a clinic that is not connected, with
// asaas_rate_limited when the account's quota is used up.
func (c *Connector) CompareInvoice(ctx context.Context, clinic tenants.Clinic, asaasID string) (Compared, error) {
	o := &operating{Connector: c, clinic: clinic}
	err := c.DB.In(ctx, clinic.ID, func(tx *tenants.Tx) (err error) {
		if o.conn, err = c.connectedNow(tx, Unconditional); err != nil {
			return err
		}
		o.cred, _, err = c.last(tx)
		return err
	})
	if err != nil {
		return Compared{}, err
	}
	asked := c.Now().UTC()
	there, err := c.Client.Payment(ctx, o.cred, asaasID)
	if err != nil {
		return Compared{}, err
	}
	return o.applyInvoice(ctx, tenants.EntityRef{Kind: domain.KindPayment, ID: asaasID}, there, asked)
}

// applyInvoice compares the gateway's answer with ours and waits until a difference is folded.
func (o *operating) applyInvoice(
	ctx context.Context, e tenants.EntityRef, there asaasapi.Object, asked time.Time,
) (Compared, error) {
	out := Compared{At: there.Clock, Found: there.Found, Settled: true}
	found := listed{e: {answer: apply.GatewayAnswer(there), asked: asked}}
	if there.Found {
		record, _, err := asaas.ExtractObject(e.Kind, there.Body)
		if err != nil {
			return out, &asaasapi.Error{Code: asaasapi.Unexpected, Err: err}
		}
		snapshot, _, err := asaas.Decode(e.Kind, record)
		if err != nil || snapshot.Payment == nil {
			return out, &asaasapi.Error{Code: asaasapi.Unexpected, Err: err}
		}
		err = o.DB.In(ctx, o.clinic.ID, func(tx *tenants.Tx) (err error) {
			out.Differences, err = differences(tx, e.ID, snapshot.Payment)
			return err
		})
		if err != nil || out.Differences == nil {
			return out, err
		}
	}
	if err := o.ask(ctx, found, []tenants.EntityRef{e}, nil); err != nil {
		return out, err
	}
	for end := time.Now().Add(applyLimit); ; {
		var left int
		err := o.DB.In(
			ctx, o.clinic.ID,
			func(tx *tenants.Tx) (err error) { left, err = apply.Pending(tx, []tenants.EntityRef{e}); return err },
		)
		if err != nil || left == 0 {
			return out, err
		}
		if out.Settled = time.Now().Before(end); !out.Settled || !asaasapi.Sleep(ctx, eventPoll/2) {
			return out, ctx.Err()
		}
	}
}

// differences returns what of our invoice differs from the gateway's charge: what a
// comparison of many looks at, field by field. An unknown one differs in its being there.
func differences(tx *tenants.Tx, id string, p *domain.PaymentSnapshot) (list []Difference, err error) {
	i, err := query.InvoiceByAsaasID(tx, id)
	if domain.CodeOf(err) == domain.NotFound {
		return []Difference{{"invoice", "", id}}, nil
	}
	v := i.Value
	if v.Status == domain.InvoiceNotAtAsaas { // as told, and not believed any more: Asaas knows it after all
		v.RawStatus = ""
	}
	for _, d := range []Difference{
		{"asaasStatus", v.RawStatus, p.Status.V},
		{"deleted", yesNo(v.Deleted), yesNo(p.Deleted.V)},
		{"value", v.Value.V.String(), p.Value.V.String()},
		{"netValue", v.NetValue.V.String(), p.NetValue.V.String()},
		{"dueDate", string(v.DueDate), string(p.DueDate.V)},
		{"paymentDate", string(v.PaymentDate), string(p.PaymentDate.V)},
	} {
		if d.Ours != d.Theirs {
			list = append(list, d)
		}
	}
	return list, err
}
