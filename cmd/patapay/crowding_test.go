package main

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	gotoken "go/token"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The most that one package and one type may hold (docs/decisions/0028-a-room-for-each-noun.md).
const (
	mostFiles   = 25 // of production, in a package
	mostMethods = 40 // on a type
)

// crowded are the packages and types that hold more, and how much they may hold until they
// part. A number only shrinks.
var crowded = map[string]int{
	"domain": 35, // docs/decisions/0027-domain-is-one-package.md
}

// crowds returns the number of production files of each package, and of methods of each type.
// Generated files count for nothing.
func crowds(t *testing.T) map[string]int {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Dir,GoFiles", "patapay/...").Output()
	if err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	for dec := json.NewDecoder(strings.NewReader(string(out))); dec.More(); {
		var p listedPackage
		if err := dec.Decode(&p); err != nil {
			t.Fatal(err)
		}
		pkg := strings.TrimPrefix(p.ImportPath, "patapay/")
		for _, name := range p.GoFiles {
			file, err := parser.ParseFile(gotoken.NewFileSet(), filepath.Join(p.Dir, name), nil, parser.ParseComments)
			if err != nil {
				t.Fatal(err)
			}
			if ast.IsGenerated(file) {
				continue
			}
			count[pkg]++
			for _, d := range file.Decls {
				if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv != nil {
					count[pkg+"."+receiverName(fn.Recv.List[0].Type)]++
				}
			}
		}
	}
	return count
}

func receiverName(expr ast.Expr) string {
	switch e := expr.(type) {
	case *ast.StarExpr:
		return receiverName(e.X)
	case *ast.IndexExpr:
		return receiverName(e.X)
	case *ast.Ident:
		return e.Name
	}
	return "?"
}

// limitOf returns how much a package, or a type (package.Type), may hold.
func limitOf(name string) int {
	if strings.Contains(filepath.Base(name), ".") {
		return mostMethods
	}
	return mostFiles
}

func TestNoPackageAndNoTypeIsCrowded(t *testing.T) {
	count := crowds(t)
	if len(count) < 100 {
		t.Fatalf("%d packages and types: the source was not read", len(count))
	}
	for name, n := range count {
		most := limitOf(name)
		if allowed, ok := crowded[name]; ok {
			most = allowed
		}
		if n > most {
			t.Errorf("%s holds %d, %d at most", name, n, most)
		}
	}
	for name := range crowded {
		if n := count[name]; n <= limitOf(name) {
			t.Errorf("%s holds %d and is no exception any more", name, n)
		}
	}
}
