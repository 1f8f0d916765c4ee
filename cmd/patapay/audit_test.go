package main

import (
	"bytes"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patapay/cmd/patapay/app"
	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/tenantstest"
)

func TestTheCommandNamesTheEntryOfAnAuditLogThatIsNotWhatWasWritten(t *testing.T) {
	db := tenantstest.New(t)
	cfg, err := app.Load(settingsOf(db))
	require.NoError(t, err)
	a, err := app.New(cfg, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	defer a.Close()
	c, _, err := a.APIDB.AddClinic(t.Context(), tenants.Clinic{Name: "Vida", ExternalID: "vida"}, a.Vault, time.Now())
	require.NoError(t, err)
	id := c.PublicID.Public("ten")
	write := func(tx *tenants.Tx) error {
		for _, action := range []string{"act.1", "act.2", "act.3"} {
			entry := tenants.AuditEntry{At: time.Now(), Actor: "usr_1", Role: "admin", Action: action, Subject: id}
			if err := tx.Audit(tenants.NewChain(cfg.Peppers.Oldest()), entry); err != nil {
				return err
			}
		}
		return nil
	}
	require.NoError(t, a.APIDB.In(t.Context(), c.ID, write))
	require.NoError(t, a.APIDB.Platform(t.Context(), write))

	var out bytes.Buffer
	require.NoError(t, verifyAudit(a, t.Context(), "", &out))
	require.NoError(t, verifyAudit(a, t.Context(), "ext:vida", &out))
	require.Equal(t, "ok    platform 3 entries\nok    "+id+" 3 entries\nok    "+id+" 3 entries\n", out.String())
	d := &doctor{Config: cfg}
	d.audit(t.Context())
	require.Equal(t, []finding{{Check: "audit", OK: true, Detail: "2 log(s) are what was written"}}, d.findings)

	ownerSQL(t, db, `UPDATE audit SET actor = 'usr_2' WHERE no = 2 AND clinic_id > 0`)
	out.Reset()
	require.Equal(t, unhealthy(1), verifyAudit(a, t.Context(), "", &out))
	require.Equal(
		t,
		"ok    platform 3 entries\nWRONG "+id+" entry 2 is not what was written, or is missing\n",
		out.String(),
	)

	ownerSQL(t, db, `UPDATE clinics SET state = 'deleted'`)
	out.Reset()
	require.Equal(t, unhealthy(1), verifyAudit(a, t.Context(), "", &out), "who leaves keeps the log")

	ownerSQL(t, db, `DELETE FROM audit WHERE no = 3 AND clinic_id = 0`)
	d = &doctor{Config: cfg}
	d.audit(t.Context())
	require.Len(t, wrong(d.findings), 1)
	require.Contains(t, d.findings[0].Detail, "2 log(s) are not what was written, first platform, entry 3")

	require.Equal(t, domain.NotFound, domain.CodeOf(verifyAudit(a, t.Context(), "ten_x", &out)))
}
