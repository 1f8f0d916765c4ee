package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// feed measures how long after it was applied a change is seen on the platform's stream, at 300 events a second.
func (b *bench) feed() error {
	return b.eachBuild(func(r *receiver, prefix string) error {
		w, err := b.work(r)
		if err != nil {
			return err
		}
		defer w.stop()
		if _, err := b.settle(r); err != nil {
			return err
		}
		s, err := r.openStream()
		if err != nil {
			return err
		}
		defer s.close()
		var had, has int
		const count = `SELECT count(*) FROM changes`
		if err := r.look.QueryRow(b.ctx, count).Scan(&had); err != nil {
			return err
		}
		if _, err := b.post(r, b.paces(300), "-c", "32", "-rate", "300"); err != nil {
			return err
		}
		if _, err := r.applied(); err != nil {
			return err
		}
		if err := r.look.QueryRow(b.ctx, count).Scan(&has); err != nil {
			return err
		}
		err = until(b.ctx, 30*time.Second, fmt.Sprintf("%d changes seen", has-had), lookEvery, func() (bool, error) {
			return s.seen() >= has-had, nil
		})
		if err != nil {
			return err
		}
		b.took.add(prefix+"seen p50", s.quantile(0.5))
		b.took.add(prefix+"seen p99", s.quantile(0.99))
		return nil
	})
}

// stream is a reader of the platform's stream: how long after they were applied it saw the changes, in milliseconds.
type stream struct {
	close func()
	mu    sync.Mutex
	took  []float64
}

// openStream follows r's feed of all clinics from its end.
func (r *receiver) openStream() (*stream, error) {
	cmd := exec.CommandContext(r.ctx, filepath.Join(r.bin, "patapay"), "token", "--ttl", "2h")
	cmd.Env = append(os.Environ(), r.env...)
	token, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("token: %w", err)
	}
	ctx, cancel := context.WithCancel(r.ctx)
	get := func(path string) (*http.Response, error) {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+r.addr+path, nil)
		if err != nil {
			return nil, err
		}
		req.Header.Set("Authorization", "Bearer "+strings.TrimSpace(string(token)))
		res, err := http.DefaultClient.Do(req)
		if err == nil && res.StatusCode != http.StatusOK {
			err = fmt.Errorf("%s: %s", path, res.Status)
		}
		return res, err
	}
	s := &stream{close: cancel}
	res, err := get("/v1/feed?limit=0")
	if err != nil {
		cancel()
		return nil, err
	}
	var page struct{ Head string }
	err = json.NewDecoder(res.Body).Decode(&page)
	res.Body.Close()
	if err == nil {
		res, err = get("/v1/feed/stream?cursor=" + page.Head)
	}
	if err != nil {
		cancel()
		return nil, err
	}
	go s.follow(res)
	return s, nil
}

// follow reads entries until the stream is closed.
func (s *stream) follow(res *http.Response) {
	defer res.Body.Close()
	lines := bufio.NewScanner(res.Body)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		data, is := strings.CutPrefix(lines.Text(), "data: ")
		if !is {
			continue
		}
		at := time.Now()
		var e struct{ OccurredAt time.Time }
		if err := json.Unmarshal([]byte(data), &e); err != nil || e.OccurredAt.IsZero() {
			fmt.Fprintln(os.Stderr, "the stream told "+strconv.Quote(data[:min(len(data), 200)]))
			continue
		}
		s.mu.Lock()
		s.took = append(s.took, at.Sub(e.OccurredAt).Seconds()*1000)
		s.mu.Unlock()
	}
}

func (s *stream) seen() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.took)
}

func (s *stream) quantile(q float64) float64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	slices.Sort(s.took)
	return s.took[min(int(q*float64(len(s.took))), len(s.took)-1)]
}
