package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// part is something that is measured once a round, or once a run.
type part struct {
	name    string
	profile string
	about   time.Duration // what a round of it takes before one was seen, with the usual counts
	most    int           // rounds of it; 0: as many as the run has
	fn      func(*bench) error
}

var parts = []part{
	{"ack", plain, 45 * time.Second, 0, (*bench).ack},
	{"calm", plain, 45 * time.Second, 0, (*bench).calm},
	{"sparse", plain, 50 * time.Second, 0, (*bench).sparse},
	{"lone", plain, 50 * time.Second, 0, (*bench).lone},
	{"end", plain, 60 * time.Second, 0, (*bench).endToEnd},
	{"feed", plain, 35 * time.Second, 0, (*bench).feed},
	{"drain", plain, 70 * time.Second, 0, (*bench).drain},
	{"both", plain, 70 * time.Second, 0, (*bench).both},
	{"sizes", plain, 70 * time.Second, 3, (*bench).sizes},
	{"confirmed", production, 190 * time.Second, 3, (*bench).confirmed},
	{"growth", plain, 5 * time.Minute, 1, (*bench).growth},
}

// The profiles: clinics whose money nobody confirms, and clinics as production has them.
const (
	plain      = "plain"
	production = "production"
	all        = "all"
)

// names tells the parts, for people.
func names() string {
	var list []string
	for _, p := range parts {
		list = append(list, p.name)
	}
	return strings.Join(list, ", ")
}

// chosen returns the parts that a run measures.
func (o options) chosen() (list []part, err error) {
	if !slices.Contains([]string{plain, production, all}, o.profile) {
		return nil, fmt.Errorf("-profile %s is neither %s, %s nor %s", o.profile, plain, production, all)
	}
	only := strings.FieldsFunc(o.only, func(r rune) bool { return r == ',' || r == ' ' })
	for _, p := range parts {
		if len(only) > 0 && !slices.Contains(only, p.name) || o.profile != all && o.profile != p.profile {
			continue
		}
		if p.name != "growth" || o.stored > 0 {
			list = append(list, p)
		}
	}
	for _, name := range only {
		if !slices.ContainsFunc(list, func(p part) bool { return p.name == name }) {
			return nil, fmt.Errorf("-only %s: there is no such part in this profile, of %s", name, names())
		}
	}
	return list, nil
}

// turn is one round of a part.
type turn struct {
	part
	round int
}

// measure does all rounds of the parts, and tells on stderr where it is and how long it will take.
func measure(b *bench, list []part) error {
	var plan []turn
	for round := 1; round <= b.rounds; round++ {
		for _, p := range list {
			if p.most == 0 || p.most > 1 && round <= p.most {
				plan = append(plan, turn{p, round})
			}
		}
	}
	for _, p := range list {
		if p.most == 1 { // at the end: what it stores, the disk has to do with for a while
			plan = append(plan, turn{p, 1})
		}
	}
	start, took := time.Now(), map[string][]float64{}
	for i, t := range plan {
		left := time.Duration(0)
		for _, next := range plan[i:] {
			span := next.about
			if seen := took[next.name]; len(seen) > 0 {
				span = time.Duration(median(seen) * float64(time.Second))
			}
			left += span
		}
		fmt.Fprintf(
			os.Stderr, "%s of about %s: round %d of %d, %s\n", time.Since(start).Round(time.Second),
			(time.Since(start) + left).Round(10*time.Second), t.round, b.rounds, t.name,
		)
		began := time.Now()
		if err := t.fn(b); err != nil {
			return fmt.Errorf("part %s, round %d: %w\n%s", t.name, t.round, err, lastLines(b.dir, began))
		}
		took[t.name] = append(took[t.name], time.Since(began).Seconds())
	}
	return nil
}

// lastLines returns the ends of the logs that were written since an instant: who looks for what broke needs no second
// run. A file's time is coarser than a program's.
func lastLines(dir string, since time.Time) string {
	const most = 15
	var text strings.Builder
	logs, _ := filepath.Glob(filepath.Join(dir, "*.log"))
	for _, path := range logs {
		raw, err := os.ReadFile(path)
		if info, statErr := os.Stat(path); err != nil || statErr != nil || info.ModTime().Before(since.Add(-time.Second)) {
			continue
		}
		lines := strings.Split(strings.TrimRight(string(raw), "\n"), "\n")
		fmt.Fprintf(&text, "--- %s\n%s\n", filepath.Base(path), strings.Join(lines[max(0, len(lines)-most):], "\n"))
	}
	return text.String()
}
