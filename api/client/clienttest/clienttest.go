// Package clienttest runs the real program for tests of those who speak to it: `patapay dev
// --ephemeral`, with its own services, a simulated gateway and three connected clinics. Its
// one rule: a test gets what the ready file tells anybody, and no more.
package clienttest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Dev is a running PataPay.
type Dev struct {
	URL        string   `json:"url"`
	WebhookURL string   `json:"webhookUrl"`
	AdminToken string   `json:"adminToken"` // of the platform
	Clinics    []Clinic `json:"clinics"`
	Binary     string   `json:"-"` // the program it runs
	ReadyFile  string   `json:"-"`

	dir  string
	cmd  *exec.Cmd
	done chan struct{}
	out  bytes.Buffer // read after done
}

// Clinic is one of its clinics.
type Clinic struct {
	ID           string `json:"id"`
	Token        string `json:"token"` // of its admin
	AccountID    string `json:"accountId"`
	WebhookToken string `json:"webhookToken"`
}

// Build builds a program of this module, named by its import path, into dir.
func Build(dir, pkg string) (string, error) {
	binary := filepath.Join(dir, filepath.Base(pkg))
	if out, err := exec.Command("go", "build", "-o", binary, pkg).CombinedOutput(); err != nil {
		return "", fmt.Errorf("build %s: %w\n%s", pkg, err, out)
	}
	return binary, nil
}

// startLimit is how long it may take to be ready, on a busy machine.
const startLimit = 60 * time.Second

// Start builds the program and runs it until Stop, or until this process ends.
func Start() (*Dev, error) {
	dir, err := os.MkdirTemp("", "patapay-client-")
	if err != nil {
		return nil, err
	}
	d := &Dev{dir: dir, ReadyFile: filepath.Join(dir, "ready.json"), done: make(chan struct{})}
	if d.Binary, err = Build(dir, "patapay/cmd/patapay"); err == nil {
		err = d.run()
	}
	if err != nil {
		d.Stop()
		return nil, err
	}
	return d, nil
}

func (d *Dev) run() error {
	d.cmd = exec.Command(d.Binary, "dev", "--ephemeral", "--http", "127.0.0.1:0", "--ready-file", d.ReadyFile)
	d.cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool { // services of its own, whoever runs the tests
		return strings.HasPrefix(v, "DATABASE_URL=") || strings.HasPrefix(v, "REDIS_URL=")
	})
	d.cmd.Stdout, d.cmd.Stderr = &d.out, &d.out
	d.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
	started := make(chan error)
	go func() {
		runtime.LockOSThread() // Pdeathsig is the thread's death, not the process's
		err := d.cmd.Start()
		started <- err
		if err == nil {
			_ = d.cmd.Wait()
		}
		close(d.done)
	}()
	if err := <-started; err != nil {
		return err
	}
	return d.wait()
}

func (d *Dev) wait() error {
	for end := time.Now().Add(startLimit); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if raw, err := os.ReadFile(d.ReadyFile); err == nil {
			return json.Unmarshal(raw, d)
		}
		select {
		case <-d.done:
			return fmt.Errorf("patapay dev ended:\n%s", d.out.String())
		default:
		}
	}
	return errors.New("patapay dev is not ready")
}

// Stop ends the program and removes what it left.
func (d *Dev) Stop() {
	if d.cmd != nil && d.cmd.Process != nil {
		_ = d.cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-d.done:
		case <-time.After(15 * time.Second):
			_ = d.cmd.Process.Kill()
			<-d.done
		}
	}
	_ = os.RemoveAll(d.dir)
}

// Shared returns a Dev that is started once for a test binary; end it in TestMain.
var Shared = sync.OnceValues(Start)
