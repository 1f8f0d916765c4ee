package app

import (
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"patapay/tenants/asaasapi"
)

// The causes of GatewaySlow, GatewayFails and QuotaUsedUp: a call that was made counts with its time, one that was not
// made has none.
func TestCallsOfTheGatewayAreToldByCodeAndByTheirTime(t *testing.T) {
	t.Parallel()
	registry := prometheus.NewRegistry()
	count := countCalls(registry)
	for _, c := range []asaasapi.Call{
		{Code: "200", Took: time.Second},
		{Code: "200", Took: 6 * time.Second},
		{Code: "503", Took: time.Second},
		{Code: "quota"},
		{Code: "breaker"},
	} {
		count(c)
	}
	families, err := registry.Gather()
	require.NoError(t, err)
	codes := map[string]float64{}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			if h := m.GetHistogram(); h != nil {
				require.EqualValues(t, 3, h.GetSampleCount())
				for _, b := range h.GetBucket() {
					if b.GetUpperBound() == 4 {
						require.EqualValues(t, 2, b.GetCumulativeCount(), "one took longer than four seconds")
					}
				}
				continue
			}
			codes[m.GetLabel()[0].GetValue()] = m.GetCounter().GetValue()
		}
	}
	require.Equal(t, map[string]float64{"200": 2, "503": 1, "quota": 1, "breaker": 1}, codes)
}

func TestTurnsOfApplyAreToldByWhatTheClinicHad(t *testing.T) {
	t.Parallel()
	registry := prometheus.NewRegistry()
	count := countTurns(registry)
	count(8, 1)
	count(0, 2)
	families, err := registry.Gather()
	require.NoError(t, err)
	require.Len(t, families, 1)
	require.Equal(t, "patapay_apply_turns_total", families[0].GetName())
	had := map[string]float64{}
	for _, m := range families[0].GetMetric() {
		had[m.GetLabel()[0].GetValue()] = m.GetCounter().GetValue()
	}
	require.Equal(t, map[string]float64{"events": 8, "nothing": 3}, had)
}
