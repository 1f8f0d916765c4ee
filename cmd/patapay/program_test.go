package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"patapay/cmd/patapay/app"
	"patapay/tenants/devstack"
	"patapay/tenants/tenantstest"
)

// binary builds the program once for all fault tests.
var binary = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "patapay-faults-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "patapay")
	out, err := exec.Command("go", "build", "-o", path, ".").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%w\n%s", err, out)
	}
	return path, nil
})

// field is the real program on servers of its own: what a fault test shoots at.
type field struct {
	t       *testing.T
	stack   *devstack.Stack
	env     []string
	clinics []demoClinic
	older   string // a binary in place of this program's; "": this program's
}

type demoClinic struct{ account, token string }

// newField migrates and makes clinics; notifications is on or off.
func newField(t *testing.T, notifications string, clinics int) *field {
	t.Helper()
	return newFieldOn(t, devstack.Options{}, notifications, clinics)
}

// newFieldOn is newField on servers of its own with options: with a pooler every runtime role goes through it.
func newFieldOn(t *testing.T, options devstack.Options, notifications string, clinics int) *field {
	t.Helper()
	stack, err := devstack.Start(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stack.Stop)
	env := append(
		os.Environ(), "ENVIRONMENT=development", "NOTIFICATIONS="+notifications, "DRAIN_FOR=400ms",
		"LOG_LEVEL=warn", "DATABASE_URL="+stack.PostgresURL(devstack.Owner, "postgres"),
		"REDIS_URL="+stack.RedisURL(0),
	)
	if options.Pooler {
		env = append(env, pooledEnviron(stack)...)
	}
	f := &field{t: t, stack: stack, env: env}
	f.run("migrate")
	var lines strings.Builder
	for i := range clinics {
		c := demoClinic{fmt.Sprintf("acc-%03d", i), fmt.Sprintf("whsec_fault-%03d-0123456789", i)}
		f.clinics = append(f.clinics, c)
		fmt.Fprintf(&lines, "%s,%s\n", c.account, c.token)
	}
	tokens := filepath.Join(t.TempDir(), "tokens")
	if err := os.WriteFile(tokens, []byte(lines.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	f.run("demo", "clinics", "--tokens", tokens)
	return f
}

func (f *field) command(env []string, args ...string) *exec.Cmd {
	f.t.Helper()
	path, err := binary()
	if err != nil {
		f.t.Fatal(err)
	}
	if f.older != "" {
		path = f.older
	}
	cmd := exec.Command(path, args...)
	cmd.Env = append(append([]string{}, f.env...), env...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return cmd
}

// run runs a command to its end.
func (f *field) run(args ...string) {
	f.t.Helper()
	if out, err := f.command(nil, args...).CombinedOutput(); err != nil {
		f.t.Fatalf("%v: %v\n%s", args, err, out)
	}
}

// program is one running process of ours.
type program struct {
	cmd   *exec.Cmd
	url   string // of the door; "" for a worker
	ready string
	done  chan struct{}
	out   bytes.Buffer // read after done
}

// start runs serve or work on ports of its own, with more environment, and waits until a
// server is ready. It is killed at the end of the test.
func (f *field) start(role string, env ...string) *program {
	f.t.Helper()
	p := &program{done: make(chan struct{})}
	http, ops := freeAddr(f.t), freeAddr(f.t)
	p.url, p.ready = "http://"+http+"/financial/gateway-payments/webhook/asaas", "http://"+ops+"/readyz"
	p.cmd = f.command(append([]string{"HTTP_ADDR=" + http, "OPS_ADDR=" + ops}, env...), role)
	p.cmd.Stdout, p.cmd.Stderr = &p.out, &p.out
	if err := p.cmd.Start(); err != nil {
		f.t.Fatal(err)
	}
	go func() { _ = p.cmd.Wait(); close(p.done) }()
	f.t.Cleanup(p.kill)
	tenantstest.Eventually(f.t, 10*time.Second, role+" is ready", func() bool { return p.isReady() || p.ended() })
	return p
}

func (p *program) isReady() bool {
	res, err := http.Get(p.ready)
	if err != nil {
		return false
	}
	res.Body.Close()
	return res.StatusCode == http.StatusOK
}

func (p *program) ended() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// kill is kill -9, and waits for the end.
func (p *program) kill() {
	_ = p.cmd.Process.Kill()
	<-p.done
}

// freeAddr returns a loopback address that was free just now.
func freeAddr(t *testing.T) string {
	t.Helper()
	s, addr, err := app.Listen("127.0.0.1:0", http.NotFoundHandler())
	if err != nil {
		t.Fatal(err)
	}
	_ = s.Close()
	return addr
}

// number answers a question about the whole database.
func (f *field) number(query string) (n int) {
	f.t.Helper()
	conn, err := pgx.Connect(f.t.Context(), f.stack.PostgresURL(devstack.Owner, "postgres"))
	if err != nil {
		f.t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if err := conn.QueryRow(f.t.Context(), query).Scan(&n); err != nil {
		f.t.Fatal(err)
	}
	return n
}

// change changes the database as its owner.
func (f *field) change(ctx context.Context, query string, args ...any) error {
	conn, err := pgx.Connect(ctx, f.stack.PostgresURL(devstack.Owner, "postgres"))
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, query, args...)
	return err
}

var errNoAnswer = errors.New("no answer")

// impatient sends deliveries; what hangs for 5 s is a failure of its own.
var impatient = &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 64}}

// post makes one delivery and returns the code; errNoAnswer when the connection broke.
func post(url, token string, body []byte) (int, error) {
	req, err := http.NewRequest(http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	req.Header.Set("asaas-access-token", token)
	res, err := impatient.Do(req)
	if err != nil {
		return 0, fmt.Errorf("%w: %w", errNoAnswer, err)
	}
	defer res.Body.Close()
	return res.StatusCode, nil
}
