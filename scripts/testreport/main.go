// Testreport runs `go test -json` with its arguments and tells how it goes: one line a
// package as it ends, the output of what failed, and last `N passed, N failed, N skipped`.
//
// A test counts once; one with subtests counts as its subtests, unless it failed while
// they passed. With `-pages DIR` in front the suites of the pages in DIR follow and count
// along; with `-pooler` before all of it a few tests run again through PgBouncer; with `-speed DIR` those of their
// tests that assert times. A package that fails outside a test (it does not build, panics, times out) counts as one
// failure. The exit code is 1 when anything failed or nothing ran.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
)

func main() {
	args, dir := os.Args[1:], ""
	pooler := len(args) > 0 && args[0] == "-pooler"
	if pooler {
		args = args[1:]
	}
	var suites []suite
	if len(args) > 1 && (args[0] == "-pages" || args[0] == "-speed") {
		dir, suites = args[1], pageSuites
		if args[0] == "-speed" {
			suites = speedSuites
		}
		args = args[2:]
	}
	cmd := goTest(args...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "testreport:", err)
		os.Exit(1)
	}
	r := newReport(os.Stdout)
	r.read(out)
	err = cmd.Wait()
	if pooler {
		err = errors.Join(err, r.throughPooler())
	}
	if dir != "" {
		r.pages(dir, suites)
	}
	if !r.finish(err) {
		os.Exit(1)
	}
}

// goTest returns `go test -json` with args. It leaves out what costs a minute of every run and tells nothing: the
// part of vet that `make vet` has just done for the whole program, and the symbols that only a debugger reads.
func goTest(args ...string) *exec.Cmd {
	return exec.Command("go", append([]string{"test", "-json", "-vet=off", "-ldflags=-s"}, args...)...)
}

// event is a line of `go test -json` (go doc test2json).
type event struct {
	Action, Package, ImportPath, Test, Output string
	Elapsed                                   float64 // seconds
}

// counts are tests by outcome.
type counts struct{ passed, failed, skipped int }

func (c *counts) add(other counts) {
	c.passed += other.passed
	c.failed += other.failed
	c.skipped += other.skipped
}

// report gathers events and prints what they come to.
type report struct {
	out      io.Writer
	packages map[string]*pkg
	total    counts
	times    []timed
	build    map[string][]string // compiler output by import path
	suffix   string              // of a package's name: how it runs this time
}

// pkg is a package whose tests are running.
type pkg struct {
	outcome map[string]string   // by test: pass, fail, skip; "" while it runs
	output  map[string][]string // by test; "" is the package's own
	cached  bool                // nothing ran: an earlier run of the same code and settings stands
}

func newReport(out io.Writer) *report {
	return &report{out: out, packages: map[string]*pkg{}, build: map[string][]string{}}
}

func (r *report) read(in io.Reader) {
	lines := bufio.NewReader(in)
	for {
		line, err := lines.ReadBytes('\n')
		var e event
		switch {
		case len(line) == 0:
		case json.Unmarshal(line, &e) == nil:
			r.take(e)
		default:
			_, _ = r.out.Write(line)
		}
		if err != nil {
			return
		}
	}
}

func (r *report) take(e event) {
	switch e.Action {
	case "build-output":
		r.build[e.ImportPath] = append(r.build[e.ImportPath], e.Output)
		return
	case "build-fail":
		fmt.Fprintf(r.out, "%s does not build\n", e.ImportPath)
		r.print(r.build[e.ImportPath])
		return
	}
	p := r.packages[e.Package]
	if p == nil {
		p = &pkg{outcome: map[string]string{}, output: map[string][]string{}}
		r.packages[e.Package] = p
	}
	switch e.Action {
	case "run":
		p.outcome[e.Test] = ""
	case "output":
		p.output[e.Test] = append(p.output[e.Test], e.Output)
		p.cached = p.cached || e.Test == "" && strings.HasSuffix(e.Output, "\t(cached)\n")
	case "pass", "fail", "skip":
		if e.Test != "" {
			p.outcome[e.Test] = e.Action
			break
		}
		r.end(e, p)
	}
}

// end counts a package, prints its line and the output of what failed in it.
func (r *report) end(e event, p *pkg) {
	delete(r.packages, e.Package)
	c, failed := p.count()
	if e.Action == "fail" && c.failed == 0 {
		c.failed, failed = 1, []string{""}
	}
	r.total.add(c)
	if c == (counts{}) {
		return // no tests in it
	}
	r.times = append(r.times, timed{e.Package + r.suffix, e.Elapsed})
	word := "ok  "
	if c.failed > 0 {
		word = "FAIL"
	}
	took := fmt.Sprintf("%6.1f s", e.Elapsed)
	if p.cached {
		took = "  cached"
	}
	fmt.Fprintf(
		r.out, "%s %-40s %4d passed %3d failed %3d skipped  %s\n", word, e.Package+r.suffix, c.passed, c.failed, c.skipped,
		took,
	)
	for _, test := range failed {
		r.print(p.output[test])
	}
}

func (r *report) print(lines []string) {
	for _, line := range lines {
		fmt.Fprint(r.out, "    ", line)
	}
}

// finish prints the last line and tells whether all is well. goTest is how the command
// itself ended.
func (r *report) finish(goTest error) bool {
	for name, p := range r.packages { // begun, never ended: go test itself was stopped
		r.end(event{Action: "fail", Package: name}, p)
	}
	ran := r.total.passed + r.total.failed
	if goTest != nil && r.total.failed == 0 {
		fmt.Fprintln(r.out, "go test:", goTest)
	}
	if goTest == nil && ran == 0 {
		fmt.Fprintln(r.out, "no test ran")
	}
	r.slowest(10)
	fmt.Fprintf(r.out, "%d passed, %d failed, %d skipped\n", r.total.passed, r.total.failed, r.total.skipped)
	return goTest == nil && r.total.failed == 0 && ran > 0
}
