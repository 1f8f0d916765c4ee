package jobs

import (
	"context"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"patapay/domain"
	"patapay/tenants/apply"
)

// readyKey names the ready set in Redis.
const readyKey = "patapay:rings"

// readySet is the clinics that have pending events: members of a sorted set in Redis, by
// when each was first told of since a worker took it. The first idle worker pops one, so
// that no two workers begin on the same notice, and whoever waited longest comes first,
// however often another clinic is told of.
type readySet struct{ redis redis.UniversalClient }

// notice is a clinic that was told of, and when.
type notice struct {
	clinic domain.ClinicID
	at     time.Time
}

// clinicsTold returns the clinics of a batch of notices.
func clinicsTold(batch []notice) []domain.ClinicID {
	clinics := make([]domain.ClinicID, len(batch))
	for i, n := range batch {
		clinics[i] = n.clinic
	}
	return clinics
}

// add makes clinics members; one that is a member already keeps its place.
func (s readySet) add(ctx context.Context, batch []notice) error {
	members := make([]redis.Z, len(batch))
	for i, n := range batch {
		members[i] = redis.Z{Score: float64(n.at.UnixMicro()), Member: int64(n.clinic)}
	}
	return s.redis.ZAddNX(ctx, readyKey, members...).Err()
}

// pop takes the clinics that wait longest, at most limit, and waits up to block for one.
// Without any it fails with redis.Nil.
func (s readySet) pop(ctx context.Context, block time.Duration, limit int) ([]redis.Z, error) {
	_, taken, err := s.redis.BZMPop(ctx, block, "min", int64(limit), readyKey).Result()
	return taken, err
}

// among returns those of the clinics that are members, and since when; none when Redis does not say.
func (s readySet) among(ctx context.Context, clinics []apply.DueClinic) map[domain.ClinicID]time.Time {
	ctx, cancel := context.WithTimeout(ctx, redisLimit)
	defer cancel()
	names := make([]string, len(clinics))
	for i, c := range clinics {
		names[i] = strconv.Itoa(int(c.Clinic))
	}
	members := map[domain.ClinicID]time.Time{}
	for i, score := range s.redis.ZMScore(ctx, readyKey, names...).Val() {
		if score > 0 {
			members[clinics[i].Clinic] = time.UnixMicro(int64(score))
		}
	}
	return members
}

// putBack makes members again of clinics that were popped, at their old place.
func (s readySet) putBack(ctx context.Context, taken []redis.Z) error {
	return s.redis.ZAddNX(ctx, readyKey, taken...).Err()
}

// clinicsIn returns the clinics that were popped; a member that is none is left out.
func clinicsIn(taken []redis.Z) (clinics []domain.ClinicID) {
	for _, z := range taken {
		text, _ := z.Member.(string)
		if clinic, err := strconv.ParseInt(text, 10, 32); err == nil && clinic > 0 {
			clinics = append(clinics, domain.ClinicID(clinic))
		}
	}
	return clinics
}
