package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// suite is a command that tests the pages and tells of it in JSON.
type suite struct {
	name  string
	args  []string // after npx; FILE is where the JSON goes
	env   string   // variable that names that file; "" when FILE does
	count func(raw []byte) (counts, error)
}

const playwrightFile = "PLAYWRIGHT_JSON_OUTPUT_FILE"

// pageSuites are the suites of -pages; none of them asserts a time.
var pageSuites = []suite{
	{"vitest", []string{"vitest", "run", "--reporter=json", "--outputFile=FILE"}, "", countVitest},
	{"playwright", []string{"playwright", "test", "--project", "pages"}, playwrightFile, countPlaywright},
}

// speedSuites are the suites of -speed, whose tests assert times in a browser.
var speedSuites = []suite{
	{"playwright speed", []string{"playwright", "test", "--project", "speed"}, playwrightFile, countPlaywright},
}

// pages runs suites of the pages in dir, one line each. Where the pages cannot be
// built, each suite counts as skipped, and that is told.
func (r *report) pages(dir string, suites []suite) {
	if _, err := os.Stat(filepath.Join(dir, "dist", "app.html")); err != nil {
		fmt.Fprintln(r.out, "the pages are not built, so they are not tested (Node 20 or newer is missing)")
		r.total.skipped += len(suites)
		return
	}
	for _, s := range suites {
		start := time.Now()
		c, output := s.run(dir)
		r.total.add(c)
		word := "ok  "
		if c.failed > 0 {
			word = "FAIL"
		}
		took := time.Since(start).Seconds()
		r.times = append(r.times, timed{dir + " " + s.name, took})
		fmt.Fprintf(r.out, "%s %-40s %4d passed %3d failed %3d skipped  %6.1f s\n",
			word, dir+" "+s.name, c.passed, c.failed, c.skipped, took)
		if c.failed > 0 {
			fmt.Fprintf(r.out, "%s\n", output)
		}
	}
}

// run returns the suite's counts and what it printed. One that ends badly with no failed
// test to show for it has one failure.
func (s suite) run(dir string) (c counts, output []byte) {
	tmp, err := os.MkdirTemp("", "testreport")
	if err != nil {
		return counts{failed: 1}, []byte(err.Error())
	}
	defer os.RemoveAll(tmp)
	file := filepath.Join(tmp, "report.json")
	args := []string{"--no-install"}
	for _, a := range s.args {
		args = append(args, string(bytes.ReplaceAll([]byte(a), []byte("FILE"), []byte(file))))
	}
	cmd := exec.Command("npx", args...)
	cmd.Dir, cmd.Env = dir, os.Environ()
	if s.env != "" {
		cmd.Env = append(cmd.Env, s.env+"="+file)
	}
	output, ended := cmd.CombinedOutput()
	raw, err := os.ReadFile(file)
	if err != nil {
		return counts{failed: 1}, append(output, err.Error()...)
	}
	c, err = s.count(raw)
	if err = errors.Join(err, ended); err != nil && c.failed == 0 {
		c.failed = 1
		output = append(output, err.Error()...)
	}
	return c, output
}

func countVitest(raw []byte) (counts, error) {
	var told struct{ NumPassedTests, NumFailedTests, NumPendingTests, NumTodoTests int }
	err := json.Unmarshal(raw, &told)
	return counts{told.NumPassedTests, told.NumFailedTests, told.NumPendingTests + told.NumTodoTests}, err
}

// countPlaywright counts a test that passed only when it was tried again as failed, though
// the configuration of this project tries none again.
func countPlaywright(raw []byte) (counts, error) {
	var told struct {
		Stats struct{ Expected, Unexpected, Flaky, Skipped int }
	}
	err := json.Unmarshal(raw, &told)
	return counts{told.Stats.Expected, told.Stats.Unexpected + told.Stats.Flaky, told.Stats.Skipped}, err
}
