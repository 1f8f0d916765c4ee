package domain_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patapay/domain"
)

func TestAStateOfAConnectionSaysWhatItMeansForEvents(t *testing.T) {
	means := map[domain.ConnectionState]string{}
	for _, s := range domain.ConnectionState("").Values() {
		means[s] = ""
		for word, is := range map[string]bool{"c": s.Connected(), "r": s.Receives(), "l": s.Lossy(), "a": s.Alarm() != ""} {
			if is {
				means[s] += word
			}
		}
	}
	require.Len(t, means, 8)
	for state, letters := range map[domain.ConnectionState]string{
		domain.ConnectionDisconnected: "", domain.ConnectionVerifying: "c",
		domain.ConnectionAwaiting: "c", domain.ConnectionActive: "cr",
		domain.ConnectionAttention: "cr", domain.ConnectionPaused: "cla",
		domain.ConnectionKeyRefused: "cla", domain.ConnectionSilent: "crla",
	} {
		require.ElementsMatch(t, []byte(letters), []byte(means[state]), state)
	}
	require.False(t, domain.ConnectionState("").Connected(), "a clinic that never had a connection")
	for _, s := range domain.ConnectionState("").Values() {
		if s.Alarm() != "" {
			told := append(domain.MailedAlarmKinds(), domain.AlarmPaused) // of a paused queue by the agenda, which has its day
			require.Contains(t, told, s.Alarm(), "people are told of a state that has an alarm")
			require.Equal(t, string(s), string(s.Alarm()), "alarm and state go by one name")
		}
	}
}

func TestAKindOfLongWorkHasStepsAndALimitOrSaysSoItself(t *testing.T) {
	kinds := domain.OperationKind("").Values()
	require.Len(t, kinds, 8)
	for _, k := range kinds {
		require.Equal(t, k.OfConnection(), k.Steps() > 0, k)
		require.Equal(t, k.OfConnection(), k.Limit() > 0, k)
	}
	require.Equal(t, 40*time.Minute, domain.OperationBackfill.Limit())
	require.Equal(t, 6, domain.OperationBackfill.Steps())
	require.Zero(t, domain.OperationKind("nothing").Steps())
}
