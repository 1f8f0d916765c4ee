package asaasapi

import (
	"context"
	"time"

	"github.com/redis/go-redis/v9"
)

// RedisCounter counts for all processes together and across restarts. Redis is no
// guarantee here either: emptied, it forgets, and the gateway's own 429 is what holds.
type RedisCounter struct{ Redis redis.UniversalClient }

// Add counts one call in one round trip. It fails when Redis does not answer.
func (r RedisCounter) Add(ctx context.Context, name string, d time.Duration) (int, time.Duration, error) {
	key := "patapay:quota:" + name
	pipe := r.Redis.TxPipeline()
	used := pipe.Incr(ctx, key)
	pipe.ExpireNX(ctx, key, d)
	left := pipe.TTL(ctx, key)
	if _, err := pipe.Exec(ctx); err != nil {
		return 0, 0, err
	}
	return int(used.Val()), left.Val(), nil
}
