package jobs

import (
	"context"
	"log/slog"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/sony/gobreaker/v2"

	"patapay/domain"
)

// Notifier tells the workers which clinics have pending events: they become members of the
// ready set, in batches. It is the fast way; what it loses, the workers' sweep finds within
// a second. A task for each event, or for what nobody took at once, would cost a sixth of
// the event's processor time and find its work done (measured). Safe for concurrent use.
//
// What comes within 25 ms shares a message and with it a run, which costs little more than
// that of one; where as many come sooner as a run takes at first, they go.
type Notifier struct {
	publisher *batchPublisher
	stop      context.CancelFunc
}

// noticesGather is how notices gather.
var noticesGather = gathering{pause: 25 * time.Millisecond, most: fewClinics}

// NewNotifier returns a notifier on r, whose time-outs should be redisLimit or less. It
// works until ctx ends or it is closed.
func NewNotifier(ctx context.Context, r redis.UniversalClient, log *slog.Logger) *Notifier {
	breaker := gobreaker.NewCircuitBreaker[any](gobreaker.Settings{
		Name: "notifications", Timeout: 2 * time.Second,
		ReadyToTrip: func(c gobreaker.Counts) bool { return c.ConsecutiveFailures >= 3 },
		OnStateChange: func(_ string, from, to gobreaker.State) {
			log.Warn("notifications", "from", from.String(), "to", to.String())
		},
	})
	ready := readySet{r}
	ctx, stop := context.WithCancel(ctx)
	return &Notifier{newBatchPublisher(ctx, noticesGather, func(ctx context.Context, batch []notice) error {
		_, err := breaker.Execute(func() (any, error) { return nil, ready.add(ctx, batch) })
		return err
	}), stop}
}

// Notify says that clinic has pending events. It returns at once.
func (n *Notifier) Notify(clinic domain.ClinicID) { n.publisher.add(clinic) }

// Close tells the workers what still waits, and returns. Call it after the last Notify.
func (n *Notifier) Close() {
	n.stop()
	<-n.publisher.ended
}

// NoNotifier is the notifier of NOTIFICATIONS=off: the sweep carries everything.
type NoNotifier struct{}

// Notify does nothing.
func (NoNotifier) Notify(domain.ClinicID) {}
