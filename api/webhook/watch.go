package webhook

import (
	"context"
	"log/slog"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"patapay/domain"
)

// Alarms keeps alarm rows; tenants.Inbox is one.
type Alarms interface {
	Alarm(ctx context.Context, clinic domain.ClinicID, kind domain.AlarmKind, at time.Time) error
}

// Watch counts answers and tells when a clinic's queue is in danger: the gateway pauses it
// after 15 failures in a row, we warn at 3 (docs/reliability.md, G8).
type Watch struct {
	alarms   Alarms
	log      *slog.Logger
	answers  *prometheus.CounterVec
	took     prometheus.Histogram
	refusals *prometheus.CounterVec
	fails    sync.Map // domain.ClinicID → *int, guarded by mu; rare
	mu       sync.Mutex
	todo     chan alarm
}

type alarm struct {
	clinic domain.ClinicID
	kind   domain.AlarmKind
	at     time.Time
}

const failuresToAlarm = 3

// NewWatch returns a watch that registers its metrics with reg and writes alarms until ctx ends.
func NewWatch(ctx context.Context, alarms Alarms, log *slog.Logger, reg prometheus.Registerer) *Watch {
	w := &Watch{
		alarms: alarms,
		log:    log,
		todo:   make(chan alarm, 1024),
		answers: prometheus.NewCounterVec(
			prometheus.CounterOpts{Name: "patapay_webhook_answers_total", Help: "Deliveries answered, by code."},
			[]string{"code"},
		),
		refusals: prometheus.NewCounterVec(
			prometheus.CounterOpts{
				Name: "patapay_webhook_refusals_total",
				Help: "Deliveries without a valid token that were refused, by cause.",
			},
			[]string{"cause"},
		),
		took: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "patapay_webhook_seconds", Help: "Time from request to answer.",
			Buckets: []float64{.0005, .001, .002, .005, .01, .025, .05, .1, .25, .5, 1, 3.5},
		}),
	}
	reg.MustRegister(w.answers, w.refusals, w.took)
	go w.write(ctx)
	return w
}

// Answered notes the code given to an authentic sender.
func (w *Watch) Answered(clinic domain.ClinicID, code int, at time.Time) {
	if code == 200 {
		if _, failing := w.fails.Load(clinic); failing {
			w.fails.Delete(clinic)
		}
		return
	}
	w.mu.Lock()
	n, _ := w.fails.LoadOrStore(clinic, new(int))
	*n.(*int)++
	failures := *n.(*int)
	w.mu.Unlock()
	w.log.Warn("delivery of a clinic refused", "clinic", clinic, "code", code, "in_a_row", failures)
	if failures%failuresToAlarm == 0 {
		w.raise(clinic, domain.AlarmDeliveriesFailing, at)
	}
}

// Quarantined notes a delivery with a valid token that was not believed.
func (w *Watch) Quarantined(clinic domain.ClinicID, reason string, at time.Time) {
	w.raise(clinic, domain.QuarantineAlarm(reason), at)
}

// TooLarge notes a body beyond the limit: it cannot be stored, so its sender tries again.
func (w *Watch) TooLarge(clinic domain.ClinicID, at time.Time) {
	w.raise(clinic, domain.AlarmBodyTooLarge, at)
}

// CardNumber notes a full card number in a body: it is hidden, and somebody typed it where it does not belong.
func (w *Watch) CardNumber(clinic domain.ClinicID, at time.Time) {
	w.raise(clinic, domain.AlarmCardNumber, at)
}

// Withdrawal notes a withdrawal that asked for our approval (0: of nobody knows which clinic).
func (w *Watch) Withdrawal(clinic domain.ClinicID, at time.Time) {
	w.raise(clinic, domain.AlarmWithdrawal, at)
	w.refusals.WithLabelValues(domain.ReasonWithdrawal).Inc()
}

// Unverified notes a delivery whose token was missing or wrong.
func (w *Watch) Unverified(clinic domain.ClinicID, at time.Time) {
	if clinic > 0 {
		w.raise(clinic, domain.AlarmTokenMissing, at)
	}
	w.refusals.WithLabelValues("hinted").Inc()
}

func (w *Watch) refused(cause string) { w.refusals.WithLabelValues(cause).Inc() }

func (w *Watch) observe(code int, took time.Duration) {
	w.answers.WithLabelValues(strconv.Itoa(code)).Inc()
	w.took.Observe(took.Seconds())
}

// raise hands an alarm to the writer; beyond a thousand waiting ones only the log has it.
func (w *Watch) raise(clinic domain.ClinicID, kind domain.AlarmKind, at time.Time) {
	select {
	case w.todo <- alarm{clinic, kind, at}:
	default:
		w.log.Error("alarm dropped", "clinic", clinic, "kind", kind)
	}
}

// write stores alarms one by one, again and again while Postgres is away.
func (w *Watch) write(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case a := <-w.todo:
			w.log.Warn("alarm", "clinic", a.clinic, "kind", a.kind, "next_action", a.kind.NextAction())
			w.keep(ctx, a)
		}
	}
}

func (w *Watch) keep(ctx context.Context, a alarm) {
	for wait := 100 * time.Millisecond; ; wait = min(2*wait, 10*time.Second) {
		one, cancel := context.WithTimeout(ctx, 3*time.Second)
		err := w.alarms.Alarm(one, a.clinic, a.kind, a.at)
		cancel()
		if err == nil {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
	}
}
