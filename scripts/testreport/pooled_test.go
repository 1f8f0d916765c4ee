package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestEveryTestThatGoesThroughThePoolerExistsAndTheyAreSixtyAtMost(t *testing.T) {
	n := 0
	for path, tests := range pooled {
		var text strings.Builder
		files, err := filepath.Glob(filepath.Join("../..", path, "*_test.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			raw, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			text.Write(raw)
		}
		for _, test := range tests {
			n++
			if !strings.Contains(text.String(), "\nfunc "+test+"(t *testing.T)") {
				t.Errorf("%s has no %s", path, test)
			}
		}
	}
	if n == 0 || n > 60 {
		t.Errorf("%d tests go through the pooler, want 1 to 60", n)
	}
}
