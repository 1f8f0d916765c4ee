//go:build faults

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"patapay/api/client"
	"patapay/domain"
	"patapay/tenants/devstack"
	"patapay/tenants/tenantstest"
)

// What the processes of a receiver are told.
const (
	receiverAt    = "PATAPAY_TEST_RECEIVER_AT"
	receiverFile  = "PATAPAY_TEST_RECEIVER_FILE"
	receiverMoody = "PATAPAY_TEST_RECEIVER_MOODY"
	receiverFast  = "PATAPAY_TEST_RECEIVER_FAST"
	plainTo       = "PATAPAY_TEST_PLAIN_SENDER_TO"
)

// TestMain is a receiver or a plain sender when it is told to be one: a process of its own, which can be killed.
func TestMain(m *testing.M) {
	if at := os.Getenv(receiverFast); at != "" {
		_, _ = os.Stderr.WriteString(receiveFast(at, os.Getenv(receiverFile)).Error())
		os.Exit(1)
	}
	if to := os.Getenv(plainTo); to != "" {
		if err := sendPlainly(to, os.Getenv(receiverFile)); err != nil {
			_, _ = os.Stderr.WriteString(err.Error())
			os.Exit(1)
		}
		os.Exit(0)
	}
	if at := os.Getenv(receiverAt); at != "" {
		_, _ = os.Stderr.WriteString(receive(at, os.Getenv(receiverFile), os.Getenv(receiverMoody) != "").Error())
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// receive writes each delivery as a line of a file before it answers. A moody one refuses, hangs, is slow, or refuses
// what it has written.
func receive(at, path string, moody bool) error {
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	var mu sync.Mutex
	return http.ListenAndServe(at, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		mood := 99
		if moody {
			mood = rand.IntN(16)
		}
		switch mood {
		case 0, 1:
			w.WriteHeader(http.StatusInternalServerError)
			return
		case 2:
			<-r.Context().Done()
			return
		case 3:
			time.Sleep(time.Duration(rand.IntN(200)) * time.Millisecond)
		}
		mu.Lock()
		_, err = file.Write(append([]byte{'\n'}, body...)) // a line that a kill cut off ends here
		if err == nil {
			err = file.Sync()
		}
		mu.Unlock()
		if err != nil || mood == 4 {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	}))
}

// pushed is the real program with an endpoint of the platform that leads to a receiver.
type pushed struct {
	*field
	at, path string
	before   map[string]int64 // the feeds' ends when the endpoint was made, by tenant
	endpoint string
	token    string // of the platform
}

// api speaks to a door.
func (p *pushed) api(door *program) *client.API {
	p.t.Helper()
	api, err := client.New(strings.TrimSuffix(door.url, "/financial/gateway-payments/webhook/asaas"), p.token)
	require.NoError(p.t, err)
	return api
}

func newPushed(t *testing.T, clinics int) *pushed {
	p := &pushed{field: newField(t, "on", clinics), at: freeAddr(t), path: filepath.Join(t.TempDir(), "received")}
	door := p.start("serve")
	defer door.kill()
	token, err := p.command(nil, "token", "--ttl", "2h").Output()
	require.NoError(t, err)
	p.token = strings.TrimSpace(string(token))
	p.before = map[string]int64{}
	for key := range p.feed() {
		p.before[key.Tenant] = max(p.before[key.Tenant], key.Seq)
	}
	made, err := p.api(door).CreatePlatformEndpointWithResponse(
		t.Context(), nil, client.CreatePlatformEndpointJSONRequestBody{URL: "http://" + p.at + "/hook"},
	)
	require.NoError(t, err)
	require.Equal(t, http.StatusCreated, made.StatusCode(), string(made.Body))
	p.endpoint = made.JSON201.ID
	return p
}

// receiver starts the receiver's process.
func (p *pushed) receiver(moody bool) *program {
	p.t.Helper()
	if moody {
		return p.other(receiverAt+"="+p.at, receiverMoody+"=yes")
	}
	return p.other(receiverAt + "=" + p.at)
}

// other starts this test's program as something else than a test.
func (p *pushed) other(env ...string) *program {
	p.t.Helper()
	r := &program{done: make(chan struct{}), cmd: exec.Command(os.Args[0])}
	r.cmd.Env = append(append(os.Environ(), receiverFile+"="+p.path), env...)
	r.cmd.Stdout, r.cmd.Stderr = &r.out, &r.out
	require.NoError(p.t, r.cmd.Start())
	go func() { _ = r.cmd.Wait(); close(r.done) }()
	p.t.Cleanup(r.kill)
	return r
}

// placed is an entry's place: whose feed, and where in it.
type placed struct {
	Tenant string
	Seq    int64
}

// entry is what is compared of an entry.
type entry struct {
	TenantID, ObjectID string
	Seq                int64
	Version            int
}

// received returns every line of the receiver's file, in order.
func (p *pushed) received() (list []entry) {
	p.t.Helper()
	raw, err := os.ReadFile(p.path)
	if os.IsNotExist(err) {
		return nil
	}
	require.NoError(p.t, err)
	for line := range bytes.Lines(raw) {
		var e entry
		if json.Unmarshal(line, &e) == nil {
			list = append(list, e)
		}
	}
	return list
}

// feed returns the versions that stand in the feed, by their places, since the endpoint was made.
func (p *pushed) feed() map[placed]int {
	p.t.Helper()
	conn, err := pgx.Connect(p.t.Context(), p.stack.PostgresURL(devstack.Owner, "postgres"))
	require.NoError(p.t, err)
	defer conn.Close(context.Background())
	rows, err := conn.Query(
		p.t.Context(),
		`SELECT c.public_id, f.seq, f.version FROM changes f JOIN clinics c USING (clinic_id)`,
	)
	require.NoError(p.t, err)
	all := map[placed]int{}
	var tenant [16]byte
	var seq int64
	var version int
	_, err = pgx.ForEachRow(rows, []any{&tenant, &seq, &version}, func() error {
		if name := domain.UUID(tenant).Public("ten"); seq > p.before[name] {
			all[placed{name, seq}] = version
		}
		return nil
	})
	require.NoError(p.t, err)
	return all
}

// pass lets the time go by that a retry or an endpoint left alone waits for.
func (p *pushed) pass() {
	p.t.Helper()
	for _, query := range []string{
		`UPDATE endpoint_entries SET next_at = now() WHERE next_at > now()`,
		`UPDATE endpoints SET next_at = least(next_at, now()), due_at = least(due_at, now())`,
	} {
		require.NoError(p.t, p.change(p.t.Context(), query))
	}
}

// whole waits until every entry was acknowledged, and compares what came with a full read: each entry, and the first
// time that an object's entries came they came in order.
func (p *pushed) whole() {
	p.t.Helper()
	tenantstest.Eventually(p.t, 3*time.Minute, "the receiver has the whole feed", func() bool {
		p.pass()
		got := map[placed]bool{}
		for _, e := range p.received() {
			got[placed{e.TenantID, e.Seq}] = true
		}
		return p.number(`SELECT coalesce(sum(waiting), 0)::int FROM endpoints`) == 0 && len(got) >= len(p.feed())
	})
	got, newest := map[placed]int{}, map[string]int{}
	for _, e := range p.received() {
		key := placed{e.TenantID, e.Seq}
		if _, again := got[key]; !again {
			require.Greater(p.t, e.Version, newest[e.ObjectID], "the entries of an object in order")
			newest[e.ObjectID] = e.Version
		}
		got[key] = e.Version
	}
	require.Equal(p.t, p.feed(), got)
	p.t.Logf("%d entries in %d deliveries", len(got), len(p.received()))
}

func TestFaultAReceiverThatIsKilledAHundredTimesEndsEqualToAFullRead(t *testing.T) {
	p := newPushed(t, 5)
	l := newLives(p.field, p.start("serve"))
	p.start("work")
	sent := 0
	for range 5 * kills {
		r, before := p.receiver(true), len(p.received())
		l.tell(sent, sent+15)
		sent += 15
		tenantstest.Eventually(t, time.Minute, "something is received", func() bool {
			p.pass()
			return len(p.received()) > before
		})
		time.Sleep(time.Duration(rand.IntN(40)) * time.Millisecond) // anywhere in a delivery
		r.kill()
	}
	l.only()
	l.applied(sent, time.Minute)
	p.receiver(false)
	p.whole()
}

// Redis is emptied in the middle. The lease of a worker that was killed is ended by hand; the last one's is waited for.
func TestFaultKillsOfServeAndWorkLoseNoEntryThatIsPushed(t *testing.T) {
	p := newPushed(t, 5)
	p.receiver(false)
	opt, err := redis.ParseURL(p.stack.RedisURL(0))
	require.NoError(t, err)
	memory := redis.NewClient(opt)
	defer memory.Close()
	door, worker := p.start("serve"), p.start("work")
	l := newLives(p.field, door)
	sent := 0
	for n := range 5 * kills {
		done := make(chan struct{})
		go func() { defer close(done); l.tell(sent, sent+15) }()
		time.Sleep(time.Duration(rand.IntN(100)) * time.Millisecond) // anywhere on the way
		if n%2 == 0 {
			door.kill()
			door = p.start("serve")
			l.through(door)
		} else {
			worker.kill()
			if n < 5*kills-1 {
				require.NoError(t, p.change(t.Context(), `UPDATE endpoints SET lease_until = now() WHERE holder IS NOT NULL`))
			}
			worker = p.start("work")
		}
		if n%10 == 5 {
			require.NoError(t, memory.FlushAll(t.Context()).Err())
		}
		<-done
		sent += 15
		p.pass()
	}
	l.only()
	l.applied(sent, time.Minute)
	p.whole()
}
