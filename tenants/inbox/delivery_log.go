package inbox

import (
	"context"
	"sync"
	"time"

	"patapay/domain"
	"patapay/tenants"
)

// Delivery is one HTTP POST of an event.
type Delivery struct {
	Clinic   domain.ClinicID
	Key      domain.EventKey
	At       time.Time     // UTC
	Code     int           // what we answered
	Took     time.Duration // from the request to the answer; zero unless it was measured
	Timing   Timing        // of one that was read; "" as Measured
	SourceIP string
}

// Timing says what is known of how long an answer took.
type Timing string

// What is known of an answer: the log has it; the log has none, for it was plain; or the log lost rows of that minute.
const (
	Measured Timing = "measured"
	AtOnce   Timing = "under_100_ms"
	Untimed  Timing = "unknown"
)

// Plain is the time within which a first delivery of an event that is answered 200 leaves no row in the log.
const Plain = 100 * time.Millisecond

// DeliveryLog writes deliveries in batches, best effort: a full buffer drops, a failed
// batch is lost, and the minutes in which that happened are noted, so that nobody takes what it
// lacks for what was not worth a row. It never holds up an answer.
type DeliveryLog struct {
	db   *tenants.DB
	in   chan Delivery
	done chan struct{}
	stop sync.Once

	mu   sync.Mutex
	lost map[time.Time]int64 // rows by minute, until they are noted
}

const (
	logRows  = 1000
	logPause = 250 * time.Millisecond
)

// NewDeliveryLog returns a log on db, the ingest role's pool, and starts its writer.
func NewDeliveryLog(db *tenants.DB) *DeliveryLog {
	l := &DeliveryLog{db: db, in: make(chan Delivery, 8*logRows), done: make(chan struct{}), lost: map[time.Time]int64{}}
	go l.write()
	return l
}

// Add notes a delivery; when too many wait it is dropped.
func (l *DeliveryLog) Add(d Delivery) {
	select {
	case l.in <- d:
	default:
		l.lose(d)
	}
}

// lose counts deliveries that get no row.
func (l *DeliveryLog) lose(batch ...Delivery) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, d := range batch {
		l.lost[d.At.UTC().Truncate(time.Minute)]++
	}
}

// noteLost writes what was lost, or keeps it for the next time.
func (l *DeliveryLog) noteLost(ctx context.Context) {
	l.mu.Lock()
	lost := l.lost
	l.lost = map[time.Time]int64{}
	l.mu.Unlock()
	if len(lost) == 0 {
		return
	}
	minutes, counts := make([]time.Time, 0, len(lost)), make([]int64, 0, len(lost))
	for minute, n := range lost {
		minutes, counts = append(minutes, minute), append(counts, n)
	}
	if _, err := l.db.Pool().Exec(ctx, `SELECT note_delivery_gaps($1, $2)`, minutes, counts); err == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for minute, n := range lost {
		l.lost[minute] += n
	}
}

// Close writes what waits and ends. Add must not be called after.
func (l *DeliveryLog) Close() {
	l.stop.Do(func() { close(l.in) })
	<-l.done
}

func (l *DeliveryLog) write() {
	defer close(l.done)
	batch := make([]Delivery, 0, logRows)
	for d := range l.in {
		batch = append(batch[:0], d)
		pause := time.NewTimer(logPause)
		for open := true; open && len(batch) < logRows; {
			select {
			case d, open = <-l.in:
				if open {
					batch = append(batch, d)
				}
			case <-pause.C:
				open = false
			}
		}
		pause.Stop()
		l.store(batch)
	}
}

func (l *DeliveryLog) store(batch []Delivery) {
	n := len(batch)
	clinics, envs, seqs, hashes := make([]int32, n), make([]int16, n), make([]int64, n), make([][16]byte, n)
	ats, codes, took, ips := make([]time.Time, n), make([]int16, n), make([]int32, n), make([]string, n)
	for i, d := range batch {
		clinics[i], envs[i], seqs[i], hashes[i] = int32(d.Clinic), int16(d.Key.Environment), d.Key.Seq, d.Key.Hash
		ats[i], codes[i], took[i], ips[i] = d.At, int16(d.Code), int32(d.Took.Microseconds()), d.SourceIP
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	_, err := l.db.Pool().Exec(ctx, `SELECT log_deliveries($1, $2, $3, $4, $5, $6, $7, $8)`,
		clinics, envs, seqs, hashes, ats, codes, took, ips)
	if err != nil {
		l.lose(batch...) // best effort, as promised
	}
	l.noteLost(ctx)
}
