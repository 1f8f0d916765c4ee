package tenants_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"patapay/tenants"
	"patapay/tenants/tenantstest"
	"patapay/tenants/vault"
)

var auditChain = tenants.NewChain([]byte("a secret of at least thirty-two bytes"))

// audited is a clinic with n entries in its log, and the owner's connection to spoil them.
func audited(t *testing.T, n int) (*tenants.DB, tenants.Clinic, *pgx.Conn) {
	t.Helper()
	base := tenantstest.New(t)
	db, err := tenants.Open(base.URL(tenantstest.API), tenants.Options{Name: "test", Pooler: base.Pooled()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	master, err := vault.NewMaster()
	if err != nil {
		t.Fatal(err)
	}
	v, err := vault.New(master)
	if err != nil {
		t.Fatal(err)
	}
	clinic, _, err := db.AddClinic(t.Context(), tenants.Clinic{Name: "Sorriso", ExternalID: "s"}, v, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	for i := range n {
		note(t, db, clinic, fmt.Sprintf("act.%d", i+1))
	}
	owner, err := pgx.Connect(t.Context(), base.URL(tenantstest.Owner))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = owner.Close(context.Background()) })
	return db, clinic, owner
}

func note(t *testing.T, db *tenants.DB, c tenants.Clinic, action string) {
	t.Helper()
	err := db.In(t.Context(), c.ID, func(tx *tenants.Tx) error {
		return tx.Audit(auditChain, tenants.AuditEntry{
			At: time.Now(), Actor: "usr_1", Role: "admin", Action: action, Subject: "con_1",
			Detail: map[string]any{"z": "é <&>", "a": 12, "flag": true}, Source: "127.0.0.1",
		})
	})
	if err != nil {
		t.Fatal(err)
	}
}

func verify(t *testing.T, db *tenants.DB, c tenants.Clinic, chain tenants.Chain) (broken int64) {
	t.Helper()
	err := db.In(t.Context(), c.ID, func(tx *tenants.Tx) (err error) {
		_, broken, err = tx.VerifyAudit(chain)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return broken
}

func TestAnUntouchedAuditLogIsWhole(t *testing.T) {
	db, clinic, _ := audited(t, 4)
	if broken := verify(t, db, clinic, auditChain); broken != 0 {
		t.Errorf("entry %d is called broken", broken)
	}
	if broken := verify(t, db, clinic, tenants.NewChain([]byte("another secret of thirty-two bytes"))); broken != 1 {
		t.Errorf("under another key: %d", broken)
	}
}

func TestAnyChangeOfTheAuditLogIsFound(t *testing.T) {
	for _, row := range []struct {
		rule, sql string
		broken    int64
	}{
		{"a byte of the action", `UPDATE audit SET action = 'act.X' WHERE no = 2`, 2},
		{"a byte of the detail", `UPDATE audit SET detail = jsonb_set(detail, '{a}', '13') WHERE no = 2`, 2},
		{"a number that became text", `UPDATE audit SET detail = jsonb_set(detail, '{a}', '"12"') WHERE no = 2`, 2},
		{"the instant", `UPDATE audit SET at = at + interval '1 microsecond' WHERE no = 3`, 3},
		{"text moved to the next column", `UPDATE audit SET actor = actor || 'a', role = substr(role, 2) WHERE no = 2`, 2},
		{"a missing entry", `DELETE FROM audit WHERE no = 2`, 2},
		{"the last entry missing", `DELETE FROM audit WHERE no = 4`, 4},
		{"two entries changed places", `UPDATE audit SET no = 9 WHERE no = 2; UPDATE audit SET no = 2 WHERE no = 3;
			UPDATE audit SET no = 3 WHERE no = 9`, 2},
		{"all of it missing", `DELETE FROM audit`, 1},
	} {
		t.Run(row.rule, func(t *testing.T) {
			db, clinic, owner := audited(t, 4)
			if _, err := owner.Exec(t.Context(), row.sql); err != nil {
				t.Fatal(err)
			}
			if broken := verify(t, db, clinic, auditChain); broken != row.broken {
				t.Errorf("first broken entry %d, want %d", broken, row.broken)
			}
		})
	}
}

func TestNobodyWithARuntimeRoleChangesTheAuditLog(t *testing.T) {
	db, clinic, owner := audited(t, 1)
	for _, sql := range []string{`UPDATE audit SET action = 'x'`, `DELETE FROM audit`, `TRUNCATE audit`} {
		for _, role := range []string{tenantstest.API, tenantstest.Worker, tenantstest.Ingest, tenantstest.Sweeper} {
			_, err := owner.Exec(t.Context(), `SET ROLE `+role)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := owner.Exec(t.Context(), sql); err == nil {
				t.Errorf("%s may %s", role, sql)
			}
			if _, err := owner.Exec(t.Context(), `RESET ROLE`); err != nil {
				t.Fatal(err)
			}
		}
	}
	if broken := verify(t, db, clinic, auditChain); broken != 0 {
		t.Errorf("entry %d broken", broken)
	}
}

func TestEntriesWrittenAtOnceFormOneChain(t *testing.T) {
	db, clinic, _ := audited(t, 0)
	var wait sync.WaitGroup
	for i := range 8 {
		wait.Go(func() { note(t, db, clinic, fmt.Sprint("at.once.", i)) })
	}
	wait.Wait()
	var log []tenants.AuditEntry
	err := db.In(t.Context(), clinic.ID, func(tx *tenants.Tx) (err error) {
		log, err = tx.AuditLog(0, 100)
		return err
	})
	if err != nil || len(log) != 8 || log[0].No != 8 || verify(t, db, clinic, auditChain) != 0 {
		t.Errorf("%d entries, %v", len(log), err)
	}
}
