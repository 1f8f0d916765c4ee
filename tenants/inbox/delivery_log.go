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
	Took     time.Duration // from the request to the answer
	SourceIP string
}

// DeliveryLog writes deliveries in batches, best effort: a full buffer drops, a failed
// batch is lost. It never holds up an answer.
type DeliveryLog struct {
	db   *tenants.DB
	in   chan Delivery
	done chan struct{}
	stop sync.Once
}

const (
	logRows  = 1000
	logPause = 250 * time.Millisecond
)

// NewDeliveryLog returns a log on db, the ingest role's pool, and starts its writer.
func NewDeliveryLog(db *tenants.DB) *DeliveryLog {
	l := &DeliveryLog{db: db, in: make(chan Delivery, 8*logRows), done: make(chan struct{})}
	go l.write()
	return l
}

// Add notes a delivery; when too many wait it is dropped.
func (l *DeliveryLog) Add(d Delivery) {
	select {
	case l.in <- d:
	default:
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
	_, _ = l.db.Pool().Exec(
		ctx, `SELECT log_deliveries($1, $2, $3, $4, $5, $6, $7, $8)`, clinics, envs, seqs, hashes, ats, codes, took,
		ips,
	) // best effort, as promised
}
