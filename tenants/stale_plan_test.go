package tenants_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patapay/tenants"
	"patapay/tenants/tenantstest"
)

// "cached plan must not change result type" was called internal, so that a migration answered 500; and so was what
// stands in its place where pgx keeps a statement's description alone, as it does through a pooler.
func TestATransactionWhosePlanAMigrationMadeOldIsRunAgainOnce(t *testing.T) {
	t.Parallel()
	base := tenantstest.New(t)
	owner, err := tenants.Open(base.URL(tenantstest.Owner), tenants.Options{Name: "owner"})
	require.NoError(t, err)
	t.Cleanup(owner.Close)
	for _, mode := range []string{"cache_statement", "cache_describe"} {
		url := base.URL(tenantstest.API)
		if !base.Pooled() { // a pooler's mode is set with it
			url += "&default_query_exec_mode=" + mode
		}
		db, err := tenants.Open(url, tenants.Options{Name: "api", MaxConns: 2, Pooler: base.Pooled()})
		require.NoError(t, err)
		t.Cleanup(db.Close)
		runs := 0
		read := func() error {
			return db.Platform(t.Context(), func(tx *tenants.Tx) error {
				runs++
				var all []map[string]any
				return tenants.Translate(
					tx.Gorm().Raw(`SELECT * FROM clinics WHERE created_at < $1`, time.Now()).Scan(&all).Error,
					"clinics",
				)
			})
		}
		require.NoError(t, read())
		_, err = owner.Pool().Exec(t.Context(), `ALTER TABLE clinics ADD COLUMN of_a_later_release_`+mode+` text`)
		require.NoError(t, err)
		require.NoError(t, read(), mode)
		require.Equal(t, 3, runs, "%s: one before, one that met the old plan, one more", mode)
	}
}
