package main

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	gotoken "go/token"
	"go/types"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// source is our packages, read and type-checked.
type source struct {
	fset  *gotoken.FileSet
	calls map[*types.Func]map[*types.Func]bool // who calls whom, by name; calls through interfaces are not followed
	takes map[*types.Func]bool                 // functions that take a connection from a pool
	holds []heldCall
}

// heldCall is a call that stands where a transaction is open.
type heldCall struct {
	at     gotoken.Position
	callee *types.Func
}

// listedPackage is what `go list` tells of a package.
type listedPackage struct {
	ImportPath, Dir, Export string
	GoFiles                 []string
}

// readSource type-checks each package whose path begins with prefix, and those of extra,
// which maps an import path to the text of its one file.
func readSource(t *testing.T, prefix string, extra map[string]string) *source {
	t.Helper()
	cmd := exec.CommandContext(
		t.Context(), "go", "list", "-export", "-deps", "-json=ImportPath,Dir,Export,GoFiles", "patapay/...",
	)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	exports := map[string]string{}
	var ours []listedPackage
	for dec := json.NewDecoder(strings.NewReader(string(out))); dec.More(); {
		var p listedPackage
		if err := dec.Decode(&p); err != nil {
			t.Fatal(err)
		}
		if exports[p.ImportPath] = p.Export; p.ImportPath == "patapay" || strings.HasPrefix(p.ImportPath, prefix) {
			ours = append(ours, p)
		}
	}
	if len(ours) < 5 {
		t.Fatalf("go list told of %d packages", len(ours))
	}
	s := &source{fset: gotoken.NewFileSet(), calls: map[*types.Func]map[*types.Func]bool{}, takes: map[*types.Func]bool{}}
	checked := &ourImporter{done: map[string]*types.Package{}, ours: map[string]func() *types.Package{}}
	checked.others = importer.ForCompiler(
		s.fset,
		"gc",
		func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) },
	)
	for _, p := range ours {
		var files []*ast.File
		for _, name := range p.GoFiles {
			files = append(files, s.parse(t, filepath.Join(p.Dir, name), nil))
		}
		checked.ours[p.ImportPath] = func() *types.Package { return s.check(t, p.ImportPath, files, checked) }
	}
	for path, text := range extra {
		files := []*ast.File{s.parse(t, path+".go", text)}
		checked.ours[path] = func() *types.Package { return s.check(t, path, files, checked) }
	}
	for path := range maps.Clone(checked.ours) {
		if _, err := checked.Import(path); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func (s *source) parse(t *testing.T, name string, text any) *ast.File {
	t.Helper()
	f, err := parser.ParseFile(s.fset, name, text, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// ourImporter type-checks our packages once, so that a function is the same wherever it is
// called, and takes the others as the compiler left them.
type ourImporter struct {
	done   map[string]*types.Package
	ours   map[string]func() *types.Package
	others types.Importer
}

// Import returns the package of a path.
func (i *ourImporter) Import(path string) (*types.Package, error) {
	check, isOurs := i.ours[path]
	if !isOurs {
		return i.others.Import(path)
	}
	if i.done[path] == nil {
		i.done[path] = check()
	}
	return i.done[path], nil
}

func (s *source) check(t *testing.T, path string, files []*ast.File, imports types.Importer) *types.Package {
	t.Helper()
	info := &types.Info{
		Uses:  map[*ast.Ident]types.Object{},
		Defs:  map[*ast.Ident]types.Object{},
		Types: map[ast.Expr]types.TypeAndValue{},
	}
	pkg, err := (&types.Config{Importer: imports}).Check(path, s.fset, files, info)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Body != nil {
				me := info.Defs[fn.Name].(*types.Func)
				s.walk(fn.Body, me, takesTx(me.Signature()), info)
			}
		}
	}
	return pkg
}

// walk notes the calls of a body; open says that a transaction is open in it.
func (s *source) walk(body ast.Node, me *types.Func, open bool, info *types.Info) {
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			signature, _ := info.Types[n].Type.(*types.Signature)
			s.walk(n.Body, me, open || takesTx(signature), info)
			return false
		case *ast.Ident:
			switch used := info.Uses[n].(type) {
			case *types.Func:
				used = used.Origin()
				if s.calls[me] == nil {
					s.calls[me] = map[*types.Func]bool{}
				}
				s.calls[me][used] = true
				if open {
					s.holds = append(s.holds, heldCall{s.fset.Position(n.Pos()), used})
				}
			case *types.Var:
				if isPool(used) {
					s.takes[me] = true
				}
			}
		}
		return true
	})
}

