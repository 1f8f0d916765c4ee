package auth

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"time"
)

const (
	JWKSURLEvery  = time.Minute     // between reads of a JWKS URL, all in the background
	JWKSFileEvery = 5 * time.Second // between reads of a JWKS file, in the background too

	jwksLimit = 1 << 20 // bytes of an answer that are read
)

// keySource is a JWK set that is read again and again, as it was when it last could be read.
type keySource struct {
	fetch func(context.Context) ([]byte, error)
	log   *slog.Logger
	raw   []byte // what the keys were made of
	told  string // the last fault: it is told once, not each time
	keys  atomic.Pointer[keySet]
}

// JWKSFile returns the keys of the JWK set in the file at path, which is read again each
// time every has passed, until ctx ends: an operator rotates keys without a restart, the
// new one beside the old one first. A file that is away, half written or without a key
// changes nothing and is logged. It fails when the first read does.
func JWKSFile(ctx context.Context, path string, every time.Duration, log *slog.Logger) (Keys, error) {
	s := &keySource{log: log, fetch: func(context.Context) ([]byte, error) {
		file, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		defer file.Close()
		return io.ReadAll(io.LimitReader(file, jwksLimit))
	}}
	if err := s.read(ctx); err != nil {
		return nil, fmt.Errorf("PLATFORM_JWKS: the file is not a JWK set: %w", err)
	}
	go s.watch(ctx, every)
	return s, nil
}

// JWKSURL returns the keys found at address, read now (a failure is only logged: nobody of the
// platform gets in until a read succeeds) and then each time every has passed, until ctx
// ends: so long after its removal at most, and the read's own time, a key still counts.
// After a failed read, or an answer without a key, the last keys stand. Redirects are not
// followed.
func JWKSURL(ctx context.Context, address string, every time.Duration, log *slog.Logger) (Keys, error) {
	if u, err := url.Parse(address); err != nil || u.Host == "" {
		return nil, errors.New("PLATFORM_JWKS: not a URL")
	}
	client := &http.Client{Timeout: 5 * time.Second, CheckRedirect: keepAnswer}
	s := &keySource{log: log, fetch: func(ctx context.Context) ([]byte, error) { return fetchSet(ctx, client, address) }}
	_ = s.read(ctx) // logged
	go s.watch(ctx, every)
	return s, nil
}

func keepAnswer(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

func fetchSet(ctx context.Context, client *http.Client, address string) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, errors.New("not a URL")
	}
	answer, err := client.Do(r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("answered %d", answer.StatusCode)
	}
	return io.ReadAll(io.LimitReader(answer.Body, jwksLimit))
}

// Key returns a key from memory.
func (s *keySource) Key(kid, alg string) (any, bool) {
	set := s.keys.Load()
	if set == nil {
		return nil, false
	}
	return set.Key(kid, alg)
}

func (s *keySource) watch(ctx context.Context, every time.Duration) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			_ = s.read(ctx) // logged
		}
	}
}

// read reads the set and takes its keys if it changed. A fault leaves the last keys.
func (s *keySource) read(ctx context.Context) error {
	raw, err := s.fetch(ctx)
	if err == nil && bytes.Equal(raw, s.raw) {
		s.told = ""
		return nil
	}
	var set keySet
	var skipped []string
	if err == nil {
		set, skipped, err = readKeySet(raw)
	}
	if err != nil {
		if text := err.Error(); text != s.told {
			s.told = text
			s.log.WarnContext(
				ctx, "PLATFORM_JWKS was not read; the last keys stand", "err", err, "skipped",
				strings.Join(skipped, "; "),
			)
		}
		return err
	}
	if len(skipped) > 0 {
		s.log.WarnContext(ctx, "PLATFORM_JWKS has keys that are not believed", "skipped", strings.Join(skipped, "; "))
	}
	if s.raw != nil {
		s.log.InfoContext(ctx, "the platform's keys were read again", "keys", len(set))
	}
	s.raw, s.told = raw, ""
	s.keys.Store(&set)
	return nil
}
