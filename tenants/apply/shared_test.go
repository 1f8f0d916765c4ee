package apply

import (
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"patapay/domain"
)

// numberedRows are rows of one column behind their clinics' numbers, as Postgres answers them.
type numberedRows struct {
	pgx.Rows
	clinics []domain.ClinicID
	at      int
}

func (r *numberedRows) Next() bool { r.at++; return r.at <= len(r.clinics) }

func (r *numberedRows) Scan(dest ...any) error {
	*dest[0].(*domain.ClinicID), *dest[1].(*string) = r.clinics[r.at-1], "row"
	return nil
}

func (r *numberedRows) Err() error { return nil }
func (r *numberedRows) Close()     {}

// No statement and no wall may fail so that this matters: then it matters that the run ends.
func TestARowOfAClinicThatTheRunDoesNotHoldIsAnErrorOfTheRun(t *testing.T) {
	t.Parallel()
	held := []*run{{clinic: 2}, {clinic: 5}, {clinic: 9}}
	given := map[domain.ClinicID]int{}
	read := func(clinics ...domain.ClinicID) error {
		return collect(held, &numberedRows{clinics: clinics}, pgx.RowTo[string], func(w *run, _ string) { given[w.clinic]++ })
	}
	require.NoError(t, read(9, 2, 9))
	require.Equal(t, map[domain.ClinicID]int{2: 1, 9: 2}, given)
	for _, foreign := range []domain.ClinicID{0, 1, 3, 10} {
		require.Equal(t, domain.Internal, domain.CodeOf(read(5, foreign)), "%d", foreign)
	}
}
