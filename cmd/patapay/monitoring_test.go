package main

import (
	"encoding/json"
	"math"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patapay/domain"
	"patapay/domain/asaas/simulator/webhooks"
	"patapay/tenants"
	"patapay/tenants/alarm"
	"patapay/tenants/asaasapi"
	"patapay/tenants/connection"
	"patapay/tenants/vault"
)

// named returns the metrics and the labels' values that rules and dashboard speak of.
func named(t *testing.T) (metrics, kinds []string, text string) {
	t.Helper()
	for _, file := range []string{"monitoring/alerts.yml", "monitoring/dashboard.json"} {
		raw, err := os.ReadFile(file)
		require.NoError(t, err)
		text += string(raw)
	}
	metrics = regexp.MustCompile(`(patapay|process|go)_[a-z]+_[a-z_]+`).FindAllString(text, -1)
	for _, m := range regexp.MustCompile(`kind="(\w+)"`).FindAllStringSubmatch(text, -1) {
		kinds = append(kinds, m[1])
	}
	return metrics, kinds, text
}

func TestRulesAndDashboardSpeakOfMetricsThatThereAre(t *testing.T) {
	t.Parallel()
	w := newProgramWorld(t)
	w.post(t, token, w.forge(t, "payment_created_pix.real", "pay_1"))
	_ = webhooks.Send(t.Context(), w.url, "wrong", []byte(`{}`))
	require.NoError(t, alarm.Raise(w.WorkerDB, t.Context(), w.clinic, domain.AlarmPaused, w.Now()))
	_, err := w.GatewayClient.Balance(
		t.Context(),
		asaasapi.Credential{Environment: domain.Sandbox, Key: vault.NewSecret(w.account.Key)},
	)
	require.NoError(t, err)
	families, err := w.Registry.Gather()
	require.NoError(t, err)
	there := []string{"patapay_redis_up"} // this world has none; TestRedisAwayAndAPoolThatIsWaitedForAreTold
	for _, f := range families {
		there = append(there, f.GetName())
		if f.GetType().String() == "HISTOGRAM" {
			there = append(there, f.GetName()+"_bucket")
		}
	}
	metrics, kinds, _ := named(t)
	require.Greater(t, len(metrics), 15)
	for _, name := range metrics {
		require.Contains(t, there, name)
	}
	for _, kind := range kinds {
		require.Contains(t, domain.AlarmKinds(), domain.AlarmKind(kind))
	}
}

func TestEveryMetricOfOursIsWatchedOrDrawn(t *testing.T) {
	_, _, text := named(t)
	for _, name := range []string{
		"patapay_webhook_answers_total", "patapay_webhook_refusals_total", "patapay_webhook_seconds_bucket",
		"patapay_alarms_open", "patapay_due_clinics", "patapay_due_oldest_seconds",
		"patapay_loss_soonest_seconds", "patapay_build_info",
	} {
		require.Contains(t, text, name)
	}
}

func TestTheDashboardsPanelsStandBesideEachOther(t *testing.T) {
	raw, err := os.ReadFile("monitoring/dashboard.json")
	require.NoError(t, err)
	var board struct {
		Panels []struct {
			ID      int
			Title   string
			GridPos struct{ X, Y, W, H int }
			Targets []struct{ Expr string }
		}
	}
	require.NoError(t, json.Unmarshal(raw, &board))
	var places []string
	for _, p := range board.Panels {
		require.NotEmpty(t, p.Targets, p.Title)
		require.Equal(t, strings.Count(p.Targets[0].Expr, "("), strings.Count(p.Targets[0].Expr, ")"), p.Title)
		place := string(rune('a'+p.GridPos.X)) + string(rune('a'+p.GridPos.Y))
		require.False(t, slices.Contains(places, place), p.Title)
		places = append(places, place)
	}
}

func TestTheSoonestLossAndTheOpenAlarmsAreToldUntilTheyAreOver(t *testing.T) {
	t.Parallel()
	w := newProgramWorld(t)
	soonest := func() float64 {
		families, err := w.Registry.Gather()
		require.NoError(t, err)
		for _, f := range families {
			if f.GetName() == "patapay_loss_soonest_seconds" {
				return f.GetMetric()[0].GetGauge().GetValue()
			}
		}
		t.Fatal("no such metric")
		return 0
	}
	require.True(t, math.IsInf(soonest(), 1), "no queue is paused")
	w.in(t, func(tx *tenants.Tx) error {
		_, err := connection.Move(tx, "paused", "paused", "reactivate", w.Now().Add(40*time.Hour), w.Now())
		return err
	})
	require.InDelta(t, 40*3600, soonest(), 30)
	w.in(t, func(tx *tenants.Tx) error {
		_, err := connection.Move(tx, "active", "", "", time.Time{}, w.Now())
		return err
	})
	require.True(t, math.IsInf(soonest(), 1), "it runs again")

	// The rules of alarms speak of one figure: it is there while an alarm of its kind is open.
	for _, kind := range domain.AlarmKinds() {
		w.in(t, func(tx *tenants.Tx) error { return alarm.RaiseIn(tx, kind, w.Now()) })
		open, _ := metric(t, w.Registry, "patapay_alarms_open", string(kind))
		require.EqualValues(t, 1, open, kind)
		w.in(t, func(tx *tenants.Tx) error { return alarm.CloseAlarm(tx, kind, w.Now()) })
		_, there := metric(t, w.Registry, "patapay_alarms_open", string(kind))
		require.False(t, there, kind)
	}
}
