package app

import (
	"context"
	"math"
	"time"

	"patapay/tenants/alarm"
	"patapay/tenants/apply"

	"github.com/prometheus/client_golang/prometheus"
)

// gauges reads from Postgres, when it is scraped, what no single process knows: open alarms
// and what waits. Labels tell kinds, never clinics.
type gauges struct{ app *App }

var (
	alarmsOpen  = prometheus.NewDesc("patapay_alarms_open", "Open alarms, by kind.", []string{"kind"}, nil)
	dueClinics  = prometheus.NewDesc("patapay_due_clinics", "Clinics with events to apply now.", nil, nil)
	lossSoonest = prometheus.NewDesc(
		"patapay_loss_soonest_seconds",
		"Until the gateway throws away the first event of a paused queue; +Inf: none is paused.", nil, nil,
	)
	dueOldest = prometheus.NewDesc(
		"patapay_due_oldest_seconds", "How long the oldest event that could be applied has waited.", nil, nil,
	)
)

// Describe names the metrics.
func (gauges) Describe(out chan<- *prometheus.Desc) {
	out <- alarmsOpen
	out <- dueClinics
	out <- dueOldest
	out <- lossSoonest
}

// scrapeLimit is what a scrape waits for Postgres, half of Prometheus's own time-out. A second left figures out of a
// busy database's answer, and the alerts that speak of them blind.
const scrapeLimit = 5 * time.Second

// Collect reads them; what cannot be read in time is left out.
func (g gauges) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), scrapeLimit)
	defer cancel()
	if kinds, err := alarm.OpenAlarms(g.app.APIDB, ctx); err == nil {
		for kind, n := range kinds {
			out <- prometheus.MustNewConstMetric(alarmsOpen, prometheus.GaugeValue, float64(n), kind)
		}
	}
	now := g.app.Now()
	if at, err := alarm.SoonestLoss(g.app.APIDB, ctx); err == nil {
		left := math.Inf(1)
		if !at.IsZero() {
			left = at.Sub(now).Seconds()
		}
		out <- prometheus.MustNewConstMetric(lossSoonest, prometheus.GaugeValue, left)
	}
	if due, err := apply.DueClinics(g.app.sweeper, ctx, now, 10_000); err == nil {
		age := 0.0
		if len(due) > 0 {
			age = now.Sub(due[0].Oldest).Seconds()
		}
		out <- prometheus.MustNewConstMetric(dueClinics, prometheus.GaugeValue, float64(len(due)))
		out <- prometheus.MustNewConstMetric(dueOldest, prometheus.GaugeValue, age)
	}
}
