package tenants_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patapay/tenants"
	"patapay/tenants/tenantstest"
)

// "cached plan must not change result type" was called internal, so that a migration answered 500.
func TestATransactionWhosePlanAMigrationMadeOldIsRunAgainOnce(t *testing.T) {
	t.Parallel()
	base := tenantstest.New(t)
	db, err := tenants.Open(base.URL(tenantstest.API), tenants.Options{Name: "api", MaxConns: 2, Pooler: base.Pooled()})
	require.NoError(t, err)
	t.Cleanup(db.Close)
	runs := 0
	read := func() error {
		return db.Platform(t.Context(), func(tx *tenants.Tx) error {
			runs++
			var all []map[string]any
			return tenants.Translate(
				tx.Gorm().Raw(`SELECT * FROM clinics WHERE created_at < ?`, time.Now()).Scan(&all).Error,
				"clinics",
			)
		})
	}
	require.NoError(t, read())
	owner, err := tenants.Open(base.URL(tenantstest.Owner), tenants.Options{Name: "owner"})
	require.NoError(t, err)
	t.Cleanup(owner.Close)
	_, err = owner.Pool().Exec(t.Context(), `ALTER TABLE clinics ADD COLUMN of_a_later_release text`)
	require.NoError(t, err)
	require.NoError(t, read())
	require.Equal(t, 3, runs, "one before, one that met the old plan, one more")
}
