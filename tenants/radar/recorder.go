package radar

import (
	"context"
	"maps"
	"slices"
	"strings"
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
	mostHeld  = 2000 // counters in memory between two flushes
)

// Recorder counts what is unknown in memory, so that no event waits for it and no two clinics meet on one row, and
// writes the counts now and then. What a process that dies had not written is counted when it comes again. Its zero
// value counts nothing; it is safe for use by several goroutines.
type Recorder struct {
	DB  *tenants.DB // the worker role's
	Now func() time.Time

	mu   sync.Mutex
	seen map[seenBy]int64
}

// seenBy is a shape and the clinic whose delivery or answer has it.
type seenBy struct {
	clinic domain.ClinicID
	asaas.Unknown
}

// Note counts what a delivery or an answer of the clinic had. A nil recorder does nothing.
func (r *Recorder) Note(clinic domain.ClinicID, unknown []asaas.Unknown) {
	if r == nil || len(unknown) == 0 {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.seen == nil {
		r.seen = map[seenBy]int64{}
	}
	for _, u := range unknown {
		at := seenBy{clinic, u}
		if _, counted := r.seen[at]; counted || len(r.seen) < mostHeld {
			r.seen[at]++
		}
	}
}

// Flush writes what was counted since the last time, and raises the platform's alarm when something is new, at most
// once in a day of São Paulo. What cannot be written is kept for the next time.
func (r *Recorder) Flush(ctx context.Context) error {
	r.mu.Lock()
	seen := r.seen
	r.seen = nil
	r.mu.Unlock()
	for len(seen) > 0 {
		clinic := slices.MinFunc(slices.Collect(maps.Keys(seen)), func(a, b seenBy) int {
			return int(a.clinic) - int(b.clinic)
		}).clinic
		fresh, err := r.write(ctx, clinic, seen)
		if err == nil && fresh > 0 {
			err = r.raise(ctx)
		}
		if err != nil {
			r.keep(seen)
			return err
		}
		maps.DeleteFunc(seen, func(at seenBy, _ int64) bool { return at.clinic == clinic })
	}
	return nil
}

func (r *Recorder) keep(seen map[seenBy]int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.seen == nil {
		r.seen = map[seenBy]int64{}
	}
	for at, n := range seen {
		r.seen[at] += n
	}
}

// write writes the counts of one clinic and returns how many shapes were new.
func (r *Recorder) write(ctx context.Context, clinic domain.ClinicID, seen map[seenBy]int64) (fresh int, err error) {
	var ids [][16]byte
	var kinds, paths, forms []string
	var counts []int64
	now := r.Now().UTC()
	for _, at := range slices.SortedFunc(maps.Keys(seen), inOrder) {
		if at.clinic == clinic {
			ids, kinds = append(ids, tenants.NewID(now)), append(kinds, string(at.Kind))
			paths, forms, counts = append(paths, at.Path), append(forms, at.Form), append(counts, seen[at])
		}
	}
	err = r.DB.Pool().QueryRow(ctx, `SELECT note_gateway_shapes($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		clinic, now, startOfDay(now), mostOpen, mostToday, ids, kinds, paths, forms, counts).Scan(&fresh)
	return fresh, tenants.Translate(err, "gateway shapes")
}

func inOrder(a, b seenBy) int {
	if c := strings.Compare(a.Path, b.Path); c != 0 {
		return c
	}
	return strings.Compare(string(a.Kind)+" "+a.Form, string(b.Kind)+" "+b.Form)
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
