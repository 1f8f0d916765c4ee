package glance_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"patapay/domain"
	"patapay/domain/glance"
)

func TestAReminderStaysAwayUntilItsDayOrUntilThereIsMore(t *testing.T) {
	t.Parallel()
	const today = domain.Day("2026-11-22")
	of := func(count int) map[glance.ReminderKind]glance.Pile {
		return map[glance.ReminderKind]glance.Pile{
			glance.ReminderOverdue: {Count: count, Amount: domain.Some(domain.Money(500))},
		}
	}
	until := func(count int, off glance.PutOff) domain.Day {
		list := glance.RemindersOf(of(count), map[glance.ReminderKind]glance.PutOff{glance.ReminderOverdue: off}, today)
		require.Len(t, list, 1, "put off is not gone")
		require.Equal(t, count, list[0].Count)
		return list[0].Until
	}
	require.Empty(t, glance.RemindersOf(nil, nil, today), "it ends with what it tells of")
	require.Empty(t, until(2, glance.PutOff{}), "nobody put it off")
	require.Equal(t, today, until(2, glance.PutOff{Until: today, Seen: 2}), "its last day")
	require.Equal(t, today, until(1, glance.PutOff{Until: today, Seen: 2}), "some of them were paid")
	require.Empty(t, until(2, glance.PutOff{Until: "2026-11-21", Seen: 2}), "its day is over")
	require.Empty(t, until(3, glance.PutOff{Until: "2026-12-31", Seen: 2}), "one more, which nobody has seen")
}
