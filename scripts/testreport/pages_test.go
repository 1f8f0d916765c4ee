package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestThePagesSuitesAreCounted(t *testing.T) {
	for _, row := range []struct {
		rule, raw string
		count     func([]byte) (counts, error)
		want      counts
	}{
		{
			"vitest", `{"numPassedTests":71,"numFailedTests":2,"numPendingTests":1,"numTodoTests":1}`,
			countVitest,
			counts{71, 2, 2},
		},
		{"playwright", `{"stats":{"expected":14,"unexpected":1,"flaky":0,"skipped":3}}`, countPlaywright, counts{14, 1, 3}},
		{
			"one that passed only the second time failed",
			`{"stats":{"expected":1,"flaky":1}}`, countPlaywright,
			counts{1, 1, 0},
		},
	} {
		if got, err := row.count([]byte(row.raw)); err != nil || got != row.want {
			t.Errorf("%s: %v, %v", row.rule, got, err)
		}
	}
}

func TestWhatIsTimedRunsApart(t *testing.T) {
	project := func(suites []suite) (names []string) {
		for _, s := range suites {
			if at := slices.Index(s.args, "--project"); at > 0 {
				names = append(names, s.args[at+1])
			}
		}
		return names
	}
	if got := project(pageSuites); !slices.Equal(got, []string{"pages"}) {
		t.Errorf("-pages runs %q", got)
	}
	if got := project(speedSuites); !slices.Equal(got, []string{"speed"}) {
		t.Errorf("-speed runs %q", got)
	}
}

func TestASuiteThatTellsNothingFailed(t *testing.T) {
	bin := t.TempDir()
	if err := os.WriteFile(filepath.Join(bin, "npx"), []byte("#!/bin/sh\necho broken\nexit 1\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin+":"+os.Getenv("PATH"))
	for _, s := range slices.Concat(pageSuites, speedSuites) {
		if c, output := s.run(t.TempDir()); c != (counts{failed: 1}) || !strings.Contains(string(output), "broken") {
			t.Errorf("%s: %v %q", s.name, c, output)
		}
	}
}

func TestPagesThatAreNotBuiltAreSkippedAndThatIsTold(t *testing.T) {
	var out strings.Builder
	r := newReport(&out)
	r.pages(t.TempDir(), pageSuites)
	if r.total != (counts{skipped: len(pageSuites)}) || !strings.Contains(out.String(), "not built") {
		t.Errorf("%v %q", r.total, out.String())
	}
}
