package tenants

import (
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

// pgx makes room for 512 statements prepared and 512 described with each connection, whichever its mode uses.
func TestAConnectionHasRoomForStatementsOnceInTheWayThatItsModeUses(t *testing.T) {
	for url, want := range map[string][2]int{
		"postgres://x@h/d": {statementsKept, 0},
		"postgres://x@h/d?default_query_exec_mode=cache_describe": {0, statementsKept},
		"postgres://x@h/d?statement_cache_capacity=7":             {7, 0}, // whoever says less has less
	} {
		cfg, err := pgx.ParseConfig(url)
		require.NoError(t, err)
		cacheOnce(cfg)
		require.Equal(t, want, [2]int{cfg.StatementCacheCapacity, cfg.DescriptionCacheCapacity}, url)
	}
}
