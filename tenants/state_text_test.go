package tenants_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"patapay/domain/asaas/samples"
)

// The indexes of what is in doubt and in dispute see it in the text of the state (migrations/0351), which is how apply
// writes it. One that is not seen there would be in no list of doubts or disputes.
func TestWhatIndexesSeeInAStatesTextIsWhatItSays(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	clinic := w.clinic(t, "Vida", "acc-1")
	for _, name := range samples.Names() {
		w.deliver(t, clinic, samples.Event(name))
	}
	for w.apply(t, clinic).Rows > 0 {
	}
	for key, text := range map[string]string{"Flags": `"Flags":[`, "Chargeback": `"Chargeback":{`} {
		var said, seen, both int
		require.NoError(t, w.all.QueryRow(
			t.Context(),
			`SELECT count(*) FILTER (WHERE said), count(*) FILTER (WHERE seen), count(*) FILTER (WHERE said AND seen)
			FROM (SELECT (state ->> $1) IS NOT NULL AS said, strpos(state::text, $2) > 0 AS seen FROM invoices) i`, key, text,
		).Scan(&said, &seen, &both))
		require.Positive(t, said, key)
		require.Equal(t, []int{said, said}, []int{seen, both}, key)
	}
}
