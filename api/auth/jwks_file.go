package auth

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"os"
	"sync/atomic"
	"time"

	"github.com/MicahParks/keyfunc/v3"
)

// jwksFile is a JWK set in a file, as it was when it last could be read.
type jwksFile struct {
	path string
	read []byte // what keys were made of
	keys atomic.Pointer[jwks]
}

// JWKSFile returns the keys of the JWK set in the file at path, which is read again each
// time every has passed, until ctx ends: an operator rotates keys without a restart, the
// new one beside the old one first. A file that is away, half written or without a key
// changes nothing and is logged. It fails when the first read does.
func JWKSFile(ctx context.Context, path string, every time.Duration, log *slog.Logger) (Keys, error) {
	f := &jwksFile{path: path}
	if _, err := f.checkFile(ctx); err != nil {
		return nil, errors.New("PLATFORM_JWKS: the file is not a JWK set")
	}
	go f.watch(ctx, every, log)
	return f, nil
}

// Key returns a key from memory.
func (f *jwksFile) Key(kid string) (any, bool) { return f.keys.Load().Key(kid) }

func (f *jwksFile) watch(ctx context.Context, every time.Duration, log *slog.Logger) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	told := "" // a fault is told once, not each five seconds
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		switch changed, err := f.checkFile(ctx); {
		case err != nil && err.Error() != told:
			told = err.Error()
			log.WarnContext(ctx, "PLATFORM_JWKS not understood; the last keys stand", "err", err)
		case changed:
			log.InfoContext(ctx, "the platform's keys were read again")
			fallthrough
		case err == nil:
			told = ""
		}
	}
}

// look reads the file and takes its keys if it changed.
func (f *jwksFile) checkFile(ctx context.Context) (changed bool, err error) {
	file, err := os.Open(f.path)
	if err != nil {
		return false, err
	}
	defer file.Close()
	raw, err := io.ReadAll(io.LimitReader(file, jwksLimit))
	if err != nil || bytes.Equal(raw, f.read) {
		return false, err
	}
	set, err := keyfunc.NewJWKSetJSON(json.RawMessage(raw))
	if err != nil {
		return false, err
	}
	if all, err := set.Storage().KeyReadAll(ctx); err != nil || len(all) == 0 {
		return false, errors.New("no key in the set")
	}
	f.read = raw
	f.keys.Store(&jwks{set.Storage()})
	return true, nil
}
