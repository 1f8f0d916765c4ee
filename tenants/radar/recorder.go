package radar

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"patapay/domain"
	"patapay/domain/asaas"
	"patapay/tenants"
	"patapay/tenants/alarm"
)

// The limits of what is kept: shapes that nobody has closed, and new ones of one clinic in a day. A gateway, or
// whoever pretends to be one, that makes up names all day fills one row more.
const (
	mostOpen  = 200
	mostToday = 20
	mostHeld  = 500 // shapes of one clinic in memory between two flushes
)

// Recorder counts what is unknown in memory, so that no event waits for it and no two clinics meet on one row, and
// writes the counts now and then. What a process that dies had not written is counted when it comes again. A nil
// recorder counts nothing; one is safe for use by several goroutines.
type Recorder struct {
	DB  *tenants.DB // the worker role's
	Now func() time.Time

	mu   sync.Mutex
	seen map[domain.ClinicID]counts
	news bool // something new was written, and the alarm was not raised yet
}

// counts are how often a clinic's deliveries and answers had a shape.
type counts map[asaas.Unknown]int64

// Note counts what a delivery or an answer of the clinic had.
func (r *Recorder) Note(clinic domain.ClinicID, unknown []asaas.Unknown) {
	if r == nil || len(unknown) == 0 {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, u := range unknown {
		r.add(clinic, u, 1)
	}
}

// add counts n of a shape, under the lock.
func (r *Recorder) add(clinic domain.ClinicID, u asaas.Unknown, n int64) {
	if r.seen == nil {
		r.seen = map[domain.ClinicID]counts{}
	}
	if r.seen[clinic] == nil {
		r.seen[clinic] = counts{}
	}
	if _, counted := r.seen[clinic][u]; counted || len(r.seen[clinic]) < mostHeld {
		r.seen[clinic][u] += n
	}
}

// Flush writes what was counted since the last time, and raises the platform's alarm when something is new, at most
// once in a day of São Paulo. What cannot be written, and an alarm that cannot be raised, is left for the next time.
func (r *Recorder) Flush(ctx context.Context) error {
	r.mu.Lock()
	seen := r.seen
	r.seen = nil
	r.mu.Unlock()
	for _, clinic := range slices.Sorted(maps.Keys(seen)) {
		fresh, err := r.write(ctx, clinic, seen[clinic])
		if err != nil {
			r.putBack(seen)
			return err
		}
		delete(seen, clinic)
		r.news = r.news || fresh > 0
	}
	if !r.news {
		return nil
	}
	err := r.raise(ctx)
	r.news = err != nil
	return err
}

// putBack adds counts that were not written to those of meanwhile.
func (r *Recorder) putBack(seen map[domain.ClinicID]counts) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for clinic, all := range seen {
		for u, n := range all {
			r.add(clinic, u, n)
		}
	}
}

// write writes the counts of one clinic and returns how many shapes were new.
func (r *Recorder) write(ctx context.Context, clinic domain.ClinicID, all counts) (fresh int, err error) {
	var ids [][16]byte
	var kinds, paths, forms []string
	var times []int64
	now := r.Now().UTC()
	for _, u := range slices.SortedFunc(maps.Keys(all), inOrder) {
		ids, kinds = append(ids, tenants.NewID(now)), append(kinds, string(u.Kind))
		paths, forms, times = append(paths, u.Path), append(forms, u.Form), append(times, all[u])
	}
	err = r.DB.Pool().QueryRow(ctx, `SELECT note_gateway_shapes($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		clinic, now, startOfDay(now), mostOpen, mostToday, ids, kinds, paths, forms, times).Scan(&fresh)
	return fresh, tenants.Translate(err, "gateway shapes")
}

func inOrder(a, b asaas.Unknown) int {
	return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Form, b.Form))
}

// raise raises the platform's alarm, unless it was raised today.
func (r *Recorder) raise(ctx context.Context) error {
	now := r.Now().UTC()
	var last time.Time
	err := r.DB.Platform(ctx, func(tx *tenants.Tx) (err error) {
		last, err = alarm.LastRaised(tx, domain.AlarmGatewayShapes)
		return err
	})
	if err != nil || !last.Before(startOfDay(now)) {
		return err
	}
	return alarm.Raise(r.DB, ctx, 0, domain.AlarmGatewayShapes, now)
}

// startOfDay returns when the day of São Paulo began that an instant is in.
func startOfDay(at time.Time) time.Time {
	local := at.In(asaas.SaoPaulo)
	return time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, asaas.SaoPaulo)
}
