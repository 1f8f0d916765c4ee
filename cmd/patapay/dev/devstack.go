package dev

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"syscall"

	"patapay/tenants/devstack"
)

// DevstackCmd runs another command with a private Postgres and Redis beside it. `make
// test` uses it, so that all packages share one pair of servers.
type DevstackCmd struct {
	Durable bool     `help:"Flush to disk, as production does (benchmarks, kill tests)."`
	Pooler  bool     `help:"PgBouncer in transaction mode beside them; the command finds it in PATAPAY_TEST_POOLER."`
	Command []string `help:"Command to run; it finds the servers in PATAPAY_TEST_PG and PATAPAY_TEST_REDIS." arg:"" passthrough:""`
}

// Run starts the servers, runs the command and stops them. A command that ends with an
// error gives *exec.ExitError, whose code is ours too.
func (c *DevstackCmd) Run() error {
	command := c.Command
	if len(command) > 0 && command[0] == "--" {
		command = command[1:]
	}
	if len(command) == 0 {
		return errors.New("devstack: no command given")
	}
	stack, err := devstack.Start(context.Background(), devstack.Options{Durable: c.Durable, Pooler: c.Pooler})
	if err != nil {
		return err
	}
	defer stack.Stop()
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.Env = append(os.Environ(),
		devstack.PostgresVariable+"="+stack.PostgresURL(devstack.Owner, "postgres"),
		devstack.RedisVariable+"="+stack.RedisURL(0))
	if c.Pooler {
		cmd.Env = append(cmd.Env, devstack.PoolerVariable+"="+stack.PoolerURL(devstack.Owner, "postgres"))
	}
	return runForwarding(cmd)
}

// runForwarding runs cmd and hands on SIGTERM. Ctrl-C reaches cmd by the terminal itself;
// here it is only kept from ending us before cmd has.
func runForwarding(cmd *exec.Cmd) error {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(signals)
	if err := cmd.Start(); err != nil {
		return err
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	for {
		select {
		case sig := <-signals:
			if sig == syscall.SIGTERM {
				_ = cmd.Process.Signal(sig)
			}
		case err := <-done:
			return err
		}
	}
}
