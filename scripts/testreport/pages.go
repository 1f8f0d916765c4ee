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
	again func(raw []byte) []string // names of the tests that passed only when they were tried again; nil: none are tried again
}

var suites = []suite{
	{"vitest", []string{"vitest", "run", "--reporter=json", "--outputFile=FILE"}, "", countVitest, nil},
	{"playwright", []string{"playwright", "test"}, "PLAYWRIGHT_JSON_OUTPUT_FILE", countPlaywright, triedAgain},
}

// pages runs the suites of the pages in dir, one line each. Where the pages cannot be
// built, each suite counts as skipped, and that is told.
func (r *report) pages(dir string) {
	if _, err := os.Stat(filepath.Join(dir, "dist", "app.html")); err != nil {
		fmt.Fprintln(r.out, "the pages are not built, so they are not tested (Node 20 or newer is missing)")
		r.total.skipped += len(suites)
		return
	}
	for _, s := range suites {
		start := time.Now()
		c, again, output := s.run(dir)
		r.total.add(c)
		word := "ok  "
		if c.failed > 0 {
			word = "FAIL"
		}
		fmt.Fprintf(r.out, "%s %-40s %4d passed %3d failed %3d skipped  %6.1f s\n", word, dir+" "+s.name, c.passed, c.failed, c.skipped, time.Since(start).Seconds())
		for _, name := range again {
			fmt.Fprintf(r.out, "     passed only when it was tried again: %s\n", name)
		}
		if c.failed > 0 {
			fmt.Fprintf(r.out, "%s\n", output)
		}
	}
}

// run returns the suite's counts, which tests needed a second try, and what it printed. One that ends badly with no failed
// test to show for it has one failure.
func (s suite) run(dir string) (c counts, again []string, output []byte) {
	tmp, err := os.MkdirTemp("", "testreport")
	if err != nil {
		return counts{failed: 1}, nil, []byte(err.Error())
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
		return counts{failed: 1}, nil, append(output, err.Error()...)
	}
	if s.again != nil {
		again = s.again(raw)
	}
	c, err = s.count(raw)
	if err = errors.Join(err, ended); err != nil && c.failed == 0 {
		c.failed = 1
		output = append(output, err.Error()...)
	}
	return c, again, output
}

func countVitest(raw []byte) (counts, error) {
	var told struct{ NumPassedTests, NumFailedTests, NumPendingTests, NumTodoTests int }
	err := json.Unmarshal(raw, &told)
	return counts{told.NumPassedTests, told.NumFailedTests, told.NumPendingTests + told.NumTodoTests}, err
}

// countPlaywright counts a test that passed when it was tried again as passed; its name is
// told beside. Three browsers on two cores meet waits that no one program would.
func countPlaywright(raw []byte) (counts, error) {
	var told struct {
		Stats struct{ Expected, Unexpected, Flaky, Skipped int }
	}
	err := json.Unmarshal(raw, &told)
	return counts{told.Stats.Expected + told.Stats.Flaky, told.Stats.Unexpected, told.Stats.Skipped}, err
}

// playwrightSuite is a file or a block of Playwright's report.
type playwrightSuite struct {
	Suites []playwrightSuite
	Specs  []struct {
		Title string
		Tests []struct{ Status string }
	}
}

func (s playwrightSuite) flaky() (names []string) {
	for _, inner := range s.Suites {
		names = append(names, inner.flaky()...)
	}
	for _, spec := range s.Specs {
		for _, test := range spec.Tests {
			if test.Status == "flaky" {
				names = append(names, spec.Title)
			}
		}
	}
	return names
}

// triedAgain names the tests of Playwright's report that passed only the second time.
func triedAgain(raw []byte) []string {
	var told playwrightSuite
	if err := json.Unmarshal(raw, &told); err != nil {
		return []string{err.Error()}
	}
	return told.flaky()
}
