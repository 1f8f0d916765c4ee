package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Two runs of one database: an event of the second with a number of the first was a copy of it, or another body under
// its id.
func TestEventsOfTwoRunsWithBeginningsOfTheirOwnShareNoID(t *testing.T) {
	t.Parallel()
	tenants := MakeTenants(3, 20)
	ids := map[string]bool{}
	for _, first := range []int64{100_000_000, 368_000_000} {
		for _, e := range Generate(GenConfig{Seed: 1, Count: 500, Active: 50, First: first}, tenants) {
			require.False(t, ids[e.ID], e.ID)
			ids[e.ID] = true
		}
	}
	require.Len(t, ids, 1000)
}
