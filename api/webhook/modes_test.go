package webhook_test

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"patapay/tenants/tenantstest"
)

// pgx's mode exec could not encode the hash of an event, so that every delivery was 503 while /readyz was green.
func TestEveryModeOfPgxThatAPoolerMayNeedStoresAndApplies(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"cache_statement", "cache_describe", "describe_exec", "exec"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			db := tenantstest.New(t)
			w := openWorld(t, func(role string) string {
				if role == tenantstest.Owner {
					return db.URL(role)
				}
				return db.URL(role) + "&default_query_exec_mode=" + mode
			}, nil)
			c := w.clinic(t, "Vida")
			w.accepted(t, c.token, c.paid(1))
			var all sync.WaitGroup // at once, so that some share a commit, which goes by arrays
			for seq := 2; seq < 40; seq++ {
				all.Go(func() { w.post(t, c.token, c.paid(seq)) })
			}
			all.Wait()
			require.Equal(t, 39, w.count(t, `SELECT count(*) FROM events`))
			require.Positive(t, w.apply(t, c))
			require.Zero(t, w.count(t, `SELECT count(*) FROM events WHERE outcome = 'received'`))
		})
	}
}
