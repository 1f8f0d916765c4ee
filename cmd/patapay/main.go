// Command patapay is the whole program: the webhook's door and the API (serve), the
// workers (work), and what people need around them.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	_ "time/tzdata" // clinics' zones, wherever the program runs

	"patapay/cmd/patapay/dev"
	"patapay/cmd/patapay/remote"

	"github.com/alecthomas/kong"
)

var commands struct {
	Serve    serveCmd         `cmd:"" help:"Serve the webhook, the API and the pages."`
	Work     workCmd          `cmd:"" help:"Apply events: notified jobs, the sweep, reads of the gateway."`
	Dev      dev.DevCmd       `cmd:"" help:"Run everything here: private services, simulator, API, worker, demo clinics."`
	Migrate  migrateCmd       `cmd:"" help:"Bring the database to this program's schema."`
	Sim      dev.SimCmd       `cmd:"" help:"An offline Asaas."`
	Trigger  dev.TriggerCmd   `cmd:"" help:"Post sample events to a webhook address, as Asaas would."`
	Doctor   doctorCmd        `cmd:"" help:"Look at settings, ports, database, Redis, keys and clock; name each fault with its cure."`
	Ledger   ledgerCmd        `cmd:"" help:"Check the clinics' ledgers."`
	Audit    auditCmd         `cmd:"" help:"Check the audit logs."`
	Rebuild  rebuildCmd       `cmd:"" help:"Fold a clinic's events anew and compare with what is stored."`
	Health   healthCmd        `cmd:"" help:"Ask the process beside whether it lives."`
	Config   configCmd        `cmd:"" help:"List every setting, its default and meaning, or --check those that are here."`
	Version  versionCmd       `cmd:"" help:"Say which program this is, and which schema it needs."`
	Token    tokenCmd         `cmd:"" help:"Make a token for the API, or revoke one."`
	Operator operatorCmd      `cmd:"" help:"People of the platform's team."`
	Login    remote.LoginCmd  `cmd:"" help:"Keep a token for the commands below that speak to a running PataPay."`
	Whoami   remote.WhoamiCmd `cmd:"" help:"Who the token speaks for."`

	Tenants    remote.TenantsCmd    `cmd:"" help:"The clinics: list."`
	Ops        remote.OpsCmd        `cmd:"" help:"The console without a browser, for operators: overview, clinics, alarms."`
	Connection remote.ConnectionCmd `cmd:"" help:"A clinic's side of Asaas: show, check, connect, replace-key, production, disconnect."`
	Webhook    remote.WebhookCmd    `cmd:"" help:"Our webhook at Asaas: show, ensure, reactivate, unpenalize."`
	Reconcile  remote.ReconcileCmd  `cmd:"" help:"Compare a clinic with Asaas and repair what differs."`
	Invoices   remote.InvoicesCmd   `cmd:"" help:"A clinic's invoices: list, show."`
	Events     remote.EventsCmd     `cmd:"" help:"What Asaas sent: list, show, tail, replay."`
	Export     remote.ExportCmd     `cmd:"" help:"A whole list as a CSV file."`
	Feed       remote.FeedCmd       `cmd:"" help:"Changes as they come: follow."`
	Endpoints  remote.EndpointsCmd  `cmd:"" help:"Where a clinic's changes are pushed to: list, add, test, deliveries, replay …"`
	Listen     remote.ListenCmd     `cmd:"" help:"Relay a clinic's events to a program under development."`

	Demo     dev.DemoCmd     `cmd:"" help:"Fill a development database with invented clinics."`
	Keys     keysCmd         `cmd:"" help:"Make key material for a deployment."`
	Devstack dev.DevstackCmd `cmd:"" help:"Run a command beside a private Postgres and Redis."`

	TellVersion kong.VersionFlag `name:"version" help:"Say which program this is."`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	parser, err := newParser(kong.UsageOnError(), kong.Exit(leave), kong.BindTo(ctx, (*context.Context)(nil)))
	if err != nil {
		os.Exit(exitCode(err))
	}
	parsed, err := parser.Parse(withEquals(parser.Model, os.Args[1:]))
	parser.FatalIfErrorf(err)
	os.Exit(exitCode(parsed.Run()))
}

// newParser returns what reads the command line.
func newParser(options ...kong.Option) (*kong.Kong, error) {
	all := append(
		decimal(),
		kong.Name("patapay"),
		kong.Description("Payments of veterinary clinics, between them and Asaas."),
		kong.Vars{"version": versionLine()},
	)
	return kong.New(&commands, append(all, options...)...)
}

// leave ends the program: a command line that cannot be read is 2, as everywhere.
func leave(code int) {
	if code != 0 {
		code = remote.ExitUsage
	}
	os.Exit(code)
}

// exitCode tells err, if any, and returns what the program ends with: 0, 1, a code that an
// error carries, or that of a command it ran.
func exitCode(err error) int {
	var run *exec.ExitError
	var coded interface{ ExitCode() int }
	switch {
	case err == nil:
		return 0
	case errors.As(err, &run):
		return run.ExitCode()
	}
	fmt.Fprintln(os.Stderr, "patapay:", err)
	if errors.As(err, &coded) {
		return coded.ExitCode()
	}
	return 1
}
