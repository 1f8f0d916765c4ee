package tenants

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestARangeIsReadByTheDaysOrMonthsItLiesIn(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		from, to, first, last string
		parts                 int
	}{
		{"2024-02-10", "2024-02-11", "2024-02", "2024-02", 1},
		{"2023-12-31 23:59:59", "2024-01-01 00:00:00", "2023-12", "2024-01", 2},
		{"2022-01-01", "2024-12-31", "2022-01", "2024-12", 36},
		{"2024-02-28", "2024-03-01", "2024-02-28", "2024-03-01", 3},
		{"2022-01-01", "2024-12-31", "2022-01-01", "2024-12-31", 1096},
	} {
		parts := partsOf(row.from, row.to, len(row.first), mostDays)
		require.Len(t, parts, row.parts)
		require.Equal(t, []string{row.first, row.last}, []string{parts[0], parts[len(parts)-1]})
	}
	for _, length := range []int{len("2024-01"), len(time.DateOnly)} {
		require.Empty(t, partsOf("2021-12-31", "2024-12-31", length, 36), "more than are merged")
		require.Empty(t, partsOf("2024-12-31", "2024-01-01", length, mostDays), "none lie between")
		require.Empty(t, partsOf("2024", "abc-de-fg", length, mostDays), "no dates")
	}
}
