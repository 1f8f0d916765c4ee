package dev

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"text/tabwriter"
	"time"

	"patapay/domain/asaas/scenarios"
)

// SimScenarioCmd plays named scenarios through a running PataPay, each in an account and a
// clinic of its own, and compares what /v1 shows with what the scenario expects.
type SimScenarioCmd struct {
	Names    []string      `arg:"" optional:"" help:"Scenarios; 'all' plays every one."`
	List     bool          `help:"List the scenarios."`
	API      string        `help:"PataPay's URL. Empty: a throw-away 'patapay dev --ephemeral' is started for the run."`
	Sim      string        `help:"The URL of the simulator that PataPay uses; with --api."`
	Token    string        `help:"Service token of the platform; with --api." env:"PATAPAY_TOKEN"`
	Disorder bool          `help:"Deliver everything three times, in random order."`
	Within   time.Duration `help:"How long the state may take to be right." default:"20s"`
	Out      io.Writer     `kong:"-"`
}

// errScenario is the outcome of a run in which a scenario ended in another state.
var errScenario = errors.New("not every scenario ended as expected")

// Run prints one line for each scenario, and below a failed one what differs. It fails
// when a scenario differs, does not exist, or cannot be played.
func (c *SimScenarioCmd) Run(ctx context.Context) error {
	out := orStdout(c.Out)
	if c.List {
		return listScenarios(out)
	}
	names, err := c.names()
	if err != nil {
		return err
	}
	stage := &Stage{APIDB: c.API, Sim: c.Sim, token: c.Token, Within: c.Within, Disorder: c.Disorder}
	if c.API == "" {
		self, err := os.Executable()
		if err != nil {
			return err
		}
		end, err := stage.StartDev(ctx, self)
		if err != nil {
			return err
		}
		defer end()
	}
	failed := 0
	for _, name := range names {
		started := time.Now()
		lines, err := stage.Play(ctx, name)
		if err != nil {
			return fmt.Errorf("scenario %s: %w", name, err)
		}
		if len(lines) == 0 {
			fmt.Fprintf(out, "ok    %-22s %5.1f s\n", name, time.Since(started).Seconds())
			continue
		}
		failed++
		fmt.Fprintf(out, "FAIL  %-22s\n      %s\n", name, strings.Join(lines, "\n      "))
	}
	if failed > 0 {
		return fmt.Errorf("%w: %d of %d", errScenario, failed, len(names))
	}
	return nil
}

// names returns the scenarios to play, which all exist.
func (c *SimScenarioCmd) names() ([]string, error) {
	if len(c.Names) == 0 {
		return nil, errors.New("name a scenario, or 'all'; --list shows them")
	}
	if slices.Contains(c.Names, "all") {
		return scenarios.Names(), nil
	}
	for _, name := range c.Names {
		if _, err := scenarios.Find(name); err != nil {
			return nil, err
		}
	}
	return c.Names, nil
}

func listScenarios(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, name := range scenarios.Names() {
		s, err := scenarios.Find(name)
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "%s\t%s\n", name, s.About)
	}
	return w.Flush()
}

// StartDev starts the program as a throw-away PataPay with its simulator, and returns what
// ends it.
func (s *Stage) StartDev(ctx context.Context, program string) (end func(), err error) {
	dir, err := os.MkdirTemp("", "patapay-scenario-")
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(
		ctx, program, "dev", "--ephemeral", "--http", "127.0.0.1:0", "--ready-file", filepath.Join(dir, "ready"),
		"--forms", cmp.Or(s.Forms, "mixed"),
	)
	if s.Quiet {
		cmd.Env = append(os.Environ(), "NOTIFICATIONS=off")
	}
	cmd.Stderr = os.Stderr
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 20 * time.Second
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	end = func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		<-ended
		os.RemoveAll(dir)
	}
	if err := s.awaitDev(ctx, filepath.Join(dir, "ready"), ended); err != nil {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		os.RemoveAll(dir)
		return nil, err
	}
	return end, nil
}
