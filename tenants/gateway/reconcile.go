package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"time"

	"patapay/domain"
	"patapay/domain/asaas"
	"patapay/tenants"
)

// ReconcileConnection is the kind of a comparison with the gateway.
const ReconcileConnection = "connection.reconcile"

const (
	reconcilePages = 100 // of 100 objects a list: with all lists far below a tenth of the quota of 25,000 calls
	reconcileOpen  = 500 // reads of open objects by id, in one run
	repairTime     = 2*time.Minute + 30*time.Second
)

// listed is what the gateway's lists said, by entity.
type listed map[tenants.Entity]domain.Snapshot

// reconcile compares what the gateway lists with our projections (gateway notes,
// reconciliation): payments made, credited or paid in the window, all anticipations, and
// by id what is open here and not in the lists. What differs is read anew by the worker,
// whose answer is folded as an event of its own, and compared again; the certificate says
// what came of it. Running it again repairs nothing more.
func (o *operating) reconcile(ctx context.Context) error {
	today := o.Now().In(asaas.SaoPaulo)
	cert := tenants.Certificate{ID: o.op.ID, From: domain.Day(today.AddDate(0, 0, -o.days).Format(time.DateOnly)), To: domain.Day(today.Format(time.DateOnly))}
	if err := o.step(ctx, "read_lists"); err != nil {
		return err
	}
	found, err := o.lists(ctx, cert.From, cert.To)
	if err != nil {
		return err
	}
	if err := o.step(ctx, "compare"); err != nil {
		return err
	}
	differ, byID, err := o.compare(ctx, found)
	if err != nil {
		return err
	}
	cert.Read = len(found) + len(byID)
	o.tell(fmt.Sprintf("%d lidas, %d diferentes", cert.Read, len(differ)))
	if err := o.repair(ctx, found, differ, byID, &cert); err != nil {
		return err
	}
	return o.DB.In(ctx, o.clinic.ID, func(tx *tenants.Tx) error { return tx.AddCertificate(cert) })
}

// lists reads the windows. An object that is in two of them counts once.
func (o *operating) lists(ctx context.Context, from, to domain.Day) (listed, error) {
	found := listed{}
	for _, by := range []string{"dateCreated", "estimatedCreditDate", "paymentDate"} {
		query := url.Values{by + "[ge]": {string(from)}, by + "[le]": {string(to)}}
		if err := o.list(ctx, found, domain.KindPayment, "/payments", query, readPayments); err != nil {
			return nil, err
		}
		o.tell(fmt.Sprintf("%d objetos lidos", len(found)))
		if err := o.save(ctx); err != nil {
			return nil, err
		}
	}
	return found, o.list(ctx, found, domain.KindAnticipation, "/anticipations", url.Values{}, readAnticipations)
}

func (o *operating) list(ctx context.Context, into listed, kind domain.Kind, path string, query url.Values, permission string) error {
	items, _, err := o.Client.pages(ctx, o.cred, path, query, permission, reconcilePages)
	if err != nil {
		return err
	}
	for _, raw := range items {
		var named struct{ ID string }
		record, _, err := asaas.ExtractObject(kind, raw)
		if err == nil {
			err = json.Unmarshal(raw, &named)
		}
		if err != nil || named.ID == "" {
			return &Error{Code: Unexpected, Err: errors.New("an object that cannot be read")}
		}
		snapshot, _, err := asaas.Decode(kind, record)
		if err != nil {
			return &Error{Code: Unexpected, Err: errors.New("an object that cannot be read")}
		}
		into[tenants.Entity{Kind: kind, ID: named.ID}] = snapshot
	}
	return nil
}

// compare returns the listed entities that differ from our projections, and those that are
// open here and not listed, which only a read by id can judge.
func (o *operating) compare(ctx context.Context, found listed) (differ, byID []tenants.Entity, err error) {
	err = o.DB.In(ctx, o.clinic.ID, func(tx *tenants.Tx) error {
		for e, snapshot := range found {
			same, err := agrees(tx, e, snapshot)
			if err != nil {
				return err
			}
			if !same {
				differ = append(differ, e)
			}
		}
		open, err := tx.Open(reconcileOpen)
		for _, e := range open {
			if _, there := found[e]; !there {
				byID = append(byID, e)
			}
		}
		return err
	})
	return differ, byID, err
}

