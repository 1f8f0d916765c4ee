package tenants_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patapay/domain/asaas/samples"
	"patapay/tenants"
	"patapay/tenants/connection"
	"patapay/tenants/tenantstest"
)

func TestSilenceIsMeasuredByTheClinicsOwnHours(t *testing.T) {
	now := time.Date(2026, 11, 22, 15, 0, 0, 0, time.UTC)
	for _, row := range []struct {
		name string
		t    connection.Traffic
		want bool
	}{
		{
			"a busy clinic hears nothing for two hours",
			connection.Traffic{Last: now.Add(-2 * time.Hour), Weeks: 2, Usual: 10},
			true,
		},
		{"fewer than ten were to be expected", connection.Traffic{Last: now.Add(-2 * time.Hour), Weeks: 4, Usual: 9}, false},
		{"an hour is no silence, however busy", connection.Traffic{Last: now.Add(-time.Hour), Weeks: 4, Usual: 900}, false},
		{
			"its weeks say that this night is always quiet",
			connection.Traffic{Last: now.Add(-30 * time.Hour), Weeks: 4, Usual: 0, Events: 500, Longest: time.Hour},
			false,
		},
		{
			"a young clinic, six hours and twice its longest gap",
			connection.Traffic{Last: now.Add(-7 * time.Hour), Weeks: 1, Events: 20, Longest: 3 * time.Hour},
			true,
		},
		{
			"a young clinic, not yet twice its longest gap",
			connection.Traffic{Last: now.Add(-7 * time.Hour), Events: 20, Longest: 4 * time.Hour},
			false,
		},
		{
			"a young clinic, too few events to tell",
			connection.Traffic{Last: now.Add(-70 * time.Hour), Events: 19, Longest: time.Hour},
			false,
		},
		{"nothing came ever", connection.Traffic{}, false},
	} {
		require.Equal(t, row.want, row.t.Silent(now), row.name)
	}
}

func TestWhatIsUsualIsTheQuietestOfTheLastFourWeeks(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	clinic := w.clinic(t, "Vida", "acc-1")
	w.deliver(t, clinic, samples.Event("payment_received_pix.real"))
	owner := pool(t, w.db, tenantstest.Owner)
	var last time.Time
	require.NoError(t, owner.QueryRow(t.Context(), `SELECT max(received_at) FROM events`).Scan(&last))
	last = last.UTC()
	now := last.Truncate(time.Hour).Add(4 * time.Hour) // three whole hours of silence
	traffic := func() (got connection.Traffic) {
		require.NoError(t, w.api.In(t.Context(), clinic, func(tx *tenants.Tx) (err error) {
			if err = connection.CountTraffic(tx, now); err == nil {
				got, err = connection.MeasureTraffic(tx, now, time.Time{})
			}
			return err
		}))
		return got
	}
	require.Zero(t, traffic().Weeks, "the first day knows no week")
	for week, perHour := range []int{0, 7, 5, 9, 11, 1} { // of the hours since; the fifth week is too old
		for h := range 3 {
			if perHour > 0 {
				hour := last.Truncate(time.Hour).Add(time.Duration(h+1)*time.Hour - time.Duration(week)*7*24*time.Hour)
				_, err := owner.Exec(t.Context(), `INSERT INTO traffic_hours VALUES ($1, $2, $3)`, clinic, hour, perHour)
				require.NoError(t, err)
			}
		}
		if week == 2 {
			_, err := owner.Exec(
				t.Context(),
				`INSERT INTO traffic_hours VALUES ($1, $2, 1)`,
				clinic,
				last.Add(-15*24*time.Hour).Truncate(time.Hour),
			)
			require.NoError(t, err)
			got := traffic()
			require.Equal(t, 2, got.Weeks, "as far as its history goes")
			require.Equal(t, 15, got.Usual)
		}
	}
	_, err := owner.Exec(
		t.Context(),
		`INSERT INTO traffic_hours VALUES ($1, $2, 1)`,
		clinic,
		last.Add(-29*24*time.Hour).Truncate(time.Hour),
	)
	require.NoError(t, err)
	got := traffic()
	require.Equal(t, 4, got.Weeks)
	require.Equal(t, 15, got.Usual, "5 in each of 3 hours, two weeks ago")
}
