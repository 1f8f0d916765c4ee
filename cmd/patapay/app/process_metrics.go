package app

import (
	"context"

	"github.com/prometheus/client_golang/prometheus"

	"patapay/tenants/alarm"
	"patapay/tenants/asaasapi"
	clinics "patapay/tenants/fleet"
)

// countCalls registers what is told of calls of the gateway and returns what takes one.
func countCalls(r prometheus.Registerer) func(asaasapi.Call) {
	calls := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "patapay_gateway_calls_total",
		Help: "Calls of Asaas, by the answer's code; none: no answer, quota and breaker: not made.",
	}, []string{"code"})
	took := prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: "patapay_gateway_seconds", Help: "How long calls of Asaas took.",
		Buckets: []float64{0.1, 0.25, 0.5, 1, 2, 4, 8, 16},
	})
	r.MustRegister(calls, took)
	return func(c asaasapi.Call) {
		calls.WithLabelValues(c.Code).Inc()
		if c.Took > 0 {
			took.Observe(c.Took.Seconds())
		}
	}
}

// countTurns registers what is told of apply's runs and returns what takes the clinics of one.
func countTurns(r prometheus.Registerer) func(found, nothing int) {
	turns := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "patapay_apply_turns_total",
		Help: "Turns of a clinic in a run of apply, by what it had: events, or nothing.",
	}, []string{"found"})
	r.MustRegister(turns)
	events, none := turns.WithLabelValues("events"), turns.WithLabelValues("nothing")
	return func(found, nothing int) {
		events.Add(float64(found))
		none.Add(float64(nothing))
	}
}

// fleet tells of all clinics together, of the process's pools, and whether Redis answers.
type fleet struct{ app *App }

func desc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("patapay_"+name, help, labels, nil)
}

var (
	monitorLate = desc("monitor_late_seconds", "How long the health check that is due longest has waited for its turn.")
	mailsUnsent = desc("mails_unsent", "E-mails that wait to be sent.")
	mailsOldest = desc("mails_oldest_seconds", "Since the oldest e-mail that waits was written.")
	mailsFail   = desc("mails_failing", "E-mails that wait after three tries.")
	comparedAgo = desc(
		"comparison_oldest_seconds", "Since the last comparison of the clinic that was compared longest ago.",
	)
	feedHeld    = desc("feed_held_seconds", "How long a transaction has kept entries out of the platform's feed.")
	pushPaused  = desc("endpoints_paused", "Endpoints of the feed that stopped by themselves.")
	pushRefused = desc(
		"push_refused_oldest_seconds", "Since the entry that an endpoint has refused longest was refused first.",
	)
	received  = desc("events_received_total", "Deliveries stored in minutes that are counted, of all clinics.")
	late      = desc("events_late_total", "Of those, deliveries that were not applied within a minute.")
	redisUp   = desc("redis_up", "1: Redis answers; 0: the sweep carries everything. Not there without Redis.")
	poolWaits = desc("pool_wait_seconds_total", "How long a free database connection was waited for, by role.", "role")
	poolUsed  = desc("pool_connections", "Database connections in use, by role.", "role")
)

// Describe names the metrics.
func (fleet) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{
		monitorLate, mailsUnsent, mailsOldest, mailsFail, comparedAgo, feedHeld, pushPaused, pushRefused, received, late,
		redisUp, poolWaits, poolUsed,
	} {
		out <- d
	}
}

// Collect reads them; what cannot be read in time is left out.
func (f fleet) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), scrapeLimit)
	defer cancel()
	gauge := func(d *prometheus.Desc, v float64) { out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v) }
	for _, r := range f.app.Roles() {
		if r.DB == nil {
			continue
		}
		s := r.DB.Pool().Stat()
		out <- prometheus.MustNewConstMetric(poolWaits, prometheus.CounterValue, s.EmptyAcquireWaitTime().Seconds(), r.Name)
		out <- prometheus.MustNewConstMetric(poolUsed, prometheus.GaugeValue, float64(s.AcquiredConns()), r.Name)
	}
	if f.app.redis != nil {
		up := 0.0
		if f.app.redis.Ping(ctx).Err() == nil {
			up = 1
		}
		gauge(redisUp, up)
	}
	if s, err := clinics.Totals(f.app.APIDB, ctx); err == nil {
		out <- prometheus.MustNewConstMetric(received, prometheus.CounterValue, float64(s.Received))
		out <- prometheus.MustNewConstMetric(late, prometheus.CounterValue, float64(s.Late))
	}
	figures, err := alarm.FleetFigures(f.app.APIDB, ctx, f.app.Now())
	if err != nil {
		return
	}
	gauge(monitorLate, figures.MonitorLate.Seconds())
	gauge(mailsUnsent, float64(figures.MailsUnsent))
	gauge(mailsOldest, figures.MailsOldest.Seconds())
	gauge(mailsFail, float64(figures.MailsFailing))
	gauge(comparedAgo, figures.ComparisonOldest.Seconds())
	gauge(feedHeld, figures.FeedHeld.Seconds())
	gauge(pushPaused, float64(figures.EndpointsPaused))
	gauge(pushRefused, figures.PushRefused.Seconds())
}