// isPool tells whether a variable is one of the pools of a tenants.DB.
func isPool(v *types.Var) bool {
	return v.IsField() && v.Pkg() != nil && v.Pkg().Path() == "patapay/tenants" &&
		(v.Name() == "pool" || v.Name() == "sql")
}

// takesTx tells whether a function is given a transaction, as receiver or parameter.
func takesTx(s *types.Signature) bool {
	if s == nil {
		return false
	}
	if s.Recv() != nil && isTx(s.Recv().Type()) {
		return true
	}
	for v := range s.Params().Variables() {
		if isTx(v.Type()) {
			return true
		}
	}
	return false
}

func isTx(t types.Type) bool {
	p, ok := t.(*types.Pointer)
	if !ok {
		return false
	}
	named, ok := p.Elem().(*types.Named)
	return ok && named.Obj().Name() == "Tx" && named.Obj().Pkg() != nil && named.Obj().Pkg().Path() == "patapay/tenants"
}

// second returns one line for each place where a transaction is open and a connection is
// taken, however many calls lie between.
func (s *source) second() (lines []string) {
	for grown := true; grown; {
		grown = false
		for caller, callees := range s.calls {
			for callee := range callees {
				if s.takes[callee] && !s.takes[caller] {
					s.takes[caller], grown = true, true
				}
			}
		}
	}
	for _, h := range s.holds {
		if s.takes[h.callee] {
			lines = append(
				lines,
				fmt.Sprintf("%s: %s takes a second connection inside a transaction", h.at, h.callee.FullName()),
			)
		}
	}
	slices.Sort(lines)
	return slices.Compact(lines)
}

// planted is what the check must find in lines 12, 16 and 25, and nothing else.
const planted = `package planted

import (
	"context"
	"time"

	"patapay/tenants"
	"patapay/tenants/alarm"
)

func direct(ctx context.Context, db *tenants.DB) error {
	return db.In(ctx, 1, func(tx *tenants.Tx) error { return alarm.Raise(db, ctx, 1, "kind", time.Time{}) })
}

func byWay(ctx context.Context, db *tenants.DB) error {
	return db.In(ctx, 1, func(tx *tenants.Tx) error { return func() error { return far(ctx, db) }() })
}

func far(ctx context.Context, db *tenants.DB) error { return near(ctx, db) }

func near(ctx context.Context, db *tenants.DB) error {
	return db.Platform(ctx, func(*tenants.Tx) error { return nil })
}

func helper(tx *tenants.Tx, db *tenants.DB) error { return db.Ping(context.Background()) }

func fine(ctx context.Context, db *tenants.DB) error {
	err := db.In(ctx, 1, func(tx *tenants.Tx) error { _ = tx.Clinic(); return nil })
	if err == nil {
		err = far(ctx, db)
	}
	return err
}
`

// A transaction that waits for another connection of its pool waits for the transactions
// beside it, and they may wait for the same: six refused keys at once held all six
// connections of the worker and waited for a seventh.
func TestNoTransactionTakesASecondConnection(t *testing.T) {
	s := readSource(t, "patapay/", map[string]string{"patapay/planted": planted})
	if len(s.holds) < 100 || len(s.takes) < 5 {
		t.Fatalf(
			"%d calls inside transactions and %d functions that take a connection: the source was not read",
			len(s.holds),
			len(s.takes),
		)
	}
	var found []string
	for _, line := range s.second() {
		at, isPlanted := strings.CutPrefix(line, "patapay/planted.go:")
		if !isPlanted {
			t.Error(line)
			continue
		}
		found = append(found, strings.Split(at, ":")[0])
	}
	if want := []string{"12", "16", "25"}; !slices.Equal(found, want) {
		t.Errorf("planted: found in lines %v, want %v", found, want)
	}
}
