package feed

import (
	"testing"

	"github.com/stretchr/testify/require"

	"patapay/api/problem"
)

// Two hundred streams of one clinic once closed the feed for every other, and for the platform.
func TestReadersOfOneClinicTakeNobodyElsesPlace(t *testing.T) {
	t.Parallel()
	for kind, most := range map[string]struct{ clinic, all int64 }{
		"streams": {streamsOfClinic, streamsOfAll}, "long polls": {pollsOfClinic, pollsOfAll},
	} {
		p := newPlaces(most.all, most.clinic, most.all) // of many tokens
		var leaves []func()
		refused := 0
		for range 500 {
			if leave, err := p.take(t.Context(), "ten_1"); err == nil {
				leaves = append(leaves, leave)
			} else {
				var told *problem.Error
				require.ErrorAs(t, err, &told)
				require.Equal(t, "rate_limited", told.Code)
				require.GreaterOrEqual(t, told.RetryAfter, soonestReader)
				refused++
			}
		}
		require.Len(t, leaves, int(most.clinic), kind)
		require.Equal(t, 500-int(most.clinic), refused, kind)
		for _, other := range []string{"ten_2", ""} {
			leave, err := p.take(t.Context(), other)
			require.NoError(t, err, "a clinic's, and the platform's")
			leave()
		}
		for _, leave := range leaves {
			leave()
		}
		require.Zero(t, p.clinics.Used()+p.tokens.Used()+p.platform.Used(), kind)
	}
}

func TestOneTokenDoesNotTakeItsClinicsPlaces(t *testing.T) {
	t.Parallel()
	p := newPlaces(32, 64, 400)
	for range 32 {
		_, err := p.take(t.Context(), "ten_1")
		require.NoError(t, err)
	}
	_, err := p.take(t.Context(), "ten_1")
	require.Error(t, err)
	require.EqualValues(t, 32, p.clinics.Used(), "a refused reader holds nothing")
}
