package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"patapay/cmd/patapay/app"
	"patapay/tenants"
	"patapay/tenants/devstack"
	"patapay/tenants/tenantstest"
	"patapay/tenants/vault"
)

// settingsOf returns a development environment on the test's database.
func settingsOf(db *tenantstest.Database, more ...string) []string {
	return append(db.Environ("REDIS_URL="+db.RedisURL(), "HTTP_ADDR=127.0.0.1:0", "OPS_ADDR=127.0.0.1:0"), more...)
}

// wrong returns the findings that are not good.
func wrong(findings []finding) (bad []finding) {
	for _, f := range findings {
		if !f.OK {
			bad = append(bad, f)
		}
	}
	return bad
}

func ownerSQL(t *testing.T, db *tenantstest.Database, sql string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), db.URL(tenantstest.Owner))
	require.NoError(t, err)
	defer conn.Close(context.Background())
	_, err = conn.Exec(t.Context(), sql)
	require.NoError(t, err)
}

func TestDoctorFindsNothingWrongOnAGoodDeployment(t *testing.T) {
	require.Empty(t, wrong(examine(t.Context(), settingsOf(tenantstest.New(t)))))
}

func TestDoctorNamesEachPlantedFaultInOneLineWithItsCure(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer taken.Close()
	month := time.Now().AddDate(0, 1, 0)
	for name, c := range map[string]struct {
		plant func(t *testing.T, db *tenantstest.Database) []string
		check string
		cure  string
	}{
		"synchronous_commit off": {func(t *testing.T, db *tenantstest.Database) []string {
			ownerSQL(t, db, `ALTER ROLE patapay_ingest IN DATABASE `+db.Name+` SET synchronous_commit = off`)
			return nil
		}, "database ingest", "synchronous_commit to on"},
		"next month's partition missing": {func(t *testing.T, db *tenantstest.Database) []string {
			ownerSQL(t, db, `DROP TABLE event_bodies_`+month.Format("200601"))
			return nil
		}, "partition " + month.Format("2006-01"), "keep_event_bodies"},
		"a port taken": {func(*testing.T, *tenantstest.Database) []string {
			return []string{"HTTP_ADDR=" + taken.Addr().String()}
		}, "port HTTP_ADDR", "set HTTP_ADDR"},
		"keys that this master keyset cannot open": {func(t *testing.T, db *tenantstest.Database) []string {
			master, err := vault.NewMaster()
			require.NoError(t, err)
			other, err := vault.New(master)
			require.NoError(t, err)
			api, err := tenants.Open(db.URL(tenantstest.API), tenants.Options{Name: "api", Pooler: tenantstest.Pooled()})
			require.NoError(t, err)
			defer api.Close()
			_, _, err = api.AddClinic(t.Context(), tenants.Clinic{Name: "Vida"}, other, time.Now())
			require.NoError(t, err)
			return nil
		}, "data keys", "MASTER_KEYSET"},
		"a Redis that forgets": {func(t *testing.T, _ *tenantstest.Database) []string {
			stack, err := devstack.Start(t.Context(), devstack.Options{})
			require.NoError(t, err)
			t.Cleanup(stack.Stop)
			opt, err := redis.ParseURL(stack.RedisURL(0))
			require.NoError(t, err)
			client := redis.NewClient(opt)
			defer client.Close()
			require.NoError(t, client.ConfigSet(t.Context(), "maxmemory-policy", "allkeys-lru").Err())
			return []string{"REDIS_URL=" + stack.RedisURL(0)}
		}, "redis", "noeviction"},
		"an audit log without its end": {func(t *testing.T, db *tenantstest.Database) []string {
			ownerSQL(t, db, `UPDATE clinic_heads SET audit_no = 1 WHERE clinic_id = 0`)
			return nil
		}, "audit", "patapay audit verify"},
		"a schema behind the program": {func(t *testing.T, db *tenantstest.Database) []string {
			ownerSQL(t, db, `DELETE FROM goose_db_version WHERE version_id > 1`)
			return nil
		}, "migrations", "patapay migrate"},
	} {
		t.Run(name, func(t *testing.T) {
			db := tenantstest.New(t)
			bad := wrong(examine(t.Context(), settingsOf(db, c.plant(t, db)...)))
			require.Len(t, bad, 1, "%+v", bad)
			require.Equal(t, c.check, bad[0].Check)
			require.Contains(t, bad[0].Cure, c.cure)
			require.NotContains(t, bad[0].Detail+bad[0].Cure, "\n")
		})
	}
}

func TestDoctorTellsAClockThatIsOff(t *testing.T) {
	for _, off := range []time.Duration{2 * time.Minute, -2 * time.Minute} {
		d := &doctor{}
		d.clock(off)
		require.Len(t, wrong(d.findings), 1)
		require.Contains(t, d.findings[0].Cure, "NTP")
	}
	d := &doctor{}
	d.clock(time.Second)
	require.Empty(t, wrong(d.findings))
}

func TestDoctorNamesFaultySettingsWithoutTheirValues(t *testing.T) {
	findings := examine(t.Context(), []string{"ENVIRONMENT=production", "TOKEN_PEPPER=canary-value-of-a-secret"})
	require.Greater(t, len(findings), 3)
	require.NotContains(t, fmt.Sprint(findings), "canary-value")
	require.Equal(t, len(findings), len(wrong(findings)))
}

func TestServeRefusesToStartWhereAPromiseWouldBreak(t *testing.T) {
	for name, plant := range map[string]func(t *testing.T, db *tenantstest.Database) []string{
		"synchronous_commit is off": func(t *testing.T, db *tenantstest.Database) []string {
			ownerSQL(t, db, `ALTER ROLE patapay_ingest IN DATABASE `+db.Name+` SET synchronous_commit = off`)
			return nil
		},
		"noeviction": func(t *testing.T, _ *tenantstest.Database) []string {
			stack, err := devstack.Start(t.Context(), devstack.Options{})
			require.NoError(t, err)
			t.Cleanup(stack.Stop)
			opt, err := redis.ParseURL(stack.RedisURL(0))
			require.NoError(t, err)
			client := redis.NewClient(opt)
			defer client.Close()
			require.NoError(t, client.ConfigSet(t.Context(), "maxmemory-policy", "volatile-lru").Err())
			return []string{"REDIS_URL=" + stack.RedisURL(0)}
		},
	} {
		t.Run(name, func(t *testing.T) {
			db := tenantstest.New(t)
			cfg, err := app.Load(settingsOf(db, plant(t, db)...))
			require.NoError(t, err)
			a, err := app.New(cfg, slog.New(slog.DiscardHandler))
			require.NoError(t, err)
			defer a.Close()
			err = a.Preflight(t.Context())
			require.Error(t, err)
			require.True(t, strings.Contains(err.Error(), name), "%v", err)
		})
	}
}
