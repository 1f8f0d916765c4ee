package tenants

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestARangeIsReadByTheMonthsItLiesIn(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ from, to, first, last string }{
		{"2024-02-10", "2024-02-11", "2024-02", "2024-02"},
		{"2023-12-31 23:59:59", "2024-01-01 00:00:00", "2023-12", "2024-01"},
		{"2022-01-01", "2024-12-31", "2022-01", "2024-12"},
	} {
		months := monthsOf(row.from, row.to)
		require.Equal(t, []string{row.first, row.last}, []string{months[0], months[len(months)-1]})
	}
	require.Empty(t, monthsOf("2021-12-31", "2024-12-31"), "more than are merged")
	require.Empty(t, monthsOf("2024-12-31", "2024-01-01"), "none lie between")
	require.Empty(t, monthsOf("2024", "abc-de-fg"), "no dates")
}
