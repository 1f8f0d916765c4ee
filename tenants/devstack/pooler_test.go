package devstack

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

func TestThePoolerLendsATransactionAServerAndTakesNoParameters(t *testing.T) {
	t.Parallel()
	s := start(t, Options{Pooler: true})
	if got := query(t, s.PoolerURL(Owner, "postgres"), "SELECT 'through'"); got != "through" {
		t.Errorf("through the pooler came %q", got)
	}
	_, err := pgx.Connect(t.Context(), s.PoolerURL(Owner, "postgres")+"&statement_timeout=1000")
	if err == nil || !strings.Contains(err.Error(), "unsupported startup parameter: statement_timeout") {
		t.Errorf("a parameter at connection: %v", err)
	}
}
