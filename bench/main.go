// Command bench measures the receiver and apply against a naive baseline, on this machine,
// with production settings: initdb's Postgres, Redis with its append-only file, sealing,
// request log, row security. Its rule: only ratios taken in one interleaved run are quoted,
// and a run whose end state is wrong has no figures.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"patapay/tenants/devstack"
)

// options are the size of a run.
type options struct {
	rounds int
	count  int
	stored int
	bin    string
	json   string
	only   string
	before string // folder of an earlier build, measured in the same rounds; "": none
	pooler bool   // our program's runtime roles go through PgBouncer; the build of before goes direct
}

// bench is one run: the services, the programs, and what was measured.
type bench struct {
	options
	ctx    context.Context
	stack  *devstack.Stack
	dir    string
	tokens string
	last   int // number of the last database made
	turn   int // of the parts, which begin with another side each
	took   figures
}

func main() {
	var o options
	flag.IntVar(&o.rounds, "rounds", 5, "interleaved rounds; medians are quoted")
	flag.IntVar(&o.count, "count", 30000, "deliveries of each run")
	flag.IntVar(&o.stored, "stored", 10_000_000, "events stored before the growth run; 0 skips it")
	flag.StringVar(&o.bin, "bin", "bin", "folder with patapay, loadgen and naive")
	flag.StringVar(&o.json, "json", "", "also write every figure of every round here")
	flag.StringVar(&o.only, "only", "", "one part: ack, calm, lone, end, drain, both, growth")
	flag.BoolVar(&o.pooler, "pooler", false, "lead our program's runtime roles through PgBouncer, in transaction mode")
	flag.StringVar(&o.before, "before", "", "folder with the patapay of an earlier commit, to be measured in the same rounds")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, o); err != nil {
		log.Fatal("bench: ", err)
	}
}

func run(ctx context.Context, o options) error {
	dir, err := os.MkdirTemp("", "patapay-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	stack, err := devstack.Start(ctx, devstack.Options{Durable: true, TCP: true, Pooler: o.pooler})
	if err != nil {
		return err
	}
	defer stack.Stop()
	b := &bench{options: o, ctx: ctx, stack: stack, dir: dir, tokens: filepath.Join(dir, "tokens.csv"), took: figures{}}
	if err := b.loadgen(
		nil, "-no-send", "-count", "10", "-tenants", "200", "-seed", "3", "-write-tokens", b.tokens,
	); err != nil {
		return err
	}
	start := time.Now()
	for round := 1; round <= o.rounds; round++ {
		for _, part := range []struct {
			name string
			fn   func() error
		}{{"ack", b.ack}, {"calm", b.calm}, {"lone", b.lone}, {"end", b.endToEnd}, {"drain", b.drain}, {"both", b.both}} {
			if o.only != "" && o.only != part.name {
				continue
			}
			fmt.Fprintf(os.Stderr, "round %d of %d: %s (%s)\n", round, o.rounds, part.name, time.Since(start).Round(time.Second))
			if err := part.fn(); err != nil {
				return fmt.Errorf("%s: %w", part.name, err)
			}
		}
	}
	if o.stored > 0 && (o.only == "" || o.only == "growth") {
		fmt.Fprintf(os.Stderr, "growth with %d stored events (%s)\n", o.stored, time.Since(start).Round(time.Second))
		if err := b.growth(); err != nil {
			return fmt.Errorf("growth: %w", err)
		}
	}
	b.took.print(os.Stdout)
	if o.before != "" {
		b.took.printAgainst(os.Stdout)
	}
	if o.json == "" {
		return nil
	}
	raw, err := json.MarshalIndent(b.took, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(o.json, raw, 0o644)
}
