package tenantstest

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"io"
	"net"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"
)

// Wire counts what goes over the connections of one role: how much a piece of work costs Postgres,
// whatever else the machine does.
type Wire struct {
	mu     sync.Mutex
	counts Counts
	plans  []Plan
	sent   *bytes.Buffer // nil: nobody asked to keep what clients send
}

// Counts is what was seen on a Wire since the last Reset.
type Counts struct {
	Trips    int            // answers that a client waited for: one a pipeline
	Commands map[string]int // statements by the first word of what they answered: SELECT, INSERT, COMMIT …
}

// Statements returns how many statements were answered.
func (c Counts) Statements() (n int) {
	for _, one := range c.Commands {
		n += one
	}
	return n
}

// Plan is how Postgres ran one statement, those inside of functions too.
type Plan struct {
	Query string `json:"Query Text"`
	Root  Node   `json:"Plan"`
}

// Node is one step of a plan.
type Node struct {
	Type      string `json:"Node Type"`
	Relation  string `json:"Relation Name"`
	Index     string `json:"Index Name"`
	IndexCond string `json:"Index Cond"`
	Filter    string `json:"Filter"`
	Log       int    `json:"WAL Records"` // that the step and those below wrote
	Plans     []Node `json:"Plans"`

	Rows      float64 `json:"Actual Rows"` // of each loop, as the next two
	Filtered  float64 `json:"Rows Removed by Filter"`
	Rechecked float64 `json:"Rows Removed by Index Recheck"`
	Loops     float64 `json:"Actual Loops"`
}

// Read returns how many rows the step looked at, those that it left out too.
func (n Node) Read() int { return int((n.Rows + n.Filtered + n.Rechecked) * n.Loops) }

// Each calls fn for the step and every step below it.
func (n Node) Each(fn func(Node)) {
	fn(n)
	for _, below := range n.Plans {
		below.Each(fn)
	}
}

// Tap returns a wire and a URL that leads a role to the database over it, directly, whatever else goes through a
// pooler. It ends with the test.
func (d *Database) Tap(t testing.TB, role string) (*Wire, string) {
	t.Helper()
	cfg, err := pgconn.ParseConfig(d.Direct(role))
	if err != nil {
		t.Fatal(err)
	}
	door, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &Wire{counts: Counts{Commands: map[string]int{}}}
	var lines sync.WaitGroup
	t.Cleanup(func() { _ = door.Close(); lines.Wait() })
	network, address := pgconn.NetworkAddress(cfg.Host, cfg.Port)
	go func() {
		for {
			client, err := door.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial(network, address)
			if err != nil {
				_ = client.Close()
				continue
			}
			lines.Go(func() { _, _ = io.Copy(io.MultiWriter(server, (*heard)(w)), client); _ = server.Close() })
			lines.Go(func() { w.relay(client, server); _ = client.Close() })
		}
	}()
	u := url.URL{
		Scheme: "postgres", User: url.User(role), Host: door.Addr().String(),
		Path: "/" + d.Name, RawQuery: "sslmode=disable",
	}
	return w, u.String()
}

// relay copies what the server says and reads along: one byte of type, four of length, the rest.
func (w *Wire) relay(client io.Writer, server io.Reader) {
	head := make([]byte, 5)
	for {
		if _, err := io.ReadFull(server, head); err != nil {
			return
		}
		body := make([]byte, binary.BigEndian.Uint32(head[1:])-4)
		if _, err := io.ReadFull(server, body); err != nil {
			return
		}
		w.note(head[0], body)
		if _, err := client.Write(append(head[:5:5], body...)); err != nil {
			return
		}
	}
}

func (w *Wire) note(kind byte, body []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch kind {
	case 'Z':
		w.counts.Trips++
	case 'C':
		word, _, _ := strings.Cut(string(body[:len(body)-1]), " ")
		w.counts.Commands[word]++
	case 'N':
		var notice pgproto3.NoticeResponse
		if notice.Decode(body) != nil {
			return
		}
		if _, text, is := strings.Cut(notice.Message, "plan:\n"); is {
			var p Plan
			if json.Unmarshal([]byte(text), &p) == nil {
				w.plans = append(w.plans, p)
			}
		}
	}
}

// heard keeps what clients send, if that was asked for.
type heard Wire

// Write keeps b.
func (w *heard) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.sent != nil {
		w.sent.Write(b)
	}
	return len(b), nil
}

// Sent returns all that clients sent since it was called last, statements and arguments;
// from the first call on it is kept.
func (w *Wire) Sent() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	before := w.sent
	w.sent = &bytes.Buffer{}
	if before == nil {
		return ""
	}
	return before.String()
}

// Reset forgets what was seen, and returns it.
func (w *Wire) Reset() (Counts, []Plan) {
	w.mu.Lock()
	defer w.mu.Unlock()
	counts, plans := w.counts, w.plans
	w.counts, w.plans = Counts{Commands: map[string]int{}}, nil
	return counts, plans
}

// TellPlans has Postgres tell the role, on each connection made from now on, how it runs every statement; as a
// connection does that has run it often: with a plan for any values. It fails the test without auto_explain, which
// comes with Postgres.
func (d *Database) TellPlans(t testing.TB, role string) {
	t.Helper()
	ctx := context.Background()
	owner, err := pgx.Connect(ctx, d.URL(Owner))
	if err != nil {
		t.Fatal(err)
	}
	defer owner.Close(ctx)
	for _, setting := range []string{
		"session_preload_libraries = 'auto_explain'", "auto_explain.log_min_duration = 0", "auto_explain.log_format = 'json'",
		"auto_explain.log_analyze = on", "auto_explain.log_timing = off", "auto_explain.log_wal = on",
		"auto_explain.log_nested_statements = on", "auto_explain.log_level = 'notice'",
		"plan_cache_mode = 'force_generic_plan'",
	} {
		sql := "LOAD 'auto_explain'; ALTER ROLE " + role + " IN DATABASE " + strconv.Quote(d.Name) + " SET " + setting
		if _, err := owner.Exec(ctx, sql); err != nil {
			t.Fatal(err)
		}
	}
}
