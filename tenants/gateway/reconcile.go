package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
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
	reconcileBack  = 15  // days: one more than the gateway keeps undelivered events
	reconcileMost  = 90  // days
	repairTime     = 2*time.Minute + 30*time.Second
)

// item is one listed object: what it says, and the list's own words.
type item struct {
	domain.Snapshot
	answer tenants.TruthAnswer
	asked  time.Time // before the list was read, our clock
}

// listed is what the gateway's lists said, by entity.
type listed map[tenants.Entity]item

// reconcile compares what the gateway lists with our projections (gateway notes,
// reconciliation): payments made, credited or paid in the window, all anticipations, and
// by id what is open here and not in the lists. What differs is folded by the gateway's
// own word, as an event of its own, and compared again; the certificate says what came
// of it. Running it again repairs nothing more.
func (o *operating) reconcile(ctx context.Context) error {
	begun := o.Now().UTC()
	cert := &tenants.Certificate{ID: o.op.ID, From: o.day(o.days), To: o.day(0)}
	if err := o.window(ctx, Window{cert.From, cert.To}, true, cert); err != nil {
		return err
	}
	if err := o.listPayers(ctx, payerPages, true); err != nil {
		return err
	}
	return o.certify(ctx, cert, begun)
}

// day returns the day so many days ago, at the gateway.
func (o *operating) day(ago int) domain.Day {
	return domain.Day(o.Now().In(asaas.SaoPaulo).AddDate(0, 0, -ago).Format(time.DateOnly))
}

// window compares one window and adds to the certificate. The last one also takes what no
// window lists: anticipations, and what is open here.
func (o *operating) window(ctx context.Context, w Window, last bool, cert *tenants.Certificate) error {
	if err := o.step(ctx, "read_lists"); err != nil {
		return err
	}
	found, err := o.lists(ctx, w, last)
	if err != nil {
		return err
	}
	maps.DeleteFunc(found, func(e tenants.Entity, _ item) bool { return o.seen[e] })
	if err := o.step(ctx, "compare"); err != nil {
		return err
	}
	differ, byID, err := o.compare(ctx, found, last)
	if err != nil {
		return err
	}
	for _, e := range slices.Concat(slices.Collect(maps.Keys(found)), byID) {
		o.seen[e] = true
	}
	read := len(found) + len(byID)
	o.tell(fmt.Sprintf("%d lidas, %d diferentes", read, len(differ)))
	if err := o.repair(ctx, found, differ, byID, cert); err != nil {
		return err
	}
	cert.Read += read
	cert.Equal = cert.Read - cert.Repaired - cert.Unexplained
	if o.After != nil {
		return o.After(ctx, o.clinic, w)
	}
	return nil
}

// certify stores the certificate. Differences that nothing explained are an incident;
// without any, a former one is solved.
func (o *operating) certify(ctx context.Context, cert *tenants.Certificate, begun time.Time) error {
	cert.EndedAt = o.Now().UTC()
	o.tell(fmt.Sprintf("%d iguais, %d reparadas, %d sem explicação", cert.Equal, cert.Repaired, cert.Unexplained))
	return o.DB.In(ctx, o.clinic.ID, func(tx *tenants.Tx) error {
		if err := tx.AddCertificate(*cert); err != nil {
			return err
		}
		if cert.Unexplained > 0 {
			_, err := tx.OpenIncident(differing, todo[differing], o.letterOf(o.clinic, title[differing],
				fmt.Sprintf("%d faturas ou antecipações diferem do Asaas, e ainda não sabemos por quê. Os valores mostrados podem estar desatualizados desde %s.",
					cert.Unexplained, date(begun)), "Ver"), cert.EndedAt)
			return err
		}
		if err := tx.CloseIncident(differing, o.letterOf(o.clinic, "Resolvido: "+title[differing], "As faturas conferem com o Asaas.", "Ver a saúde da conexão"), cert.EndedAt); err != nil {
			return err
		}
		return tx.CloseGap(begun)
	})
}

// lists reads the windows. An object that is in two of them counts once.
func (o *operating) lists(ctx context.Context, w Window, last bool) (listed, error) {
	found := listed{}
	for _, by := range []string{"dateCreated", "estimatedCreditDate", "paymentDate"} {
		query := url.Values{by + "[ge]": {string(w.From)}, by + "[le]": {string(w.To)}}
		if err := o.list(ctx, found, domain.KindPayment, "/payments", query, readPayments); err != nil {
			return nil, err
		}
		o.tell(fmt.Sprintf("%d objetos lidos", len(found)))
		if err := o.save(ctx); err != nil {
			return nil, err
		}
	}
	if !last {
		return found, nil
	}
	return found, o.list(ctx, found, domain.KindAnticipation, "/anticipations", url.Values{}, readAnticipations)
}

func (o *operating) list(ctx context.Context, into listed, kind domain.Kind, path string, query url.Values, permission string) error {
	asked := o.Now().UTC()
	items, at, err := o.Client.pages(For(ctx, Upkeep), o.cred, path, query, permission, reconcilePages)
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
		into[tenants.Entity{Kind: kind, ID: named.ID}] = item{snapshot, tenants.TruthAnswer{Body: raw, Clock: at, Found: true}, asked}
	}
	return nil
}

// compare returns the listed entities that differ from our projections, and those that are
// open here and not listed, which only a read by id can judge.
func (o *operating) compare(ctx context.Context, found listed, last bool) (differ, byID []tenants.Entity, err error) {
	err = o.DB.In(ctx, o.clinic.ID, func(tx *tenants.Tx) error {
		for e, listed := range found {
			same, err := agrees(tx, e, listed.Snapshot)
			if err != nil {
				return err
			}
			if !same {
				differ = append(differ, e)
			}
		}
		if !last {
			return nil
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
		differ, err := differences(tx, e.ID, s.Payment)
		return len(differ) == 0 && err == nil, err
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

// repair has the gateway's word on what differs, and on what only a read can judge,
// folded, waits for it, and counts.
func (o *operating) repair(ctx context.Context, found listed, differ, byID []tenants.Entity, cert *tenants.Certificate) error {
	if err := o.step(ctx, "repair"); err != nil {
		return err
	}
	before := map[tenants.Entity]string{}
	wanted := append(append([]tenants.Entity{}, differ...), byID...)
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
func (o *operating) ask(ctx context.Context, found listed, differ, byID []tenants.Entity) error {
	if o.Worker == nil {
		byID, differ = append(append([]tenants.Entity{}, differ...), byID...), nil
	}
	for _, e := range differ { // each in a transaction of its own: a bad one stops nobody else
		it := found[e]
		err := o.Worker.In(ctx, o.clinic.ID, func(tx *tenants.Tx) error {
			return tx.KeepListed(e, it.answer, o.conn.Environment, o.Vault, it.asked, o.Now().UTC())
		})
		if err != nil {
			return err
		}
	}
	return o.DB.In(ctx, o.clinic.ID, func(tx *tenants.Tx) error {
		for _, e := range byID {
			if err := tx.WantTruth(e.Kind, e.ID, "reconcile", o.Now().UTC()); err != nil {
				return err
			}
		}
		return nil
	})
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
			cert.Objects = append(cert.Objects, tenants.Finding{Kind: e.Kind, ID: e.ID, Found: "unexplained"})
		case now != before[e]:
			cert.Repaired++
			cert.Objects = append(cert.Objects, tenants.Finding{Kind: e.Kind, ID: e.ID, Found: "repaired"})
		}
	}
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
