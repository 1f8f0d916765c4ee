package tenants_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

var everyColumn = regexp.MustCompile(`(?i)(?:SELECT|RETURNING)\s+(?:DISTINCT\s+)?(?:\w+\.)?\*|,\s*\w+\.\*`)

// starsOf returns what a statement returns of columns that it does not name: a star that is in no parentheses. Inside a
// subquery a star is harmless, for what leads out of it is named.
func starsOf(sql string) (found []string) {
	for _, at := range everyColumn.FindAllStringIndex(sql, -1) {
		before := sql[:at[0]]
		inside := strings.HasSuffix(strings.TrimSpace(before), "(") || strings.Count(before, "(") > strings.Count(before, ")")
		if !inside {
			found = append(found, sql[at[0]:at[1]])
		}
	}
	return found
}

// A statement that returns all columns changes its result when a later release adds one, while this program runs.
func TestNoStatementReturnsColumnsThatItDoesNotName(t *testing.T) {
	t.Parallel()
	seen := 0
	for _, dir := range []string{".", "../jobs", "../api", "../cmd"} {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
			if err != nil {
				return err
			}
			ast.Inspect(file, func(n ast.Node) bool {
				if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
					text, _ := strconv.Unquote(lit.Value)
					if strings.Contains(text, "SELECT") || strings.Contains(text, "RETURNING") {
						seen++
					}
					for _, star := range starsOf(text) {
						t.Errorf("%s: %s in %.80q", path, star, text)
					}
				}
				return true
			})
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
	if seen < 100 {
		t.Errorf("only %d statements were looked at", seen)
	}
}

func TestAPlantedStarIsFound(t *testing.T) {
	for sql, bad := range map[string]bool{
		`SELECT * FROM sessions`: true, `SELECT m.*, c.id FROM mails m`: true, `SELECT c.id, m.* FROM mails m`: true,
		`UPDATE x SET y = 1 RETURNING *`: true, `SELECT count(*) FROM x`: false, `SELECT a, b * 2 FROM x`: false,
		`SELECT a FROM (SELECT * FROM x) y`: false,
	} {
		if (len(starsOf(sql)) > 0) != bad {
			t.Errorf("%s: %v", sql, starsOf(sql))
		}
	}
}
