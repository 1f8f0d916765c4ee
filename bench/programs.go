package main

import (
	"context"
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
)

// Where both sides listen, and our worker's metrics: on ports of their own, or two runs on one machine would post to
// each other's.
var ours, naive, workerOps = freeAddr(), freeAddr(), freeAddr()

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
	logFile, err := os.Create(filepath.Join(b.dir, filepath.Base(name)+strings.Join(args[:min(2, len(args))], "-")+".log"))
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

// receiver is a serving side, ours or naive, on a fresh database.
type receiver struct {
	*program
	ctx  context.Context
	env  []string
	url  string
	look *pgx.Conn // one for all looking: a new connection each time cost a twentieth of a drain
	addr string
	path string
	build
	ours bool // the build measured, or one of before
}

// leave ends a receiver and drops its database.
func (b *bench) leave(r *receiver) {
	_ = r.look.Close(context.WithoutCancel(b.ctx))
	r.stop()
	b.drop()
}

// build is a build of ours, and what it is measured with.
type build struct {
	bin    string
	side   string // what its figures begin with; "": the build measured
	pooled bool
	tokens string                 // file of its clinics
	keyed  func(url string) error // gives the clinics keys; nil: they have none, and nothing is read of the gateway
	extra  []string               // of its environment
}

func (b *bench) oursBuild() build { return build{bin: b.bin, pooled: b.pooler, tokens: b.tokens} }

func (b *bench) beforeBuild() build { return build{bin: b.before, side: "before ", tokens: b.tokens} }

// startBuild serves a build of ours on a fresh database, through the pooler if so.
func (b *bench) startBuild(c build) (*receiver, error) {
	t, err := b.templateOf(c.bin, c.tokens, c.keyed)
	if err != nil {
		return nil, err
	}
	url, err := b.database(&t)
	if err != nil {
		return nil, err
	}
	env := append(b.env(url), c.extra...)
	if c.pooled {
		name := fmt.Sprintf("bench%d", b.last)
		env = append(env, "POOLER=transaction")
		for _, role := range []string{"ingest", "api", "worker", "sweeper"} {
			env = append(env, strings.ToUpper(role)+"_DATABASE_URL="+b.stack.PoolerURL("patapay_"+role, name))
		}
	}
	p, err := b.start(filepath.Join(c.bin, "patapay"), env, "serve")
	if err != nil {
		return nil, err
	}
	return b.ready(&receiver{ctx: b.ctx, program: p, env: env, url: url, addr: ours, path: path, build: c, ours: true})
}

func (b *bench) startNaive() (*receiver, error) {
	url, err := b.database(nil)
	if err != nil {
		return nil, err
	}
	p, err := b.start(
		filepath.Join(b.bin, "naive"), nil, "-role", "api", "-listen", naive, "-dsn", url, "-redis", b.stack.RedisTCP,
		"-tokens", b.tokens,
	)
	if err != nil {
		return nil, err
	}
	side := build{bin: b.bin, side: "naive ", tokens: b.tokens}
	return b.ready(&receiver{ctx: b.ctx, program: p, url: url, addr: naive, path: "/webhooks/asaas", build: side})
}

// ready waits until r answers, and connects for looking.
func (b *bench) ready(r *receiver) (*receiver, error) {
	err := answers(r.addr)
	if err == nil {
		r.look, err = pgx.Connect(b.ctx, r.url)
	}
	if err != nil {
		r.stop()
		return nil, fmt.Errorf("%sserve: %w", r.side, err)
	}
	return r, nil
}

// work starts r's worker, whose metrics stand at workerOps if it has any.
func (b *bench) work(r *receiver) (*program, error) {
	if r.ours {
		return b.start(filepath.Join(r.bin, "patapay"), append(r.env, "OPS_ADDR="+workerOps), "work")
	}
	return b.start(filepath.Join(r.bin, "naive"), nil, "-role", "worker", "-dsn", r.url, "-redis", b.stack.RedisTCP)
}

// answers waits until something listens on addr.
func answers(addr string) error {
	for range 200 {
		if res, err := http.Get("http://" + addr + "/"); err == nil {
			res.Body.Close()
			return nil
		}
		time.Sleep(25 * time.Millisecond)
	}
	return fmt.Errorf("%s does not answer", addr)
}
