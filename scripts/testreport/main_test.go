package main

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestWhatIsCounted(t *testing.T) {
	for _, row := range []struct {
		rule, events string
		goTest       error
		last         string
		good         bool
	}{
		{"a test that passes", run("A") + end("pass", "A") + end("pass", ""), nil, "1 passed, 0 failed, 0 skipped", true},
		{
			"a skipped test is neither", run("A") + end("pass", "A") + run("B") + end("skip", "B") + end("pass", ""),
			nil, "1 passed, 0 failed, 1 skipped", true,
		},
		{
			"a parent counts as its subtests",
			run("A") + run("A/x") + run("A/y") + end("pass", "A/x") + end("pass", "A/y") + end("pass", "A") + end("pass", ""),
			nil, "2 passed, 0 failed, 0 skipped", true,
		},
		{
			"a failing subtest counts once", run("A") + run("A/x") + end("fail", "A/x") + end("fail", "A") + end("fail", ""),
			errors.New("exit status 1"), "0 passed, 1 failed, 0 skipped", false,
		},
		{
			"a parent may fail alone", run("A") + run("A/x") + end("pass", "A/x") + end("fail", "A") + end("fail", ""),
			errors.New("exit status 1"), "1 passed, 1 failed, 0 skipped", false,
		},
		{
			"a name that begins like another is not its subtest",
			run("A") + run("AB") + end("pass", "A") + end("fail", "AB") + end("fail", ""),
			errors.New("exit status 1"), "1 passed, 1 failed, 0 skipped", false,
		},
		{
			"a test that never ended failed", run("A") + end("fail", ""),
			errors.New("exit status 1"), "0 passed, 1 failed, 0 skipped", false,
		},
		{
			"a package that does not build failed", end("fail", ""),
			errors.New("exit status 1"), "0 passed, 1 failed, 0 skipped", false,
		},
		{
			"a package that never ended failed", run("A") + end("pass", "A"),
			errors.New("killed"), "1 passed, 1 failed, 0 skipped", false,
		},
		{"no test at all is no success", end("skip", ""), nil, "0 passed, 0 failed, 0 skipped", false},
		{
			"only skipped tests are no success", run("A") + end("skip", "A") + end("pass", ""),
			nil, "0 passed, 0 failed, 1 skipped", false,
		},
		{
			"go test's own failure counts", run("A") + end("pass", "A") + end("pass", ""),
			errors.New("exit status 2"), "1 passed, 0 failed, 0 skipped", false,
		},
	} {
		t.Run(row.rule, func(t *testing.T) {
			var out strings.Builder
			r := newReport(&out)
			r.read(strings.NewReader(row.events))
			good := r.finish(row.goTest)
			lines := strings.Split(strings.TrimSpace(out.String()), "\n")
			if last := lines[len(lines)-1]; last != row.last || good != row.good {
				t.Errorf("%q, good %t; want %q, %t", last, good, row.last, row.good)
			}
		})
	}
}

func TestTheOutputOfWhatFailedIsShownAndNoOther(t *testing.T) {
	var out strings.Builder
	r := newReport(&out)
	r.read(
		strings.NewReader(
			run(
				"A",
			) + output(
				"A",
				"quiet",
			) + end("pass", "A") + run("B") + output("B", "loud") + end("fail", "B") + end("fail", ""),
		),
	)
	if !strings.Contains(out.String(), "loud") || strings.Contains(out.String(), "quiet") {
		t.Errorf("output %q", out.String())
	}
}

func TestTheTenSlowestPackagesAreNamedSlowestFirst(t *testing.T) {
	var out strings.Builder
	r := newReport(&out)
	var events strings.Builder
	for n := range 12 {
		fmt.Fprintf(&events, `{"Action":"run","Package":"p%02d","Test":"A"}`+"\n", n)
		fmt.Fprintf(&events, `{"Action":"pass","Package":"p%02d","Test":"A"}`+"\n", n)
		fmt.Fprintf(&events, `{"Action":"pass","Package":"p%02d","Elapsed":%d.5}`+"\n", n, n)
	}
	r.read(strings.NewReader(events.String()))
	r.finish(nil)
	_, list, found := strings.Cut(out.String(), "slowest:\n")
	if lines := strings.Split(strings.TrimSpace(list), "\n"); !found || len(lines) != 11 ||
		lines[0] != "11.5 s  p11" || strings.TrimSpace(lines[9]) != "2.5 s  p02" {
		t.Errorf("%q", list)
	}
}

func run(test string) string { return `{"Action":"run","Package":"p","Test":"` + test + `"}` + "\n" }

func end(action, test string) string {
	return `{"Action":"` + action + `","Package":"p","Test":"` + test + `"}` + "\n"
}

func output(test, text string) string {
	return `{"Action":"output","Package":"p","Test":"` + test + `","Output":"` + text + `\n"}` + "\n"
}
