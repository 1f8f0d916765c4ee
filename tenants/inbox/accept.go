package inbox

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"patapay/domain"
	"patapay/tenants"
)

const (
	// The bodies are the first argument, for which pgx makes room for all (tenants.Blobs).
	acceptSQL    = `SELECT found FROM accept($2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $1, $16)`
	acceptOneSQL = `SELECT accept_one($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`
)

// accept stores the batch in one statement and returns what it found, in order.
func (in *Inbox) accept(ctx context.Context, batch []*waiter) (found []string, err error) {
	err = in.durably(ctx, func(conn *pgxpool.Conn) (known bool, err error) {
		rows, err := ask(ctx, conn, batch)
		if err != nil {
			return false, err
		}
		found, err = pgx.CollectRows(rows, pgx.RowTo[string])
		return slices.ContainsFunc(found, func(one string) bool { return Found(one) != New }), err
	})
	if err != nil {
		return nil, tenants.Translate(err, "store events")
	}
	if len(found) != len(batch) {
		return nil, domain.Errorf(domain.Internal, "store events: %d answers for %d rows", len(found), len(batch))
	}
	return found, nil
}

// querier is a pool or one transaction.
type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

// ask sends the batch: a lone delivery by the cheaper statement, many as arrays.
func ask(ctx context.Context, db querier, batch []*waiter) (pgx.Rows, error) {
	if len(batch) == 1 {
		a := batch[0].a
		return db.Query(
			ctx, acceptOneSQL, int32(a.Clinic), int16(a.Key.Environment), a.Key.Seq, a.Key.Hash, a.ID, a.Type,
			string(a.Kind), a.Entity, string(a.At), string(a.Outcome), a.Reason, a.Notes, a.BodyHash[:], a.ReceivedAt,
			a.Sealed, a.SourceIP,
		)
	}
	c := newColumns(len(batch))
	for _, w := range batch {
		c.add(w.a)
	}
	return db.Query(
		ctx, acceptSQL, c.bodies, c.clinics, c.environments, c.seqs, c.hashes, c.ids, c.types, c.kinds, c.entities,
		c.locals, c.outcomes, c.reasons, c.notes, c.bodyHashes, c.received, c.ips,
	)
}

// columns are a batch as the arrays that accept takes.
type columns struct {
	clinics                                                            []int32
	environments                                                       []int16
	seqs                                                               []int64
	hashes                                                             [][16]byte
	ids, types, kinds, entities, locals, outcomes, reasons, notes, ips []string
	bodyHashes                                                         [][]byte
	bodies                                                             tenants.Blobs
	received                                                           []time.Time
}

func newColumns(n int) *columns {
	s := func() []string { return make([]string, 0, n) }
	return &columns{
		clinics:      make([]int32, 0, n),
		environments: make([]int16, 0, n),
		seqs:         make([]int64, 0, n),
		hashes:       make([][16]byte, 0, n),
		ids:          s(),
		types:        s(),
		kinds:        s(),
		entities:     s(),
		locals:       s(),
		outcomes:     s(),
		reasons:      s(),
		notes:        s(),
		ips:          s(),
		bodyHashes:   make([][]byte, 0, n),
		bodies:       make(tenants.Blobs, 0, n),
		received:     make([]time.Time, 0, n),
	}
}

func (c *columns) add(a *InboundEvent) {
	c.clinics = append(c.clinics, int32(a.Clinic))
	c.environments = append(c.environments, int16(a.Key.Environment))
	c.seqs = append(c.seqs, a.Key.Seq)
	c.hashes = append(c.hashes, a.Key.Hash)
	c.ids = append(c.ids, a.ID)
	c.types = append(c.types, a.Type)
	c.kinds = append(c.kinds, string(a.Kind))
	c.entities = append(c.entities, a.Entity)
	c.locals = append(c.locals, string(a.At))
	c.outcomes = append(c.outcomes, string(a.Outcome))
	c.reasons = append(c.reasons, a.Reason)
	c.notes = append(c.notes, a.Notes)
	c.ips = append(c.ips, a.SourceIP)
	c.bodyHashes = append(c.bodyHashes, a.BodyHash[:])
	c.bodies = append(c.bodies, a.Sealed)
	c.received = append(c.received, a.ReceivedAt)
}
