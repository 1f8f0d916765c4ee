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
func Rebook(
	db *tenants.DB, ctx context.Context, clinic domain.ClinicID, chain ledger.Chain, now time.Time,
) (added int, err error) {
	var after entityName
	for more := true; more && err == nil; {
		err = db.In(ctx, clinic, func(tx *tenants.Tx) error {
			if err := tx.Lock(); err != nil {
				return err
			}
			return tx.Conn(func(c *pgx.Conn) (err error) {
				w := &run{Applier: &Applier{Ledger: chain}, ctx: ctx, conn: c, clinic: clinic, now: now.UTC()}
				var n int
				if after, n, more, err = w.rebook(after); err == nil {
					added += n
				}
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
	var due []*entity
	for _, e := range entities {
		if !waiting[e.name] { // its next run books it
			due = append(due, e)
			added += len(e.missing)
		}
	}
	return names[len(names)-1], added, len(names) == shadowed, w.saveBooked(due)
}

// saveBooked books what is missing of the entities.
func (w *run) saveBooked(entities []*entity) error {
	var s saving
	if err := w.addBooked(&s, w.head, entities); err != nil {
		return err
	}
	var b pgx.Batch
	s.queue(&b, w.now, w.now)
	return w.conn.SendBatch(w.ctx, &b).Close()
}

// known returns the entities folded and booked from their records, nothing written.
func (w *run) known(names []entityName) (list []*entity, err error) {
	p := asking(w, names...)
	if err := (work{p}).ask(&pgx.Batch{}); err != nil {
		return nil, err
	}
	if list, err = p.folded(); err != nil {
		return nil, err
	}
	p.expected.note(list)
	for _, e := range list {
		e.book(&w.head, &p.expected)
	}
	return list, nil
}

// Expect keeps what billing says of a reference, and tells whether that changed anything. The
// payments that it concerns, and those that it no longer does, are booked anew at once; they are
// also read anew from the gateway.
func Expect(tx *tenants.Tx, chain ledger.Chain, x ledger.ExpectedPayment, now time.Time) (changed bool, err error) {
	if err := tx.Lock(); err != nil {
		return false, err
	}
	before, err := ledger.FindExpectedPayment(tx, x.Reference)
	if err != nil && domain.CodeOf(err) != domain.NotFound {
		return false, err
	}
	if changed, err = ledger.Expect(tx, x, now); err != nil || !changed {
		return changed, err
	}
	err = tx.Conn(func(c *pgx.Conn) error {
		w := &run{Applier: &Applier{Ledger: chain}, ctx: tx.Context(), conn: c, clinic: tx.Clinic(), now: now.UTC()}
		return rebookMeant(w, x.Reference, []string{x.Payment, before.Payment})
	})
	return changed, tenants.Translate(err, "expected payment")
}

// rebookMeant books what is missing of the payments of a reference, and of the named ones.
func rebookMeant(w *run, reference string, payments []string) (err error) {
	if w.head, err = ledger.ReadHead(w.ctx, w.conn, w.clinic); err != nil {
		return err
	}
	rows, err := w.conn.Query(w.ctx, `SELECT asaas_id FROM invoices WHERE clinic_id = $1
		AND (external_reference = $2 OR asaas_id = ANY($3) OR external_reference IN
		  (SELECT external_reference FROM invoices WHERE clinic_id = $1 AND external_reference <> '' AND asaas_id = ANY($3)))
		ORDER BY asaas_id`, w.clinic, reference, payments)
	if err != nil {
		return err
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(ids) == 0 {
		return err
	}
	names := make([]entityName, len(ids))
	for k, id := range ids {
		names[k] = entityName{domain.KindPayment, id}
	}
	entities, err := w.known(names)
	if err != nil {
		return err
	}
	return w.saveBooked(entities)
}
