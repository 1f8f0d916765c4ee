package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/redis/go-redis/v9"

	"patapay/tenants/devstack"
)

// Where both sides listen: on ports of their own, or two runs on one machine would post to each other's.
var ours, naive = freeAddr(), freeAddr()

const path = "/financial/gateway-payments/webhook/asaas"

// freeAddr returns an address of this machine that was free just now.
func freeAddr() string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// program is a process of a run.
type program struct{ cmd *exec.Cmd }

// start runs a program with its log in the run's folder.
func (b *bench) start(name string, env []string, args ...string) (*program, error) {
	logFile, err := os.Create(filepath.Join(b.dir, filepath.Base(name)+"-"+strings.ReplaceAll(args[0], "/", "_")+".log"))
	if err != nil {
		return nil, err
	}
	defer logFile.Close()
	cmd := exec.CommandContext(b.ctx, name, args...)
	cmd.Env, cmd.Stdout, cmd.Stderr = append(os.Environ(), env...), logFile, logFile
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return &program{cmd}, cmd.Start()
}

// stop ends it as a deployment would.
func (p *program) stop() {
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	_ = p.cmd.Wait()
}

// rss returns the program's peak resident memory in MiB.
func (p *program) rss() float64 {
	raw, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	for line := range strings.Lines(string(raw)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kb, _ := strconv.ParseFloat(strings.Fields(rest)[0], 64)
			return kb / 1024
		}
	}
	return 0
}

// database makes an empty database and returns the environment of our programs on it, and
// a URL for looking.
func (b *bench) database() (env []string, url string, err error) {
	b.last++
	name := fmt.Sprintf("bench%d", b.last)
	conn, err := pgx.Connect(b.ctx, b.stack.PostgresURL(devstack.Owner, "postgres"))
	if err != nil {
		return nil, "", err
	}
	defer conn.Close(b.ctx)
	for _, sql := range []string{"CREATE DATABASE " + name, "CHECKPOINT"} {
		if _, err := conn.Exec(b.ctx, sql); err != nil {
			return nil, "", err
		}
	}
	opt, err := redis.ParseURL(b.stack.RedisURL(0))
	if err != nil {
		return nil, "", err
	}
	client := redis.NewClient(opt)
	defer client.Close()
	url = b.stack.PostgresURL(devstack.Owner, name)
	return []string{
			"ENVIRONMENT=development",
			"DATABASE_URL=" + url,
			"REDIS_URL=" + b.stack.RedisURL(0),
			"HTTP_ADDR=" + ours,
			"OPS_ADDR=127.0.0.1:0",
			"DRAIN_FOR=0s",
		},
		url, client.FlushAll(b.ctx).Err()
}

// drop removes a run's database, so that the disk and autovacuum are the next run's alone.
func (b *bench) drop() {
	conn, err := pgx.Connect(b.ctx, b.stack.PostgresURL(devstack.Owner, "postgres"))
	if err == nil {
		_, _ = conn.Exec(b.ctx, fmt.Sprintf("DROP DATABASE IF EXISTS bench%d WITH (FORCE)", b.last))
		conn.Close(b.ctx)
	}
}

// receiver is a serving side, ours or naive, on a fresh database.
type receiver struct {
	*program
	env  []string
	url  string
	addr string
	path string
	bin  string // folder of its programs
	side string // what its figures begin with; "": ours
	ours bool   // the build measured, or one of before
}

func (b *bench) startOurs() (*receiver, error) { return b.startBuild(b.bin, "", b.pooler) }

func (b *bench) startBefore() (*receiver, error) { return b.startBuild(b.before, "before ", false) }

// startBuild serves a build of ours on an empty database, through the pooler if so.
func (b *bench) startBuild(bin, side string, pooled bool) (*receiver, error) {
	env, url, err := b.database()
	if err != nil {
		return nil, err
	}
	if pooled {
		name := fmt.Sprintf("bench%d", b.last)
		env = append(env, "POOLER=transaction")
		for _, role := range []string{"ingest", "api", "worker", "sweeper"} {
			env = append(env, strings.ToUpper(role)+"_DATABASE_URL="+b.stack.PoolerURL("patapay_"+role, name))
		}
	}
	for _, args := range [][]string{{"migrate"}, {"demo", "clinics", "--tokens", b.tokens}} {
		cmd := exec.CommandContext(b.ctx, filepath.Join(bin, "patapay"), args...)
		cmd.Env = append(os.Environ(), env...)
		if out, err := cmd.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("patapay %s: %w: %s", args[0], err, out)
		}
	}
	p, err := b.start(filepath.Join(bin, "patapay"), env, "serve")
	if err != nil {
		return nil, err
	}
	return &receiver{p, env, url, ours, path, bin, side, true}, b.answers(ours)
}

func (b *bench) startNaive() (*receiver, error) {
	env, url, err := b.database()
	if err != nil {
		return nil, err
	}
	p, err := b.start(
		filepath.Join(b.bin, "naive"), nil, "-role", "api", "-listen", naive, "-dsn", url, "-redis", b.stack.RedisTCP, "-tokens", b.tokens,
	)
	if err != nil {
		return nil, err
	}
	return &receiver{p, env, url, naive, "/webhooks/asaas", b.bin, "naive ", false}, b.answers(naive)
}

func (b *bench) work(r *receiver) (*program, error) {
	if r.ours {
		return b.start(filepath.Join(r.bin, "patapay"), r.env, "work")
	}
	return b.start(filepath.Join(r.bin, "naive"), nil, "-role", "worker", "-dsn", r.url, "-redis", b.stack.RedisTCP)
}

// answers waits until something listens on addr.
func (b *bench) answers(addr string) error {
	for range 200 {
		if res, err := http.Get("http://" + addr + "/"); err == nil {
			res.Body.Close()
			return nil
		}
		time.Sleep(25 * time.Millisecond)
	}
	return fmt.Errorf("%s does not answer", addr)
}

// load is what the generator reports.
type load struct {
	Sent   int     `json:"sent"`
	Ok     int     `json:"ok_200"`
	Non    int     `json:"non_200"`
	Errors int     `json:"transport_errors"`
	PerSec float64 `json:"req_s"`
	P50    float64 `json:"p50_ms"`
	P99    float64 `json:"p99_ms"`
}

// loadgen runs the generator; every delivery must be answered 200.
func (b *bench) loadgen(into *load, args ...string) error {
	cmd := exec.CommandContext(b.ctx, filepath.Join(b.bin, "loadgen"), args...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil || into == nil {
		return err
	}
	if err := json.Unmarshal(out, into); err != nil {
		return err
	}
	if into.Non+into.Errors > 0 || into.Ok != into.Sent {
		return errors.New("answers other than 200: " + string(out))
	}
	return nil
}

// post sends count deliveries to r and returns the report.
func (b *bench) post(r *receiver, count int, args ...string) (l load, err error) {
	err = b.loadgen(
		&l,
		append(
			[]string{"-addr", r.addr, "-target-path", r.path, "-tokens", b.tokens, "-count", strconv.Itoa(count)},
			args...)...)
	return l, err
}
