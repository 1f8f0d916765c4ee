package connect

import (
	"context"
	"fmt"
	"time"

	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/apply"
	"patapay/tenants/asaasapi"
	"patapay/tenants/connection"
	"patapay/tenants/query"
)

// repairTime bounds the wait for what was asked for.
const repairTime = 2*time.Minute + 30*time.Second

// repair has the gateway's word on what differs, and on what only a read can judge,
// folded, waits for it, and counts.
func (o *operating) repair(
	ctx context.Context, found listed, differ, byID []tenants.EntityRef, cert *connection.ReconciliationReport,
) error {
	if err := o.step(ctx, "repair"); err != nil {
		return err
	}
	before := map[tenants.EntityRef]string{}
	wanted := append(append([]tenants.EntityRef{}, differ...), byID...)
	err := o.DB.In(ctx, o.clinic.ID, func(tx *tenants.Tx) (err error) {
		for _, e := range wanted {
			if before[e], err = gist(tx, e); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		err = o.ask(ctx, found, differ, byID)
	}
	if err == nil {
		err = o.folded(ctx, wanted)
	}
	if err != nil {
		return err
	}
	return o.DB.In(ctx, o.clinic.ID, func(tx *tenants.Tx) error { return judge(tx, found, wanted, before, cert) })
}

// ask stores what the lists said of what differs, and asks the worker for reads of the
// rest.
func (o *operating) ask(ctx context.Context, found listed, differ, byID []tenants.EntityRef) error {
	if o.Worker == nil {
		byID, differ = append(append([]tenants.EntityRef{}, differ...), byID...), nil
	}
	for _, e := range differ { // each in a transaction of its own: a bad one stops nobody else
		it := found[e]
		err := o.Worker.In(ctx, o.clinic.ID, func(tx *tenants.Tx) error {
			return apply.KeepListed(tx, e, it.answer, o.conn.Environment, o.Vault, it.asked, o.Now().UTC())
		})
		if err != nil {
			return err
		}
	}
	return o.DB.In(ctx, o.clinic.ID, func(tx *tenants.Tx) error {
		for _, e := range byID {
			if err := apply.RequestRead(tx, e.Kind, e.ID, domain.ReadReconcile, o.Now().UTC()); err != nil {
				return err
			}
		}
		return nil
	})
}

// judge counts what became of the wanted entities. What is still waiting, or was listed and
// still differs, is unexplained; of the others those are repaired that changed.
func judge(
	tx *tenants.Tx, found listed, wanted []tenants.EntityRef, before map[tenants.EntityRef]string,
	cert *connection.ReconciliationReport,
) error {
	for _, e := range wanted {
		waiting, err := apply.Pending(tx, []tenants.EntityRef{e})
		if err != nil {
			return err
		}
		same := true
		if listed, there := found[e]; there {
			if same, err = agrees(tx, e, listed.Snapshot); err != nil {
				return err
			}
		}
		now, err := gist(tx, e)
		switch {
		case err != nil:
			return err
		case waiting > 0 || !same:
			cert.Unexplained++
			cert.Objects = append(cert.Objects, connection.Finding{Kind: e.Kind, ID: e.ID, Found: "unexplained"})
		case now != before[e]:
			cert.Repaired++
			cert.Objects = append(cert.Objects, connection.Finding{Kind: e.Kind, ID: e.ID, Found: "repaired"})
		}
	}
	return nil
}

// gist returns what people would call a repair if it changed: status and amounts. What a
// read merely confirmed is none. "" stands for no projection.
func gist(tx *tenants.Tx, e tenants.EntityRef) (text string, err error) {
	switch e.Kind {
	case domain.KindPayment:
		i, failed := query.InvoiceByAsaasID(tx, e.ID)
		v := i.Value
		text, err = fmt.Sprint(
			v.Status, v.RawStatus, v.Deleted, v.Value, v.NetValue, v.RefundedAmount, v.DueDate, v.PaymentDate,
		), failed
	case domain.KindAnticipation:
		a, failed := query.AnticipationByAsaasID(tx, e.ID)
		text, err = fmt.Sprint(a.Value.RawStatus, a.Value.NetValue, a.Value.Fee), failed
	default:
		c, failed := query.CheckoutByAsaasID(tx, e.ID)
		text, err = c.Value.RawStatus, failed
	}
	if domain.CodeOf(err) == domain.NotFound {
		return "", nil
	}
	return text, err
}

// folded waits until the answers are folded, or the time is up.
func (o *operating) folded(ctx context.Context, wanted []tenants.EntityRef) error {
	for end := time.Now().Add(repairTime); time.Now().Before(end); {
		var left int
		err := o.DB.In(
			ctx, o.clinic.ID, func(tx *tenants.Tx) (err error) { left, err = apply.Pending(tx, wanted); return err },
		)
		if err != nil || left == 0 {
			return err
		}
		o.tell(fmt.Sprintf("%d de %d em conferência", left, len(wanted)))
		if err := o.save(ctx); err != nil || !asaasapi.Sleep(ctx, time.Second/2) {
			return err
		}
	}
	return nil
}
