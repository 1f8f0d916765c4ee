package domain_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"patapay/domain"
)

// seenToEnd are the kinds whose end is seen by what opened them: the connection's states and checks, a comparison, a
// replay, a note on each shape, an endpoint that is resumed, an agenda that is made.
var seenToEnd = []domain.AlarmKind{
	domain.AlarmPaused, domain.AlarmKeyRefused, domain.AlarmSilent, domain.AlarmKeyEnding, domain.AlarmFailing,
	domain.AlarmCommercialExpired, domain.AlarmWithdrawal, domain.AlarmSelfCheck, domain.AlarmDifferences,
	domain.AlarmDeadLetters, domain.AlarmGatewayShapes, domain.AlarmEndpointPaused, domain.AlarmAgendaFailing,
}

// Nine kinds were opened by something that never closed them, and rules that speak of them fired for ever.
func TestEveryAlarmEndsWithItsCauseOrWhenItWasQuietLongEnough(t *testing.T) {
	for _, kind := range domain.AlarmKinds() {
		if kind.Quiet() > 0 {
			require.NotContains(t, seenToEnd, kind)
			require.False(t, kind.Outlives(), "%s: the connection's check is what ends it", kind)
			continue
		}
		require.Contains(t, seenToEnd, kind, "nothing ends it")
	}
}
