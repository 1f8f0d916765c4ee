package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"patapay/tenants/tenantstest"
)

// Faults on the real binary, once with notifications and once without: nothing acked is
// lost, nothing is done twice, and no answer but 200 unless Postgres is gone. The build
// tag faults makes them long (faults_long_test.go).

// lives is what the gateway has to tell: payments, each CREATED, CONFIRMED, RECEIVED.
type lives struct {
	f      *field
	doors  atomic.Pointer[[]*program] // where deliveries go, in turn
	next   atomic.Int64
	acked  sync.Map     // event number → true
	codes  sync.Map     // code other than 200 → *atomic.Int64
	broken atomic.Int64 // connections that broke before an answer
}

var steps = []struct{ event, status string }{
	{"PAYMENT_CREATED", "PENDING"},
	{"PAYMENT_CONFIRMED", "CONFIRMED"},
	{"PAYMENT_RECEIVED", "RECEIVED"},
}

func newLives(f *field, doors ...*program) *lives {
	l := &lives{f: f}
	l.through(doors...)
	return l
}

func (l *lives) through(doors ...*program) { l.doors.Store(&doors) }

// event returns the n-th event and whose it is.
func (l *lives) event(n int) (demoClinic, []byte) {
	payment := n / len(steps)
	c, s := l.f.clinics[payment%len(l.f.clinics)], steps[n%len(steps)]
	return c, fmt.Appendf(
		nil,
		`{"id":"evt_05b708f961d739ea7eba7e4db318f621&%d","event":%q,"dateCreated":"2026-10-01 08:00:0%d",`+
			`"account":{"id":%q},"payment":{"id":"pay_%016d","value":310.00,`+
			`"netValue":308.01,"billingType":"CREDIT_CARD","status":%q}}`,
		n+1,
		s.event,
		n%len(steps),
		c.account,
		payment,
		s.status,
	)
}

// send delivers the n-th event until it is acked, as the gateway would, and once more in
// one of five cases.
func (l *lives) send(n int) {
	c, body := l.event(n)
	for copies := 1 + rand.IntN(5)/4; copies > 0; {
		doors := *l.doors.Load()
		code, err := post(doors[int(l.next.Add(1))%len(doors)].url, c.token, body)
		switch {
		case err != nil:
			l.broken.Add(1)
			time.Sleep(20 * time.Millisecond)
		case code == http.StatusOK:
			l.acked.Store(n, true)
			copies--
		default:
			count, _ := l.codes.LoadOrStore(code, new(atomic.Int64))
			count.(*atomic.Int64).Add(1)
			time.Sleep(50 * time.Millisecond)
		}
	}
}

// tell sends the events from up to (not with) to, shuffled, eight at once.
func (l *lives) tell(from, to int) {
	order := rand.Perm(to - from)
	var group sync.WaitGroup
	for worker := range 8 {
		group.Go(func() {
			for i := worker; i < len(order); i += 8 {
				l.send(from + order[i])
			}
		})
	}
	group.Wait()
}

// telling delivers events, four at a time, until what it returns is called: that delivers
// the rest of each payment's and returns how many there were.
func (l *lives) telling() (end func() int) {
	var sent atomic.Int64
	ctx, cancel := context.WithCancel(l.f.t.Context())
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for ctx.Err() == nil {
				l.send(int(sent.Add(1)) - 1)
			}
		})
	}
	return func() int {
		cancel()
		group.Wait()
		for sent.Load()%int64(len(steps)) != 0 {
			l.send(int(sent.Add(1)) - 1)
		}
		return int(sent.Load())
	}
}

// only demands that no other codes than these were answered beside 200.
func (l *lives) only(codes ...int) {
	l.f.t.Helper()
	l.codes.Range(func(code, n any) bool {
		for _, c := range codes {
			if c == code {
				return true
			}
		}
		l.f.t.Errorf("%d answers %d", n.(*atomic.Int64).Load(), code)
		return true
	})
}

// applied waits until all is applied, and compares with what was acked: every event is
// stored once, every payment received, with as many versions as it changed at most.
func (l *lives) applied(events int, within time.Duration) {
	t, f := l.f.t, l.f
	t.Helper()
	tenantstest.Eventually(
		t,
		within,
		"everything is applied",
		func() bool { return f.number(`SELECT count(*) FROM due`) == 0 },
	)
	acked := 0
	l.acked.Range(func(any, any) bool { acked++; return true })
	for what, got := range map[string]int{
		"acked":                     acked,
		"stored":                    f.number(`SELECT count(*) FROM events`),
		"different":                 f.number(`SELECT count(DISTINCT event_id) FROM events`),
		"applied or without effect": f.number(`SELECT count(*) FROM events WHERE outcome IN ('applied', 'no_effect')`),
		"recorded":                  f.number(`SELECT count(*) FROM records`),
		"payments received × 3": 3 * f.number(`SELECT count(*) FROM invoices
			WHERE status = 'received' AND value = 31000 AND version <= 3`),
	} {
		if got != events {
			t.Errorf("%s: %d, want %d", what, got, events)
		}
	}
}

// both runs a fault with notifications and without.
func both(t *testing.T, fault func(t *testing.T, notifications string)) {
	for _, notifications := range []string{"on", "off"} {
		t.Run("notifications "+notifications, func(t *testing.T) { fault(t, notifications) })
	}
}

