package connect

import (
	"context"
	"fmt"

	"patapay/tenants"
	"patapay/tenants/connection"
)

const (
	backfillWindows = 6 // steps, the newest first: what people ask about comes first
	backfillDays    = reconcileMost / backfillWindows
)

// backfill imports what was there before the clinic connected: the last 90 days, in
// windows of 15, the newest first, each a step. It is a comparison in which nearly all
// differs, so it may be cut off and begun again: what is there already is equal.
func (o *operating) backfill(ctx context.Context) error {
	begun := o.Now().UTC()
	cert := &connection.Certificate{ID: o.op.ID, From: o.day(reconcileMost), To: o.day(0)}
	for i := range backfillWindows {
		if err := o.step(ctx, fmt.Sprintf("days_%d_to_%d", i*backfillDays, (i+1)*backfillDays)); err != nil {
			return err
		}
		w := Window{From: o.day((i + 1) * backfillDays), To: o.day(i * backfillDays)}
		read := cert.Read
		o.part = true
		err := o.window(ctx, w, i == 0, cert)
		if err == nil && i == 0 {
			err = o.listPayers(ctx, payerPagesFirst, false)
		}
		o.part = false
		if err != nil {
			return err
		}
		o.tell(fmt.Sprintf("%d faturas e antecipações", cert.Read-read))
	}
	if err := o.certify(ctx, cert, begun); err != nil {
		return err
	}
	return o.DB.In(ctx, o.clinic.ID, func(tx *tenants.Tx) error { return connection.Backfilled(tx, o.Now().UTC()) })
}
