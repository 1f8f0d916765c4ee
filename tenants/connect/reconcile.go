package connect

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
	"patapay/tenants/alarm"
	"patapay/tenants/apply"
	"patapay/tenants/asaasapi"
	"patapay/tenants/connection"
	"patapay/tenants/query"
)

const (
	reconcilePages = 100 // of 100 objects a list: with all lists far below a tenth of the quota of 25,000 calls
	reconcileOpen  = 500 // reads of open objects by id, in one run
	reconcileBack  = 15  // days: one more than the gateway keeps undelivered events
	reconcileMost  = 90  // days
)

// item is one listed object: what it says, and the body that the list gave of it.
type item struct {
	domain.Snapshot
	answer apply.GatewayAnswer
	asked  time.Time // before the list was read, our clock
}

// listed is what the gateway's lists said, by entity.
type listed map[tenants.EntityRef]item

// reconcile compares what the gateway lists with our projections (docs/architecture.md,
// reconciliation): payments made, credited or paid in the window, all anticipations, and
// by id what is open here and not in the lists. What differs is folded by the gateway's
// own word, as an event of its own, and compared again; the report says what came
// of it. Running it again repairs nothing more.
func (o *operating) reconcile(ctx context.Context) error {
	o.leave(0)
	return o.comparison(ctx)
}

// comparison is reconcile, from its beginning: the lists are in memory alone.
func (o *operating) comparison(ctx context.Context) error {
	begun := o.Now().UTC()
	cert := &connection.ReconciliationReport{ID: o.op.ID, From: dayBefore(begun, o.days), To: dayBefore(begun, 0)}
	if err := o.listPayers(ctx, payerPages, true); err != nil { // before what they pay, as at the import
		return err
	}
	if err := o.window(ctx, Window{cert.From, cert.To}, true, cert); err != nil {
		return err
	}
	if err := o.requestNames(ctx); err != nil {
		return err
	}
	return o.certify(ctx, cert, begun, func(*tenants.Tx) error { return nil })
}

// dayBefore returns the day so many days before an instant, at the gateway.
func dayBefore(at time.Time, ago int) domain.Day {
	return domain.Day(at.In(asaas.SaoPaulo).AddDate(0, 0, -ago).Format(time.DateOnly))
}

// window compares one window and adds to the report. The last one also takes what no
// window lists: anticipations, and what is open here.
func (o *operating) window(ctx context.Context, w Window, last bool, cert *connection.ReconciliationReport) error {
	if err := o.step(ctx, "read_lists"); err != nil {
		return err
	}
	found, err := o.lists(ctx, w, last)
	if err != nil {
		return err
	}
	maps.DeleteFunc(found, func(e tenants.EntityRef, _ item) bool { return o.seen[e] })
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

// certify stores the report, and that the operation is done, in one transaction with
// also: there is one report, however often the work was begun. Differences that nothing
// explained are an incident; without any, a former one is solved.
func (o *operating) certify(
	ctx context.Context, cert *connection.ReconciliationReport, begun time.Time, also func(*tenants.Tx) error,
) error {
	cert.EndedAt = o.Now().UTC()
	o.tell(fmt.Sprintf("%d iguais, %d reparadas, %d sem explicação", cert.Equal, cert.Repaired, cert.Unexplained))
	o.endStep("done", "")
	o.op.Done()
	err := o.DB.In(ctx, o.clinic.ID, func(tx *tenants.Tx) error {
		if err := errors.Join(
			connection.AddReconciliationReport(tx, *cert), tx.SaveHeld(o.op, cert.EndedAt), also(tx),
		); err != nil {
			return err
		}
		if cert.Unexplained > 0 {
			_, err := alarm.OpenIncident(tx, domain.AlarmDifferences, o.mailOf(
				o.clinic, domain.AlarmDifferences.Title(),
				fmt.Sprintf(
					"%d faturas ou antecipações diferem do Asaas, e ainda não sabemos por quê. "+
						"Os valores mostrados podem estar desatualizados desde %s.",
					cert.Unexplained, date(begun),
				),
				"Ver",
			), cert.EndedAt)
			return err
		}
		if err := alarm.CloseIncident(
			tx, domain.AlarmDifferences,
			o.mailOf(
				o.clinic, "Resolvido: "+domain.AlarmDifferences.Title(), "As faturas conferem com o Asaas.",
				"Ver a saúde da conexão",
			),
			cert.EndedAt,
		); err != nil {
			return err
		}
		return connection.CloseGap(tx, begun)
	})
	if err != nil {
		o.op.State = "running"
	}
	return err
}

// lists reads the windows. An object that is in two of them counts once.
func (o *operating) lists(ctx context.Context, w Window, last bool) (listed, error) {
	found := listed{}
	for _, by := range []string{"dateCreated", "estimatedCreditDate", "paymentDate"} {
		query := url.Values{by + "[ge]": {string(w.From)}, by + "[le]": {string(w.To)}}
		if err := o.list(ctx, found, domain.KindPayment, "/payments", query, asaasapi.ReadPayments); err != nil {
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
	return found, o.list(ctx, found, domain.KindAnticipation, "/anticipations", url.Values{}, asaasapi.ReadAnticipations)
}

func (o *operating) list(
	ctx context.Context, into listed, kind domain.Kind, path string, query url.Values, permission string,
) error {
	asked := o.Now().UTC()
	items, at, err := o.Client.Pages(asaasapi.For(ctx, asaasapi.Upkeep), o.cred, path, query, permission, reconcilePages)
	if err != nil {
		return err
	}
	for _, raw := range items {
		o.Radar.Note(o.clinic.ID, asaas.UnknownInAnswer(kind, raw))
		var named struct{ ID string }
		record, _, err := asaas.ExtractObject(kind, raw)
		if err == nil {
			err = json.Unmarshal(raw, &named)
		}
		if err != nil || named.ID == "" {
			return &asaasapi.Error{Code: asaasapi.Unexpected, Err: errors.New("an object that cannot be read")}
		}
		snapshot, _, err := asaas.Decode(kind, record)
		if err != nil {
			return &asaasapi.Error{Code: asaasapi.Unexpected, Err: errors.New("an object that cannot be read")}
		}
		into[tenants.EntityRef{Kind: kind, ID: named.ID}] = item{
			snapshot,
			apply.GatewayAnswer{Body: raw, Clock: at, Found: true},
			asked,
		}
	}
	return nil
}

// compare returns the listed entities that differ from our projections, and those that are
// open here and not listed, which only a read by id can judge.
func (o *operating) compare(
	ctx context.Context, found listed, last bool,
) (differ, byID []tenants.EntityRef, err error) {
	err = o.DB.In(ctx, o.clinic.ID, func(tx *tenants.Tx) error {
		differ, byID = nil, nil
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
		open, err := apply.Open(tx, reconcileOpen)
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
func agrees(tx *tenants.Tx, e tenants.EntityRef, s domain.Snapshot) (same bool, err error) {
	switch {
	case s.Payment != nil:
		differ, err := differences(tx, e.ID, s.Payment)
		return len(differ) == 0 && err == nil, err
	case s.Anticipation != nil:
		a := s.Anticipation
		var n query.Stored[domain.Anticipation]
		n, err = query.AnticipationByAsaasID(tx, e.ID)
		v := n.Value
		same = v.RawStatus == a.Status.V && v.NetValue.V == a.NetValue.V && v.Fee.V == a.Fee.V
	}
	if domain.CodeOf(err) == domain.NotFound {
		return false, nil
	}
	return same && err == nil, err
}
