package inbox

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"time"

	"github.com/jackc/pgx/v5"

	"patapay/domain"
	"patapay/tenants"
)

// probes are how many events each try stores: one goes by the statement of a lone delivery, two by that of a batch.
var probes = []int{1, 2}

// Probe stores events of nobody, received at `at`, as deliveries are stored, and rolls them back; nothing of them
// stays, and nothing waits for them. It returns nil when all were new, and else fails as Accept does.
func Probe(db *tenants.DB, ctx context.Context, at time.Time) error {
	for _, n := range probes {
		if err := probe(db, ctx, n, at); err != nil {
			return err
		}
	}
	return nil
}

func probe(db *tenants.DB, ctx context.Context, n int, at time.Time) error {
	tx, err := db.Pool().Begin(ctx)
	if err != nil {
		return tenants.Translate(err, "begin")
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
	batch := make([]*waiter, n)
	for i := range batch {
		batch[i] = &waiter{a: probeEvent(at)}
	}
	rows, err := ask(ctx, tx, batch)
	if err != nil {
		return tenants.Translate(err, "store a probe")
	}
	found, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return tenants.Translate(err, "store a probe")
	}
	for _, f := range found {
		if Found(f) != New {
			return domain.Errorf(domain.Internal, "store a probe: %s", f)
		}
	}
	return nil
}

// probeEvent returns an event of clinic 0, which is the platform and has none, under an id that nobody else has.
func probeEvent(at time.Time) *InboundEvent {
	id := "probe_" + rand.Text()
	sum := sha256.Sum256([]byte(id))
	return &InboundEvent{
		Key: domain.EventKey{Hash: [16]byte(sum[:16])}, ID: id, Type: "PROBE", Outcome: domain.Received,
		BodyHash: sum, ReceivedAt: at.UTC(), Sealed: sum[:],
	}
}
