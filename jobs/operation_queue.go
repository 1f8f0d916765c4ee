package jobs

import (
	"context"
	"encoding/binary"
	"fmt"
	"log/slog"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"patapay/domain"
)

// The messages say "operation N of clinic M waits" and nothing else: a lost one costs a
// second, until the sweep, and a doubled one finds the operation taken. TaskID, Unique and
// Retention are not used: each can keep the next message out.
const (
	operationTask  = "operation:run"
	operationQueue = "operations"
)

// redisLimit bounds every wait for Redis: dial, read and write of a client.
const redisLimit = 200 * time.Millisecond

// OperationQueue tells the worker processes which operations wait.
type OperationQueue struct {
	client *asynq.Client
	log    *slog.Logger
}

// NewOperationQueue returns a queue on r, whose time-outs should be redisLimit or less.
func NewOperationQueue(r redis.UniversalClient, log *slog.Logger) *OperationQueue {
	return &OperationQueue{asynq.NewClientFromRedisClient(r), log}
}

// Notify says that an operation waits. While Redis is away it says nothing, and the sweep
// finds the operation.
func (q *OperationQueue) Notify(clinic domain.ClinicID, operation domain.UUID) {
	ctx, cancel := context.WithTimeout(context.Background(), redisLimit)
	defer cancel()
	task := asynq.NewTask(operationTask, operationPayload(clinic, operation))
	if _, err := q.client.EnqueueContext(
		ctx, task, asynq.Queue(operationQueue), asynq.MaxRetry(0), asynq.Timeout(30*time.Second),
	); err != nil {
		q.log.Debug("operation left for the sweep", "clinic", clinic, "operation", operation.Public("opr"), "err", err)
	}
}

// handle is asynq's handler: it hands the operation on and does not wait for its end. The
// row is the record; the message has done its duty.
func (o *Operations) handle(ctx context.Context) asynq.HandlerFunc {
	return func(_ context.Context, t *asynq.Task) error {
		clinic, id, ok := operationOf(t.Payload())
		if !ok {
			return fmt.Errorf("an operation without an id: %w", asynq.SkipRetry)
		}
		if ctx.Err() == nil {
			o.Begin(ctx, clinic, id)
		}
		return nil
	}
}

// operationPayload is a clinic's number and an operation's id: no data.
func operationPayload(clinic domain.ClinicID, operation domain.UUID) []byte {
	return append(binary.BigEndian.AppendUint32(nil, uint32(clinic)), operation[:]...)
}

func operationOf(payload []byte) (domain.ClinicID, domain.UUID, bool) {
	if len(payload) != 20 {
		return 0, domain.UUID{}, false
	}
	clinic := domain.ClinicID(binary.BigEndian.Uint32(payload))
	return clinic, domain.UUID(payload[4:]), clinic >= 0
}
