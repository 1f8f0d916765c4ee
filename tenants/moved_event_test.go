package tenants_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"patapay/domain/asaas/samples"
)

// A run marks its events where it has read them. A note written on one in the meantime moves its row, and what then
// stands at the old place is no event: it would have stayed received, and due for ever.
func TestAnEventThatMovesUnderARunIsMarkedAllTheSame(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	clinic := w.clinic(t, "Vida", "acc-1")
	_, err := w.all.Exec(t.Context(), `CREATE FUNCTION note_one() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
			UPDATE events SET notes = 'moved' WHERE event_id = (SELECT min(event_id) FROM events);
			UPDATE due SET tries = tries WHERE seq = (SELECT max(seq) FROM due);
			RETURN NULL;
		END $$;
		ALTER FUNCTION note_one() SECURITY DEFINER;
		CREATE TRIGGER note_one AFTER INSERT ON records FOR EACH STATEMENT EXECUTE FUNCTION note_one()`)
	require.NoError(t, err)
	for _, name := range []string{"payment_created_pix.real", "payment_received_pix.real", "checkout_paid_pix.real"} {
		w.deliver(t, clinic, samples.Event(name))
	}
	require.Equal(t, 3, w.apply(t, clinic).Rows)

	var received, moved, due int
	err = w.all.QueryRow(t.Context(), `SELECT count(*) FILTER (WHERE outcome = 'received' OR applied_at IS NULL),
		count(*) FILTER (WHERE notes = 'moved'), (SELECT count(*) FROM due) FROM events`).Scan(&received, &moved, &due)
	require.NoError(t, err)
	require.Equal(t, []int{0, 1, 0}, []int{received, moved, due})
}
