package apply

import (
	"bytes"
	"context"
	"fmt"
	"maps"

	"github.com/jackc/pgx/v5"

	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/ledger"
)

// ShadowReport is what a rebuild beside the stored values found.
type ShadowReport struct {
	Entities    int      // folded anew from their records
	Waiting     int      // left out: something of them is not applied yet
	Differences []string // one line each; none: stored and rebuilt are the same

	// Anew has one event of each entity that differs: who applies them anew stores what was rebuilt.
	Anew []domain.EventKey
}

// shadowed is how many entities are compared in one transaction, which keeps the clinic's
// changes out meanwhile.
const shadowed = 50

// Shadow folds every record of the clinic anew and compares: projections byte by byte,
// the ledger's balances by account and subject, its entries where none was put right. It
// writes nothing and notifies nobody.
func Shadow(db *tenants.DB, ctx context.Context, clinic domain.ClinicID) (r ShadowReport, err error) {
	var after entityName
	for more := true; more && err == nil; {
		err = db.In(ctx, clinic, func(tx *tenants.Tx) error {
			if err := tx.Lock(); err != nil {
				return err
			}
			return tx.Conn(func(c *pgx.Conn) (err error) {
				after, more, err = r.compare(ctx, c, clinic, after)
				return err
			})
		})
	}
	if err == nil {
		err = db.In(ctx, clinic, func(tx *tenants.Tx) error {
			return tx.Conn(func(c *pgx.Conn) error { return r.withoutRecords(ctx, c, clinic) })
		})
	}
	return r, tenants.Translate(err, "rebuild")
}

// compare compares the entities that follow after, and returns the last of them and
// whether there may be more.
func (r *ShadowReport) compare(
	ctx context.Context, c *pgx.Conn, clinic domain.ClinicID, after entityName,
) (last entityName, more bool, err error) {
	names, waiting, err := shadowNames(ctx, c, clinic, after)
	if err != nil || len(names) == 0 {
		return after, false, err
	}
	w := &run{Applier: &Applier{}, ctx: ctx, conn: c, clinic: clinic}
	if w.head, err = ledger.ReadHead(ctx, c, clinic); err != nil {
		return after, false, err
	}
	entities, err := w.known(names)
	if err != nil {
		return after, false, err
	}
	for _, e := range entities {
		if waiting[e.name] {
			r.Waiting++
			continue
		}
		r.Entities++
		before := len(r.Differences)
		if r.note(e); len(r.Differences) > before {
			r.Anew = append(r.Anew, e.history[len(e.history)-1].Key)
		}
	}
	return names[len(names)-1], len(names) == shadowed, nil
}

// shadowNames returns the entities that follow after, and which of them have events or
// answers that are not applied yet.
func shadowNames(
	ctx context.Context, c *pgx.Conn, clinic domain.ClinicID, after entityName,
) (names []entityName, waiting map[entityName]bool, err error) {
	waiting = map[entityName]bool{}
	var n entityName
	rows, err := c.Query(
		ctx,
		`SELECT DISTINCT kind, entity_id FROM records WHERE clinic_id = $1 AND (kind, entity_id) > ($2, $3)
		ORDER BY kind, entity_id LIMIT $4`,
		clinic, string(after.kind), after.id, shadowed,
	)
	if err != nil {
		return nil, nil, err
	}
	if _, err = pgx.ForEachRow(rows, []any{&n.kind, &n.id}, func() error {
		names = append(names, n)
		return nil
	}); err != nil {
		return nil, nil, err
	}
	if rows, err = c.Query(
		ctx,
		`SELECT DISTINCT e.kind, e.entity_id FROM due d JOIN events e USING (clinic_id, environment, seq, id_hash)
		WHERE d.clinic_id = $1`,
		clinic,
	); err != nil {
		return nil, nil, err
	}
	_, err = pgx.ForEachRow(rows, []any{&n.kind, &n.id}, func() error {
		waiting[n] = true
		return nil
	})
	return names, waiting, err
}

// note writes down how the stored entity differs from the rebuilt one.
func (r *ShadowReport) note(e *entity) {
	say := func(format string, args ...any) {
		r.Differences = append(r.Differences, fmt.Sprintf("%s %s: ", e.name.kind, e.name.id)+fmt.Sprintf(format, args...))
	}
	switch {
	case e.stored == nil:
		say("there is no projection")
	case !bytes.Equal(e.stored.state, e.folded.state):
		say("stored %s, rebuilt %s", e.stored.state, e.folded.state)
	case !bytes.Equal(e.stored.texts, e.folded.texts):
		say("the sealed texts are another event's")
	}
	booked, corrected := make([]domain.Fact, len(e.booked)), false
	for i, b := range e.booked {
		booked[i], corrected = b.Fact, corrected || b.Conflict
	}
	have, want := domain.Balances(booked), domain.Balances(e.facts)
	switch {
	case !maps.Equal(have, want):
		say("the ledger has %v, the events prove %v", have, want)
	case !corrected && len(e.missing) > 0:
		say("the ledger lacks %s", e.missing[0].Key.Name)
	}
}

// withoutRecords notes projections and bookings whose entity has no record at all.
func (r *ShadowReport) withoutRecords(ctx context.Context, c *pgx.Conn, clinic domain.ClinicID) error {
	rows, err := c.Query(ctx, `SELECT k.kind, k.id FROM (
		  SELECT 'payment' AS kind, asaas_id AS id FROM invoices WHERE clinic_id = $1
		  UNION SELECT 'checkout', asaas_id FROM checkouts WHERE clinic_id = $1
		  UNION SELECT 'anticipation', asaas_id FROM anticipations WHERE clinic_id = $1
		  UNION SELECT kind, subject FROM ledger_transactions WHERE clinic_id = $1 AND kind IN ('payment', 'anticipation')) k
		WHERE NOT EXISTS (SELECT FROM records r WHERE r.clinic_id = $1 AND r.kind = k.kind AND r.entity_id = k.id)`, clinic)
	if err != nil {
		return err
	}
	var kind, id string
	_, err = pgx.ForEachRow(rows, []any{&kind, &id}, func() error {
		r.Differences = append(r.Differences, kind+" "+id+": no event tells of it")
		return nil
	})
	return err
}