func TestFaultAKillAtEveryPointOfTheWayLosesAndDoublesNothing(t *testing.T) {
	both(t, func(t *testing.T, notifications string) {
		f := newField(t, notifications, 5)
		sent := 0
		for _, c := range []struct{ role, point string }{
			{"serve", "after-commit"}, {"serve", "after-answer"}, {"work", "in-apply"}, {"work", "after-apply"},
		} {
			for range kills {
				other := map[string]string{"serve": "work", "work": "serve"}[c.role]
				good, doomed := f.start(other), f.start(c.role, "PATAPAY_CRASH_AT="+c.point)
				door := good
				if c.role == "serve" {
					door = doomed
				}
				l := newLives(f, door)
				done := make(chan struct{})
				go func() { l.tell(sent, sent+30); close(done) }()
				tenantstest.Eventually(t, 10*time.Second, c.role+" dies at "+c.point, doomed.ended)
				again := f.start(c.role)
				if c.role == "serve" {
					l.through(again)
				}
				<-done
				l.only()
				sent += 30
				tenantstest.Eventually(
					t,
					10*time.Second,
					"applied after "+c.point,
					func() bool { return f.number(`SELECT count(*) FROM due`) == 0 },
				)
				if n := f.number(`SELECT count(*) FROM events`); n != sent {
					t.Errorf("%d events stored of %d acked, after %s", n, sent, c.point)
				}
				good.kill()
				again.kill()
			}
		}
		l := newLives(f, f.start("serve"))
		l.tell(0, sent) // the gateway sends everything again
		l.applied(sent, 10*time.Second)
	})
}

func TestFaultAFlushedRedisLosesNothing(t *testing.T) {
	f := newField(t, "on", 20)
	l := newLives(f, f.start("serve"))
	l.tell(0, pending)
	if n := f.number(`SELECT count(*) FROM due`); n != pending {
		t.Fatalf("%d pending, want %d", n, pending)
	}
	opt, err := redis.ParseURL(f.stack.RedisURL(0))
	if err != nil {
		t.Fatal(err)
	}
	client := redis.NewClient(opt)
	defer client.Close()
	if err := client.FlushAll(context.Background()).Err(); err != nil {
		t.Fatal(err)
	}
	f.start("work")
	l.only()
	l.applied(pending, drained)
}

func TestFaultWithoutRedisEveryAnswerIs200AndTheSweepCarriesAll(t *testing.T) {
	f := newField(t, "on", 10)
	l := newLives(f, f.start("serve"))
	f.start("work")
	f.stack.StopRedis()
	l.tell(0, 300)
	time.Sleep(outage) // not to wait for something: this is the fault
	l.tell(300, 600)
	l.applied(600, 15*time.Second)
	if err := f.stack.StartRedis(t.Context()); err != nil {
		t.Fatal(err)
	}
	f.stack.FreezeRedis() // accepts, never answers
	l.tell(600, 900)
	l.applied(900, 15*time.Second)
	f.stack.ThawRedis()
	l.tell(900, 1200)
	l.only()
	l.applied(1200, 15*time.Second)
}

func TestFaultARestartOfPostgresCosts503AndNothingElse(t *testing.T) {
	both(t, func(t *testing.T, notifications string) {
		f := newField(t, notifications, 10)
		l := newLives(f, f.start("serve"))
		f.start("work")
		end := l.telling()
		for range restarts {
			time.Sleep(500 * time.Millisecond) // under load
			f.stack.KillPostgres()
			if err := f.stack.StartPostgres(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		sent := end()
		if _, met := l.codes.Load(http.StatusServiceUnavailable); !met {
			t.Error("no delivery met the restart: nothing is proved")
		}
		l.only(http.StatusServiceUnavailable)
		if l.broken.Load() > 0 {
			t.Errorf("%d deliveries without an answer", l.broken.Load())
		}
		l.applied(sent, 20*time.Second)
	})
}

func TestFaultARollingRestartUnderLoadAnswersNothingBut200(t *testing.T) {
	both(t, func(t *testing.T, notifications string) {
		f := newField(t, notifications, 10)
		one, two := f.start("serve"), f.start("serve")
		worker := f.start("work")
		l := newLives(f, one, two)
		end := l.telling()
		for range deploys {
			for _, p := range []**program{&one, &two} {
				fresh := f.start("serve")
				stays := map[bool]*program{true: two, false: one}[p == &one]
				l.terminate(t, *p, func() { l.through(fresh, stays) })
				*p = fresh
			}
			next := f.start("work")
			l.terminate(t, worker, func() {})
			worker = next
		}
		sent := end()
		l.only()
		if l.broken.Load() > 0 {
			t.Errorf("%d deliveries without an answer", l.broken.Load())
		}
		t.Logf("%d events", sent)
		l.applied(sent, 20*time.Second)
	})
}

// terminate ends a program as a deployment does: SIGTERM, and the balancer looks elsewhere
// once readiness is red.
func (l *lives) terminate(t *testing.T, p *program, red func()) {
	t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	tenantstest.Eventually(t, 5*time.Second, "readiness is red", func() bool { return !p.isReady() })
	red()
	tenantstest.Eventually(t, 30*time.Second, "it ends", p.ended)
	if code := p.cmd.ProcessState.ExitCode(); code != 0 {
		t.Errorf("exit code %d\n%s", code, p.out.String())
	}
}
