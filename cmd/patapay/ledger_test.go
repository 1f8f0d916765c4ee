package main

import (
	"bytes"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patapay/cmd/patapay/app"
	"patapay/domain"
	"patapay/domain/asaas/simulator/flows"
	"patapay/tenants"
	"patapay/tenants/tenantstest"
)

func TestTheCommandsTellALedgerThatIsNotWhatWasWritten(t *testing.T) {
	db := tenantstest.New(t)
	cfg, err := app.Load(settingsOf(db))
	require.NoError(t, err)
	a, err := app.New(cfg, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	defer a.Close()
	c, _, err := a.APIDB.AddClinic(t.Context(), tenants.Clinic{Name: "Vida", ExternalID: "vida"}, a.Vault, time.Now())
	require.NoError(t, err)
	id := c.PublicID.Public("ten")

	var out bytes.Buffer
	require.NoError(t, verifyLedgers(a, t.Context(), "", &out))
	require.NoError(t, verifyLedgers(a, t.Context(), "ext:vida", &out))
	require.NoError(t, rebuildShadow(a, t.Context(), id, &out))
	require.Equal(t, "ok    "+id+" 0 bookings\nok    "+id+" 0 bookings\n0 rebuilt, 0 waiting, 0 differ\n", out.String())

	ownerSQL(t, db, `UPDATE clinic_heads SET ledger_no = 2 WHERE clinic_id > 0`)
	out.Reset()
	require.Equal(t, unhealthy(1), verifyLedgers(a, t.Context(), id, &out))
	require.Equal(t, "WRONG "+id+" booking 1: the clinic's head speaks of 2 bookings\n", out.String())
	d := &doctor{Config: cfg}
	d.ledger(t.Context())
	require.Contains(t, d.findings[0].Detail, "the head says 2 bookings, there are 0")

	ownerSQL(
		t,
		db,
		`SELECT set_config('app.clinic_id', '1', false);
		INSERT INTO invoices (clinic_id, id, asaas_id, status, asaas_status, method, state, version, created_at, updated_at)
		SELECT clinic_id, public_id, 'pay_1', '', '', '', '{}', 1, now(), now() FROM clinics`,
	)
	out.Reset()
	require.Equal(t, unhealthy(1), rebuildShadow(a, t.Context(), id, &out))
	require.Contains(t, out.String(), "payment pay_1: no event tells of it\n")
	require.Equal(
		t,
		unhealthy(1),
		rebuildAndStore(a, t.Context(), id, &out),
		"what no event tells of is not ours to take away",
	)
	require.NotContains(t, out.String(), "stored")

	require.Equal(t, domain.NotFound, domain.CodeOf(verifyLedgers(a, t.Context(), "ten_x", &out)))
}

func TestARebuildStoresWhatDiffersTellsItAndIsAudited(t *testing.T) {
	t.Parallel()
	w := newMonitorWorld(t)
	w.play(t, flows.FlowPix)
	w.quiet(t)
	w.allRead(t)
	before := w.count(t, `SELECT version FROM invoices`)
	_, err := w.superuser(
		t,
	).Exec(
		t.Context(),
		`SET session_replication_role = replica;
		UPDATE invoices SET state = replace(state::text, 'RECEIVED', 'PENDING')::json`,
	)
	require.NoError(t, err)
	var out bytes.Buffer
	require.NoError(t, rebuildAndStore(w.App, t.Context(), w.self.PublicID.Public("ten"), &out))
	require.Regexp(
		t,
		fmt.Sprintf(
			`(?m)^1 rebuilt, 0 waiting, 1 differ\nstored payment pay_\w+: `+
				`version %d, 0 bookings more\n1 rebuilt, 0 waiting, 0 differ\n`,
			before+1,
		),
		out.String(),
	)
	require.Equal(
		t,
		1,
		w.count(t, `SELECT count(*) FROM audit WHERE action = 'rebuild.apply' AND (detail->>'stored')::int = 1`),
	)
	require.Equal(
		t,
		1,
		w.count(t, `SELECT count(*) FROM changes WHERE version = $1`, before+1),
		"whoever reads the feed learns of it",
	)
}
