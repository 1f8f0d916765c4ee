package devstack

import (
	"context"
	"net"
	"strconv"
	"syscall"
)

// StartRedis starts Redis and returns when it accepts connections. It does nothing if it
// runs. Without Options.Durable it starts empty, as after a flush.
func (s *Stack) StartRedis(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.redis != nil {
		return nil
	}
	p, err := s.launch("redis", s.bin.redis, s.redisArgs()...)
	if err != nil {
		return err
	}
	if err := p.ready(ctx, s.pingRedis); err != nil {
		p.stop(syscall.SIGKILL)
		return err
	}
	s.redis = p
	return nil
}

// redisArgs say what production also says: noeviction, because a queue that forgets is
// worse than one that refuses.
func (s *Stack) redisArgs() []string {
	arg := []string{
		"--unixsocket", s.RedisAddr, "--unixsocketperm", "700", "--dir", s.Dir,
		"--databases", strconv.Itoa(RedisDatabases), "--maxmemory-policy", "noeviction", "--save", "",
	}
	if s.opt.Durable {
		arg = append(arg, "--appendonly", "yes", "--appendfsync", "everysec")
	}
	if !s.opt.TCP {
		return append(arg, "--port", "0")
	}
	_, port, _ := net.SplitHostPort(s.RedisTCP)
	return append(arg, "--port", port, "--bind", "127.0.0.1")
}

func (s *Stack) pingRedis(ctx context.Context) error {
	conn, err := (&net.Dialer{}).DialContext(ctx, "unix", s.RedisAddr)
	if err != nil {
		return err
	}
	return conn.Close()
}

// StopRedis shuts Redis down: connections are refused from then on.
func (s *Stack) StopRedis() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.redis.stop(syscall.SIGTERM)
	s.redis = nil
}

// FreezeRedis makes Redis accept connections and answer nothing, until ThawRedis.
func (s *Stack) FreezeRedis() { s.signalRedis(syscall.SIGSTOP) }

// ThawRedis ends FreezeRedis.
func (s *Stack) ThawRedis() { s.signalRedis(syscall.SIGCONT) }

func (s *Stack) signalRedis(sig syscall.Signal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.redis != nil {
		_ = s.redis.cmd.Process.Signal(sig)
	}
}
