package devstack

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
)

// Copy returns another stack, in a temporary directory, whose Postgres runs on a base backup of this one's that was
// taken while it went on. With follow it is a standby that receives what is written here, until it is promoted. It has
// a Redis of its own. ctx bounds the copy and the start.
func (s *Stack) Copy(ctx context.Context, follow bool) (*Stack, error) {
	c := &Stack{opt: Options{Durable: s.opt.Durable}}
	if err := c.copyOf(ctx, s, follow); err != nil {
		c.Stop()
		return nil, fmt.Errorf("devstack: %w", err)
	}
	return c, nil
}

func (s *Stack) copyOf(ctx context.Context, from *Stack, follow bool) (err error) {
	if s.bin, err = findPrograms(); err != nil {
		return err
	}
	if s.who, err = serverAccount(); err != nil {
		return err
	}
	if err = s.makeDirs(); err != nil {
		return err
	}
	if err = s.choosePorts(); err != nil {
		return err
	}
	arg := []string{
		"--pgdata=" + s.data(), "--wal-method=stream", "--checkpoint=fast", "--no-sync", "--no-manifest",
		"--dbname=" + from.PostgresURL(Owner, "postgres"),
	}
	if follow {
		arg = append(arg, "--write-recovery-conf")
	}
	cmd := s.command(ctx, filepath.Join(filepath.Dir(s.bin.postgres), "pg_basebackup"), arg...)
	var out strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := startPinned(cmd); err != nil {
		return fmt.Errorf("start pg_basebackup: %w", err)
	}
	if err := cmd.Wait(); err != nil {
		return fmt.Errorf("pg_basebackup: %w\n%s", err, out.String())
	}
	if err := s.StartPostgres(ctx); err != nil {
		return err
	}
	return s.StartRedis(ctx)
}
