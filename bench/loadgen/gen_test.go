package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"patapay/domain/asaas"
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

// Half of the charges had an id of sixteen digits, which the gateway never gives: each such delivery was searched for
// card numbers byte by byte, and one in a hundred had one in its invoice's address, was changed and raised an alarm.
func TestADeliveryHasNothingThatLooksLikeACardNumber(t *testing.T) {
	t.Parallel()
	charges := 0
	for _, e := range Generate(GenConfig{Seed: 1, Count: 20_000, Active: 2000}, MakeTenants(3, 200)) {
		_, hidden := asaas.HideCards(e.Body)
		require.Zero(t, hidden, "%s", e.Body)
		if e.Kind == "payment" {
			require.Regexp(t, `^pay_([a-z0-9]{16}|[1-9]_[a-z0-9]{14}|[1-9]_[A-Z0-9]{14})$`, e.Entity)
			charges++
		}
	}
	require.Positive(t, charges)
}
