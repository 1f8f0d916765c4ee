package inbox

import (
	"testing"

	"github.com/stretchr/testify/require"

	"patapay/domain"
)

// waits returns a delivery of a clinic with a key and a body of so many bytes.
func waits(clinic domain.ClinicID, seq int64, bytes int) *waiter {
	a := &InboundEvent{Clinic: clinic, Key: domain.EventKey{Seq: seq}, Sealed: make([]byte, bytes)}
	return &waiter{a: a, result: make(chan accepted, 1)}
}

func TestWhatOneClinicSendsHoldsUpAnothersDeliveryByARow(t *testing.T) {
	t.Parallel()
	l := newLane(false)
	for seq := range int64(1000) {
		require.True(t, l.add(waits(1, seq, 10)))
	}
	require.True(t, l.add(waits(2, 1, 10)))
	b, open := l.next()
	require.True(t, open)
	require.Len(t, b.rows, batchRows)
	require.EqualValues(t, 2, b.rows[1].a.Clinic, "the thousand and first delivery is the second of the next commit")
	require.Equal(t, 1001-batchRows, l.n)
}

func TestACommitIsBoundedInBytesAndALongRowStillGoes(t *testing.T) {
	t.Parallel()
	l := newLane(false)
	for clinic := range domain.ClinicID(20) {
		require.True(t, l.add(waits(clinic+1, 1, 200<<10)))
	}
	b, _ := l.next()
	require.Len(t, b.rows, 5, "of 200 KiB each, within a mebibyte")
	l = newLane(true)
	require.True(t, l.add(waits(1, 1, 2*batchBytes)))
	require.True(t, l.add(waits(1, 2, 1)))
	b, _ = l.next()
	require.Len(t, b.rows, 1)
}

func TestOneClinicCannotFillTheInbox(t *testing.T) {
	t.Parallel()
	l, admitted := newLane(false), 0
	for seq := range int64(waiting) {
		if l.add(waits(1, seq, 1)) {
			admitted++
		}
	}
	require.Equal(t, ofClinic, admitted)
	require.True(t, l.add(waits(2, 1, 1)), "another's delivery finds room")
}

func TestOfTheClinicsThatGoApartEachHasOneStatementUnderWay(t *testing.T) {
	t.Parallel()
	l := newLane(true)
	for seq := range int64(2 * batchRows) {
		require.True(t, l.add(waits(1, seq, 1)))
	}
	require.True(t, l.add(waits(2, 1, 1)))
	first, _ := l.next()
	second, _ := l.next()
	require.Len(t, first.rows, batchRows)
	require.Len(t, second.rows, 1)
	require.EqualValues(t, 2, second.rows[0].a.Clinic, "the first clinic's other rows wait for its own statement")
	require.Empty(t, l.turns)
	l.done(first)
	third, _ := l.next()
	require.EqualValues(t, 1, third.rows[0].a.Clinic)
	l.close()
	l.done(second)
	l.done(third)
	_, open := l.next()
	require.False(t, open)
	require.Empty(t, l.lines)
}

func TestCopiesOfAKeyHangOnTheFirstAndCountAsRows(t *testing.T) {
	t.Parallel()
	l := newLane(false)
	for range 2 * batchRows {
		require.True(t, l.add(waits(1, 7, 1)))
	}
	b, _ := l.next()
	require.Len(t, b.rows, 1)
	require.Len(t, b.rows[0].copies, batchRows-1)
}
