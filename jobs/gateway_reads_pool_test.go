package jobs

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/alarm"
	"patapay/tenants/apply"
	"patapay/tenants/connection"
	"patapay/tenants/tenantstest"
	"patapay/tenants/vault"
)

// refusingGateway refuses every key.
type refusingGateway struct{}

func (refusingGateway) Read(
	context.Context,
	domain.Environment,
	vault.Secret,
	domain.Kind,
	string,
	domain.ReadReason,
) (Reading, error) {
	return Reading{}, refusedKey{}
}

type refusedKey struct{}

func (refusedKey) Error() string             { return "key refused" }
func (refusedKey) KeyRefused() bool          { return true }
func (refusedKey) AboutEntity() bool         { return false }
func (refusedKey) RetryAfter() time.Duration { return 0 }

// Each refused key held one connection of the worker's pool and waited for a second one to
// raise its alarm: as many refusals at once as the pool has connections stood still.
func TestAsManyRefusedKeysAsThePoolHasConnectionsHoldUpNobody(t *testing.T) {
	t.Parallel()
	const connections = 3
	base := tenantstest.New(t)
	open := func(role string, most int32) *tenants.DB {
		db, err := tenants.Open(base.URL(role), tenants.Options{Name: role, MaxConns: most, Pooler: base.Pooled()})
		require.NoError(t, err)
		t.Cleanup(db.Close)
		return db
	}
	api, worker := open(tenantstest.API, 4), open(tenantstest.Worker, connections)
	master, err := vault.NewMaster()
	require.NoError(t, err)
	v, err := vault.New(master)
	require.NoError(t, err)
	now := time.Now().UTC()
	var clinics []domain.ClinicID
	for range connections + 2 {
		c, _, err := api.AddClinic(t.Context(), tenants.Clinic{Name: "Vida", Sandbox: true}, v, now)
		require.NoError(t, err)
		clinics = append(clinics, c.ID)
		require.NoError(t, api.In(t.Context(), c.ID, func(tx *tenants.Tx) error {
			connected := connection.Connection{
				PublicID:    tenants.NewID(now),
				Environment: domain.Sandbox,
				Account:     "acc_" + c.PublicID.Public("ten"),
				State:       "active",
				Since:       now,
				Version:     1,
			}
			if err := connection.Save(tx, connected, vault.NewSecret("$aact_hmlg_key"), v, now); err != nil {
				return err
			}
			return apply.RequestRead(tx, domain.KindPayment, "pay_1", domain.ReadReconcile, now)
		}))
	}

	// Whoever changes a connection's state waits here, inside a transaction.
	gate, err := pgx.Connect(t.Context(), base.URL(tenantstest.Owner))
	require.NoError(t, err)
	t.Cleanup(func() { _ = gate.Close(context.Background()) })
	_, err = gate.Exec(t.Context(), `BEGIN; SELECT FROM connections FOR UPDATE`)
	require.NoError(t, err)
	reads := &GatewayReads{
		DB:      worker,
		Gateway: refusingGateway{},
		Vault:   v,
		Now:     time.Now,
		Log:     slog.New(slog.DiscardHandler),
	}
	ended := make(chan error, len(clinics))
	for _, clinic := range clinics {
		go func() { ended <- reads.ask(t.Context(), clinic) }()
	}
	watch, err := pgx.Connect(t.Context(), base.URL(tenantstest.Owner))
	require.NoError(t, err)
	t.Cleanup(func() { _ = watch.Close(context.Background()) })
	tenantstest.Eventually(t, time.Minute, "every connection of the pool is inside a transaction", func() bool {
		var waiting int
		require.NoError(
			t,
			watch.QueryRow(
				t.Context(),
				`SELECT count(*) FROM pg_stat_activity WHERE datname = $1 AND usename = $2 AND wait_event_type = 'Lock'`,
				base.Name,
				tenantstest.Worker,
			).Scan(&waiting),
		)
		return waiting == connections
	})
	_, err = gate.Exec(t.Context(), `COMMIT`)
	require.NoError(t, err)
	for range clinics {
		select {
		case err := <-ended:
			require.NoError(t, err)
		case <-time.After(50 * time.Second): // Postgres ends transactions that stand still after a minute
			require.Fail(t, "the transactions wait for each other")
		}
	}
	var alarms int
	require.NoError(
		t,
		watch.QueryRow(
			t.Context(),
			`SELECT count(*) FROM alarms WHERE kind = 'key_refused' AND closed_at IS NULL`,
		).Scan(&alarms),
	)
	require.Equal(t, len(clinics), alarms)
}

func TestATransactionInsideATransactionIsRefused(t *testing.T) {
	t.Parallel()
	db, err := tenants.Open(
		tenantstest.New(t).URL(tenantstest.API),
		tenants.Options{Name: "api", Pooler: tenantstest.Pooled()},
	)
	require.NoError(t, err)
	t.Cleanup(db.Close)
	nothing := func(*tenants.Tx) error { return nil }
	err = db.Platform(t.Context(), func(tx *tenants.Tx) error {
		require.Equal(t, domain.Internal, domain.CodeOf(db.Platform(tx.Context(), nothing)))
		require.Equal(t, domain.Internal, domain.CodeOf(alarm.Raise(db, tx.Context(), 0, domain.AlarmPaused, time.Now())))
		return db.In(tx.Context(), 1, nothing)
	})
	require.Equal(t, domain.Internal, domain.CodeOf(err))
}
