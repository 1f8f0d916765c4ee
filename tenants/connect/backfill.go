package connect

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/connection"
)

var (
	backfillWindows = domain.OperationBackfill.Steps() // the newest first: what people ask about comes first
	backfillDays    = reconcileMost / backfillWindows
)

// backfill imports what was there before the clinic connected: the last 90 days, in
// windows of 15, the newest first, each a step. It is a comparison in which nearly all
// differs, so it may be cut off and begun again: what is there already is equal. It goes on
// behind the last window that was finished.
func (o *operating) backfill(ctx context.Context) error {
	if o.done.Begun == nil {
		now := o.Now().UTC()
		o.done.Begun, o.done.ReconciliationReport = &now, &connection.ReconciliationReport{
			ID:   o.op.ID,
			From: dayBefore(now, reconcileMost),
			To:   dayBefore(now, 0),
		}
	}
	o.leave(o.done.Windows)
	for _, e := range o.done.Seen {
		o.seen[e] = true
	}
	for o.done.Windows < backfillWindows {
		if err := o.importWindow(ctx, o.done.Windows); err != nil {
			return err
		}
	}
	return o.certify(
		ctx, o.done.ReconciliationReport, *o.done.Begun,
		func(tx *tenants.Tx) error { return connection.Backfilled(tx, o.Now().UTC()) },
	)
}

// importWindow is one step of the import, and stores that it is done.
func (o *operating) importWindow(ctx context.Context, i int) error {
	if err := o.step(ctx, fmt.Sprintf("days_%d_to_%d", i*backfillDays, (i+1)*backfillDays)); err != nil {
		return err
	}
	w := Window{From: dayBefore(*o.done.Begun, (i+1)*backfillDays), To: dayBefore(*o.done.Begun, i*backfillDays)}
	cert := *o.done.ReconciliationReport
	o.part = true
	var err error
	if i == 0 { // before what they pay: apply asks, one by one, for the names that it does not find
		err = o.listPayers(ctx, payerPagesFirst, false)
	}
	if err == nil {
		err = o.window(ctx, w, i == 0, &cert)
	}
	o.part = false
	if err != nil {
		return err
	}
	o.tell(fmt.Sprintf("%d faturas e antecipações", cert.Read-o.done.ReconciliationReport.Read))
	if i < backfillWindows-1 { // the last one's step says what came of all
		o.endStep("done", "")
	}
	o.done.Windows, o.done.ReconciliationReport, o.done.Seen = i+1, &cert, slices.Collect(maps.Keys(o.seen))
	if err := o.remember(ctx, true); err != nil {
		return err
	}
	if o.Crash != nil {
		o.Crash("backfill-window")
	}
	return nil
}
