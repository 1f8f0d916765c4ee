package devstack

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
)

// maxSocketPath is what sun_path holds on Linux, less its closing zero (unix(7)).
const maxSocketPath = 107

// makeDirs makes the state directory, gives it to the servers' user, locks it and picks
// where the sockets go.
func (s *Stack) makeDirs() (err error) {
	if s.opt.Dir == "" {
		err = s.makeTempDir()
	} else {
		err = s.makeStateDir()
	}
	if err != nil {
		return err
	}
	s.sockets = s.Dir
	if len(s.Dir)+len("/.s.PGSQL.65535.lock") > maxSocketPath {
		if s.sockets, err = s.tempDir(); err != nil {
			return err
		}
	}
	s.RedisAddr = filepath.Join(s.sockets, "redis.sock")
	return nil
}

func (s *Stack) makeTempDir() (err error) {
	s.Dir, err = s.tempDir()
	return err
}

// memoryDisk is where Linux keeps files in memory.
const memoryDisk = "/dev/shm"

// memoryRoom is how much must be free in memory before a stack's files are put there.
const memoryRoom = 6 << 30

// tempRoot returns where a temporary directory belongs: in memory, if nothing is to last and there is much of it, since
// each test makes some eight hundred files for its database and removes them, and on a disk waits for it three times as
// long; "" is the system's place for temporary files.
func (s *Stack) tempRoot() string {
	if s.opt.Durable || freeIn(memoryDisk) < memoryRoom || freeMemory() < memoryRoom {
		return ""
	}
	return memoryDisk
}

// freeIn returns how many bytes may be written below dir; 0 when nobody can tell.
func freeIn(dir string) uint64 {
	var fs syscall.Statfs_t
	if err := syscall.Statfs(dir, &fs); err != nil {
		return 0
	}
	return fs.Bavail * uint64(fs.Bsize)
}

// freeMemory returns how many bytes programs may still take, as Linux estimates it; 0 when nobody can tell.
func freeMemory() uint64 {
	raw, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(raw), "MemAvailable:")
	var kib uint64
	_, _ = fmt.Sscan(rest, &kib)
	return kib << 10
}

// tempDir makes a directory for the servers' user that goes away with this process.
func (s *Stack) tempDir() (string, error) {
	dir, err := os.MkdirTemp(s.tempRoot(), "patapay-")
	if err != nil {
		return "", err
	}
	s.undo = append(s.undo, func() { _ = os.RemoveAll(dir) })
	if err := s.who.own(dir); err != nil {
		return "", err
	}
	if err := openTo(s.who, dir); err != nil {
		return "", err
	}
	release, err := janitor(s.who, dir)
	if err != nil {
		return "", err
	}
	s.undo = append([]func(){release}, s.undo...)
	return dir, nil
}

// janitor starts a shell that waits for this process to end, by the end of file on a
// pipe, then for Postgres to have shut down, and removes dir: a deferred clean-up does
// not run after kill -9 or os.Exit. The returned function ends it at once.
func janitor(who account, dir string) (release func(), err error) {
	const script = `cat >/dev/null
n=0; while [ -e "$1/pg/postmaster.pid" ] && [ $n -lt 100 ]; do sleep 0.1; n=$((n+1)); done
cd /; rm -rf -- "$1"`
	cmd := exec.Command("/bin/sh", "-c", script, "janitor", dir)
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: who.cred, Setpgid: true}
	pipe, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the shell that removes %s at the end: %w", dir, err)
	}
	watched.Store(pipe, true)
	return func() { watched.Delete(pipe); _ = pipe.Close(); _ = cmd.Wait() }, nil
}

// watched holds our ends of the janitors' pipes. Without it the collector would close the
// pipe of a stack that nobody refers to any more, and the janitor would remove the
// directory from under its running servers.
var watched sync.Map

func (s *Stack) makeStateDir() (err error) {
	if s.Dir, err = filepath.Abs(s.opt.Dir); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(s.Dir), 0o711); err != nil {
		return err
	}
	if err := os.Mkdir(s.Dir, 0o700); err != nil && !os.IsExist(err) {
		return err
	}
	if err := openTo(s.who, filepath.Dir(s.Dir)); err != nil {
		return err
	}
	if err := s.who.own(s.Dir); err != nil {
		return err
	}
	return s.lock()
}

// lock keeps a second stack out of the directory; the kernel drops it with the process.
func (s *Stack) lock() error {
	f, err := os.OpenFile(filepath.Join(s.Dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = f.Close()
		return fmt.Errorf("%s is in use by another patapay: stop that one, or choose another directory", s.Dir)
	}
	s.undo = append(s.undo, func() { _ = f.Close() })
	return nil
}

// openTo fails, naming the directory to blame, when who may not pass through dir or one
// of its parents; the kernel's own words for it are only "permission denied".
func openTo(who account, dir string) error {
	if who.cred == nil {
		return nil
	}
	for ; ; dir = filepath.Dir(dir) {
		info, err := os.Stat(dir)
		if err != nil {
			return err
		}
		if !who.mayEnter(info) {
			return fmt.Errorf(
				"%s (mode %04o) is closed to the user %s, who runs the servers: choose another directory, or chmod o+x %s",
				dir, info.Mode().Perm(), who.name, dir,
			)
		}
		if dir == filepath.Dir(dir) {
			return nil
		}
	}
}

// checkVersion refuses a cluster of another major Postgres version: the server would,
// but in a log file and without the cure.
func checkVersion(data string, have int) error {
	raw, err := os.ReadFile(filepath.Join(data, "PG_VERSION"))
	if err != nil {
		return err
	}
	if made := string(bytes.TrimSpace(raw)); made != fmt.Sprint(have) {
		return fmt.Errorf(
			"%s was made by PostgreSQL %s, the programs here are %d: "+
				"install postgresql-%s, or move the directory away to start anew",
			data, made, have, made,
		)
	}
	return nil
}

// choosePorts sets the ports. Over sockets the number is only a part of a file name.
func (s *Stack) choosePorts() error {
	s.port = 5432
	if !s.opt.TCP {
		return nil
	}
	for _, addr := range []*string{&s.PostgresTCP, &s.RedisTCP} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		defer l.Close() // both are held until both are chosen, so that they differ
		*addr = l.Addr().String()
	}
	_, err := fmt.Sscanf(strings.TrimPrefix(s.PostgresTCP, "127.0.0.1:"), "%d", &s.port)
	return err
}
