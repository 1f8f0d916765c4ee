package asaasapi

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"
)

// quotaPlace stands before the name of each count.
const quotaPlace = "patapay:quota:"

// RedisCounter counts for all processes together and across restarts. Redis is no
// guarantee here either: emptied, it forgets, and the gateway's own 429 is what holds.
type RedisCounter struct{ Redis redis.UniversalClient }

// Add counts one call in one round trip. It fails when Redis does not answer.
func (r RedisCounter) Add(ctx context.Context, name string, d time.Duration) (int, time.Duration, error) {
	key := quotaPlace + name
	pipe := r.Redis.TxPipeline()
	used := pipe.Incr(ctx, key)
	pipe.ExpireNX(ctx, key, d)
	left := pipe.TTL(ctx, key)
	if _, err := pipe.Exec(ctx); err != nil {
		return 0, 0, err
	}
	return int(used.Val()), left.Val(), nil
}

// usedAtOnce is how many counts are read in one round trip.
const usedAtOnce = 1000

// Used returns how many calls were counted under each name in its present window, 0 for none, in the order of names. It
// fails when Redis does not answer.
func (r RedisCounter) Used(ctx context.Context, names []string) ([]int64, error) {
	used := make([]int64, 0, len(names))
	for some := range slices.Chunk(names, usedAtOnce) {
		keys := make([]string, len(some))
		for i, name := range some {
			keys[i] = quotaPlace + name
		}
		values, err := r.Redis.MGet(ctx, keys...).Result()
		if err != nil {
			return nil, err
		}
		for _, v := range values {
			text, _ := v.(string) // absent: nothing was called
			n, _ := strconv.ParseInt(text, 10, 64)
			used = append(used, n)
		}
	}
	return used, nil
}
