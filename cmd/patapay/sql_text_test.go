package main

import (
	"go/ast"
	"go/parser"
	gotoken "go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

// TestSQLTextHasPostgresParameters: two ways to write a parameter were two ways to misread a statement. Only what a
// filter adds to a query that is put together has question marks, which are numbered once all is there.
func TestSQLTextHasPostgresParameters(t *testing.T) {
	t.Parallel()
	seen := 0
	for _, folder := range []string{"api", "cmd", "jobs", "tenants"} {
		err := filepath.WalkDir(filepath.Join("../..", folder), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			set := gotoken.NewFileSet()
			file, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			ast.Inspect(file, func(n ast.Node) bool {
				call, is := n.(*ast.CallExpr)
				if !is || len(call.Args) == 0 {
					return true
				}
				if f, is := call.Fun.(*ast.SelectorExpr); !is || f.Sel.Name != "Raw" && f.Sel.Name != "Exec" {
					return true
				}
				seen++
				if complete(call.Args[0]) && strings.Contains(textOf(call.Args[0]), "?") {
					t.Errorf("%s: write $1, $2 … in place of ?", set.Position(call.Pos()))
				}
				return true
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if seen < 100 {
		t.Errorf("only %d statements were looked at", seen)
	}
}

// complete tells whether an expression begins with text, so that nothing before it has parameters.
func complete(e ast.Expr) bool {
	for {
		sum, is := e.(*ast.BinaryExpr)
		if !is {
			_, text := e.(*ast.BasicLit)
			return text
		}
		e = sum.X
	}
}

// textOf returns the quoted parts of an expression.
func textOf(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		return e.Value
	case *ast.BinaryExpr:
		return textOf(e.X) + textOf(e.Y)
	}
	return ""
}