// agrees tells whether our projection says what the gateway does: status, amounts and the
// days of the money.
func agrees(tx *tenants.Tx, e tenants.Entity, s domain.Snapshot) (same bool, err error) {
	switch {
	case s.Payment != nil:
		p := s.Payment
		var i tenants.Stored[domain.Invoice]
		i, err = tx.InvoiceByAsaasID(e.ID)
		v := i.Value
		same = v.RawStatus == p.Status.V && v.Deleted == p.Deleted.V && v.Value.V == p.Value.V && v.NetValue.V == p.NetValue.V && v.DueDate == p.DueDate.V && v.PaymentDate == p.PaymentDate.V
	case s.Anticipation != nil:
		a := s.Anticipation
		var n tenants.Stored[domain.Anticipation]
		n, err = tx.AnticipationByAsaasID(e.ID)
		v := n.Value
		same = v.RawStatus == a.Status.V && v.NetValue.V == a.NetValue.V && v.Fee.V == a.Fee.V
	}
	if domain.CodeOf(err) == domain.NotFound {
		return false, nil
	}
	return same && err == nil, err
}

// repair asks for reads of what differs and of what only a read can judge, waits until the
// answers are folded, and counts.
func (o *operating) repair(ctx context.Context, found listed, differ, byID []tenants.Entity, cert *tenants.Certificate) error {
	if err := o.step(ctx, "repair"); err != nil {
		return err
	}
	wanted := append(append([]tenants.Entity{}, differ...), byID...)
	before := map[tenants.Entity]string{}
	err := o.DB.In(ctx, o.clinic.ID, func(tx *tenants.Tx) (err error) {
		for _, e := range wanted {
			if before[e], err = gist(tx, e); err == nil {
				err = tx.WantTruth(e.Kind, e.ID, "reconcile", o.Now().UTC())
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := o.folded(ctx, wanted); err != nil {
		return err
	}
	err = o.DB.In(ctx, o.clinic.ID, func(tx *tenants.Tx) error { return judge(tx, found, wanted, before, cert) })
	cert.EndedAt = o.Now().UTC()
	o.tell(fmt.Sprintf("%d iguais, %d reparadas, %d sem explicação", cert.Equal, cert.Repaired, cert.Unexplained))
	return err
}

// judge counts what became of the wanted entities. What is still waiting, or was listed and
// still differs, is unexplained; of the others those are repaired that changed.
func judge(tx *tenants.Tx, found listed, wanted []tenants.Entity, before map[tenants.Entity]string, cert *tenants.Certificate) error {
	for _, e := range wanted {
		waiting, err := tx.Pending([]tenants.Entity{e})
		if err != nil {
			return err
		}
		same := true
		if snapshot, there := found[e]; there {
			if same, err = agrees(tx, e, snapshot); err != nil {
				return err
			}
		}
		now, err := gist(tx, e)
		switch {
		case err != nil:
			return err
		case waiting > 0 || !same:
			cert.Unexplained++
		case now != before[e]:
			cert.Repaired++
		}
	}
	cert.Equal = cert.Read - cert.Repaired - cert.Unexplained
	return nil
}

// gist returns what people would call a repair if it changed: status and amounts. What a
// read merely confirmed is none. "" stands for no projection.
func gist(tx *tenants.Tx, e tenants.Entity) (text string, err error) {
	switch e.Kind {
	case domain.KindPayment:
		i, failed := tx.InvoiceByAsaasID(e.ID)
		v := i.Value
		text, err = fmt.Sprint(v.RawStatus, v.Deleted, v.Value, v.NetValue, v.RefundedAmount, v.DueDate, v.PaymentDate), failed
	case domain.KindAnticipation:
		a, failed := tx.AnticipationByAsaasID(e.ID)
		text, err = fmt.Sprint(a.Value.RawStatus, a.Value.NetValue, a.Value.Fee), failed
	default:
		c, failed := tx.CheckoutByAsaasID(e.ID)
		text, err = c.Value.RawStatus, failed
	}
	if domain.CodeOf(err) == domain.NotFound {
		return "", nil
	}
	return text, err
}

// folded waits until the answers are folded, or the time is up.
func (o *operating) folded(ctx context.Context, wanted []tenants.Entity) error {
	for end := time.Now().Add(repairTime); time.Now().Before(end); {
		var left int
		err := o.DB.In(ctx, o.clinic.ID, func(tx *tenants.Tx) (err error) { left, err = tx.Pending(wanted); return err })
		if err != nil || left == 0 {
			return err
		}
		o.tell(fmt.Sprintf("%d de %d em conferência", left, len(wanted)))
		if err := o.save(ctx); err != nil || !sleep(ctx, time.Second/2) {
			return err
		}
	}
	return nil
}
