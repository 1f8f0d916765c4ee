package devstack

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// programs are the executables a stack needs.
type programs struct {
	initdb, postgres, redis string
	major                   int // version of Postgres
}

// findPrograms looks in the directories of Debian's packages, newest version first, then
// in PATH, and names the packages to install when something is missing.
func findPrograms() (programs, error) {
	dirs, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	version := func(dir string) int { n, _ := strconv.Atoi(filepath.Base(filepath.Dir(dir))); return n }
	sort.Slice(dirs, func(i, j int) bool { return version(dirs[i]) > version(dirs[j]) })
	var p programs
	if p.initdb, p.postgres = find("initdb", dirs), find("postgres", dirs); p.initdb == "" || p.postgres == "" {
		return p, fmt.Errorf("%s is not installed: apt-get install -y --no-install-recommends %s", "PostgreSQL", "postgresql")
	}
	if p.redis = find("redis-server", nil); p.redis == "" {
		return p, fmt.Errorf("%s is not installed: apt-get install -y --no-install-recommends %s", "Redis", "redis-server")
	}
	out, err := exec.Command(p.postgres, "--version").Output()
	if err == nil {
		_, err = fmt.Sscanf(string(out), "postgres (PostgreSQL) %d", &p.major)
	}
	if err == nil && p.major < 15 {
		err = fmt.Errorf("PostgreSQL %d is too old: 15 or newer is needed", p.major)
	}
	return p, err
}

// find returns the path of program, in the first of dirs that has it or in PATH, or "".
func find(program string, dirs []string) string {
	for _, dir := range dirs {
		if path, err := exec.LookPath(filepath.Join(dir, program)); err == nil {
			return path
		}
	}
	path, _ := exec.LookPath(program)
	return path
}

func (s *Stack) data() string { return filepath.Join(s.Dir, "pg") }

// initCluster makes the database cluster unless it is there. It is made beside its place
// and moved, so an interrupted initdb leaves nothing half made.
func (s *Stack) initCluster(ctx context.Context) error {
	if _, err := os.Stat(s.data()); err == nil {
		return checkVersion(s.data(), s.bin.major)
	}
	fresh := s.data() + ".new"
	if err := os.RemoveAll(fresh); err != nil {
		return err
	}
	// C.UTF-8 is always there; pt_BR may not be. People's lists name their own collation.
	cmd := s.command(ctx, s.bin.initdb, "-D", fresh, "-U", Owner, "-A", "trust", "-N", "-E", "UTF8", "--locale=C.UTF-8")
	var out strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := startPinned(cmd); err != nil {
		return fmt.Errorf("start initdb: %w", err)
	}
	if err := cmd.Wait(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, out.String())
	}
	return os.Rename(fresh, s.data())
}

// StartPostgres starts Postgres and returns when it answers queries. It does nothing if
// it runs.
func (s *Stack) StartPostgres(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.postgres != nil {
		return nil
	}
	arg := []string{
		"-D", s.data(), "-k", s.sockets, "-p", strconv.Itoa(s.port), "-h", "",
		"-c", "max_connections=400", "-c", "timezone=UTC",
	}
	if s.opt.TCP {
		arg = append(arg, "-h", "127.0.0.1")
	}
	if !s.opt.Durable { // synchronous_commit stays on: the program refuses to run without it
		arg = append(arg, "-c", "fsync=off", "-c", "full_page_writes=off")
	}
	p, err := s.launch("postgres", s.bin.postgres, arg...)
	if err != nil {
		return err
	}
	if err := p.ready(ctx, s.pingPostgres); err != nil {
		p.stop(syscall.SIGQUIT)
		return err
	}
	s.postgres = p
	return nil
}

func (s *Stack) pingPostgres(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, s.PostgresURL(Owner, "postgres"))
	if err != nil {
		return err
	}
	return conn.Close(ctx)
}

// StopPostgres shuts Postgres down at once but cleanly ("fast": open transactions are
// rolled back).
func (s *Stack) StopPostgres() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.postgres.stop(syscall.SIGINT)
	s.postgres = nil
}

// RestartPostgres is StopPostgres and StartPostgres, on the same sockets and ports.
func (s *Stack) RestartPostgres(ctx context.Context) error {
	s.StopPostgres()
	return s.StartPostgres(ctx)
}

// KillPostgres kills the server and every backend with SIGKILL and returns when all are
// gone: a crash. StartPostgres brings it back through recovery.
func (s *Stack) KillPostgres() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.postgres == nil {
		return
	}
	pid := s.postgres.cmd.Process.Pid
	_ = syscall.Kill(pid, syscall.SIGSTOP) // so that it neither forks nor reaps meanwhile
	children := childrenOf(pid)
	for _, child := range children {
		_ = syscall.Kill(child, syscall.SIGKILL)
	}
	_ = syscall.Kill(pid, syscall.SIGKILL)
	<-s.postgres.done
	s.postgres = nil
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end) && anyAlive(children); {
		time.Sleep(5 * time.Millisecond)
	}
}

// childrenOf returns the processes whose parent is pid, from /proc/*/stat (proc(5)).
func childrenOf(pid int) (children []int) {
	files, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, file := range files {
		if id, parent, _ := readStat(file); parent == pid {
			children = append(children, id)
		}
	}
	return children
}

func anyAlive(pids []int) bool {
	for _, pid := range pids {
		if _, _, state := readStat(fmt.Sprintf("/proc/%d/stat", pid)); state != "" && state != "Z" {
			return true
		}
	}
	return false
}

// readStat returns a process's id, its parent's and its state letter, or zeros when it
// is gone. The second field, the name, may hold blanks; it ends with the last ")".
func readStat(file string) (pid, parent int, state string) {
	raw, _ := os.ReadFile(file)
	head, rest, ok := strings.Cut(string(raw), ") ")
	if i := strings.LastIndex(string(raw), ") "); ok && i > len(head) {
		rest = string(raw)[i+2:]
	}
	_, _ = fmt.Sscan(head, &pid)
	_, _ = fmt.Sscan(rest, &state, &parent)
	return pid, parent, state
}
