// Command bench measures the receiver and apply against a naive baseline, on this machine,
// with production settings: initdb's Postgres, Redis with its append-only file, sealing,
// request log, row security. Its rule: only ratios taken in one interleaved run are quoted,
// and a run whose end state is wrong has no figures.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"log"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"syscall"

	"patapay/tenants/devstack"
	"patapay/tenants/vault"
)

// options are the size of a run.
type options struct {
	rounds  int
	count   int
	stored  int
	bin     string
	json    string
	only    string
	profile string
	before  string // folder of an earlier build, measured in the same rounds; "": none
	name    string // of that build
	pooler  bool   // our program's runtime roles go through PgBouncer; the build of before goes direct
}

// bench is one run: the services, the programs, and what was measured.
type bench struct {
	options
	server
	dir        string
	tokens     string // of the usual clinics
	manyTokens string
	turn       int // of the parts, which begin with another side each
	took       figures
}

func main() {
	var o options
	flag.IntVar(&o.rounds, "rounds", 5, "interleaved rounds; medians are quoted")
	flag.IntVar(&o.count, "count", 20000, "deliveries of each run")
	flag.IntVar(&o.stored, "stored", 10_000_000, "events stored before the growth run; 0 skips it")
	flag.StringVar(&o.bin, "bin", "bin", "folder with patapay, loadgen and naive")
	flag.StringVar(&o.json, "json", "", "also write every figure of every round here")
	flag.StringVar(&o.only, "only", "", "some parts, with commas between: "+names())
	flag.StringVar(&o.profile, "profile", all, "plain: nobody confirms money; production: it is read at a gateway; or all")
	flag.BoolVar(&o.pooler, "pooler", false, "lead our program's runtime roles through PgBouncer, in transaction mode")
	flag.StringVar(&o.before, "before", "", "folder with an earlier commit's patapay, a third party of the same rounds")
	flag.StringVar(&o.name, "name", "the build before", "what the build of -before is called in the tables")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, o); err != nil {
		log.Fatal("bench: ", err)
	}
}

// usualClinics is how many clinics everything but the part sizes is measured with.
const usualClinics = 200

func run(ctx context.Context, o options) error {
	list, err := o.chosen()
	if err != nil {
		return err
	}
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
	b := &bench{
		options: o, server: server{ctx: ctx, stack: stack, templates: map[string]template{}}, dir: dir,
		tokens: filepath.Join(dir, "tokens.csv"), manyTokens: filepath.Join(dir, "many-tokens.csv"), took: figures{},
	}
	if b.master, err = vault.NewMaster(); err != nil {
		return err
	}
	for path, clinics := range map[string]int{b.tokens: usualClinics, b.manyTokens: manyClinics} {
		err := b.loadgen(
			nil, "-no-send", "-count", "10", "-tenants", strconv.Itoa(clinics), "-seed", "3", "-write-tokens", path,
		)
		if err != nil {
			return err
		}
	}
	if err := measure(b, list); err != nil {
		return err
	}
	if o.before == "" {
		o.name = ""
	}
	b.took.print(os.Stdout, o.name)
	if o.json == "" {
		return nil
	}
	raw, err := json.MarshalIndent(b.took, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(o.json, raw, 0o644)
}
