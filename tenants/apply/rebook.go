package apply

import (
	"context"
	"time"

	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/ledger"

	"github.com/jackc/pgx/v5"
)

// Rebook books what the ledger lacks of every entity of the clinic: after the cut-off was
// set, or after a new version of the rules. Done again it books nothing. It returns how
// many bookings it added.
func Rebook(db *tenants.DB, ctx context.Context, clinic domain.ClinicID, chain ledger.Chain, now time.Time) (added int, err error) {
	var after entityName
	for more := true; more && err == nil; {
		err = db.In(ctx, clinic, func(tx *tenants.Tx) error {
			if err := tx.Lock(); err != nil {
				return err
			}
			return tx.Conn(func(c *pgx.Conn) (err error) {
				w := &run{Applier: &Applier{Ledger: chain}, ctx: ctx, conn: c, clinic: clinic, now: now.UTC()}
				var n int
				after, n, more, err = w.rebook(after)
				added += n
				return err
			})
		})
	}
	return added, tenants.Translate(err, "rebook")
}

// rebook books what is missing of the entities that follow after.
func (w *run) rebook(after entityName) (last entityName, added int, more bool, err error) {
	names, waiting, err := shadowNames(w.ctx, w.conn, w.clinic, after)
	if err != nil || len(names) == 0 {
		return after, 0, false, err
	}
	if w.head, err = ledger.ReadHead(w.ctx, w.conn, w.clinic); err != nil {
		return after, 0, false, err
	}
	entities, err := w.known(names)
	if err != nil {
		return after, 0, false, err
	}
	was := w.head
	var due []*entity
	for _, e := range entities {
		if !waiting[e.name] { // its next run books it
			due = append(due, e)
			added += len(e.missing)
		}
	}
	var b pgx.Batch
	w.queueLedger(&b, due)
	w.queueHead(&b, was)
	w.queueWorkItems(&b, due)
	return names[len(names)-1], added, len(names) == shadowed, w.conn.SendBatch(w.ctx, &b).Close()
}

// known returns the entities folded and booked from their records, nothing written.
func (w *run) known(names []entityName) (list []*entity, err error) {
	histories, stored, booked := map[entityName][]*recordRow{}, map[entityName]*storedRow{}, map[entityName][]ledger.Booking{}
	var b pgx.Batch
	w.queueRecords(&b, names, histories)
	w.queueStored(&b, names, stored, map[entityName]want{})
	w.queueBooked(&b, names, booked)
	var said expecting
	w.queueExpected(&b, names, nil, &said)
	if err := w.conn.SendBatch(w.ctx, &b).Close(); err != nil {
		return nil, err
	}
	for _, n := range names {
		e := &entity{name: n, stored: stored[n], booked: booked[n]}
		for _, h := range histories[n] {
			e.history = append(e.history, h.Record)
		}
		if err := e.fold(); err != nil {
			return nil, err
		}
		list = append(list, e)
	}
	said.note(list)
	for _, e := range list {
		e.book(w.head.From, &said)
	}
	return list, nil
}
