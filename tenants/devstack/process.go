package devstack

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// account is the user that the servers run as. Postgres refuses to run as root.
type account struct {
	cred *syscall.Credential // nil: the user we already are
	name string
}

// serverAccount returns who runs the servers: ourselves, or, when we are root, the user
// postgres that Debian's package makes, or else nobody.
func serverAccount() (account, error) {
	if os.Geteuid() != 0 {
		return account{}, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		u, err = user.Lookup("nobody") // initdb needs an entry in passwd
	}
	if err != nil {
		return account{}, errors.New("we are root, Postgres refuses root, and there is neither a user postgres nor nobody")
	}
	uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
	gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
	cred := &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return account{cred, u.Username}, errors.Join(err1, err2)
}

// own gives path to the account.
func (a account) own(path string) error {
	if a.cred == nil {
		return nil
	}
	return os.Chown(path, int(a.cred.Uid), int(a.cred.Gid))
}

// mayEnter tells whether the account has the x bit on a directory (owner, group or
// others, as the kernel picks them; access lists are not read).
func (a account) mayEnter(info os.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok || a.cred == nil {
		return true
	}
	switch {
	case stat.Uid == a.cred.Uid:
		return info.Mode()&0o100 != 0
	case stat.Gid == a.cred.Gid:
		return info.Mode()&0o010 != 0
	}
	return info.Mode()&0o001 != 0
}

// process is one server, our direct child.
type process struct {
	cmd  *exec.Cmd
	log  string        // file with its output
	done chan struct{} // closed when it has ended
}

// command prepares a program that runs as the servers' user, in the state directory
// (the caller's may be closed to that user), in its own process group, so that Ctrl-C
// reaches only us, and that is told to stop when we die.
func (s *Stack) command(ctx context.Context, program string, arg ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, program, arg...)
	cmd.Dir = s.Dir
	cmd.Env = []string{"PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8", "HOME=" + s.Dir}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: s.who.cred, Setpgid: true, Pdeathsig: syscall.SIGINT}
	return cmd
}

// launch starts a server whose output goes to the file name.log in the state directory.
func (s *Stack) launch(name, program string, arg ...string) (*process, error) {
	p := &process{log: filepath.Join(s.Dir, name+".log"), done: make(chan struct{})}
	out, err := os.OpenFile(p.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer out.Close()
	p.cmd = s.command(context.Background(), program, arg...)
	p.cmd.Stdout, p.cmd.Stderr = out, out
	if err := startPinned(p.cmd); err != nil {
		return nil, fmt.Errorf("start %s: %w", program, err)
	}
	go func() { _ = p.cmd.Wait(); close(p.done) }()
	return p, nil
}

// ready polls try every 10 ms until it succeeds, the server ends or ctx does.
func (p *process) ready(ctx context.Context, try func(context.Context) error) error {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		err := try(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-p.done:
			return fmt.Errorf("%s ended while starting; the end of %s:\n%s", filepath.Base(p.cmd.Path), p.log, tail(p.log, 10))
		case <-ctx.Done():
			return fmt.Errorf("%s does not answer: %w (log: %s)", filepath.Base(p.cmd.Path), err, p.log)
		case <-tick.C:
		}
	}
}

// stop sends sig and waits for the end; after 20 s it kills. A nil process is stopped.
func (p *process) stop(sig syscall.Signal) {
	if p == nil {
		return
	}
	_ = p.cmd.Process.Signal(syscall.SIGCONT) // a frozen server takes nothing else
	_ = p.cmd.Process.Signal(sig)
	select {
	case <-p.done:
	case <-time.After(20 * time.Second):
		_ = p.cmd.Process.Kill()
		<-p.done
	}
}

// tail returns the last lines of a file.
func tail(file string, lines int) string {
	raw, _ := os.ReadFile(file)
	all := strings.Split(strings.TrimSpace(string(raw)), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}

// startPinned starts cmd on the one thread kept for that. A child's parent-death signal
// follows the *thread* that forked it (prctl(2), PR_SET_PDEATHSIG), and Go ends threads
// as it likes; this one lives as long as the process.
func startPinned(cmd *exec.Cmd) error {
	result := make(chan error, 1)
	starter() <- func() { result <- cmd.Start() }
	return <-result
}

var starter = sync.OnceValue(func() chan<- func() {
	starts := make(chan func())
	go serveStarts(starts)
	return starts
})

// serveStarts never returns, by intent; leak checks ignore it by this name.
func serveStarts(starts <-chan func()) {
	runtime.LockOSThread()
	for start := range starts {
		start()
	}
}
