package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// root is the repository, as seen from this package.
const root = "../.."

// notOurs are folders that hold what others wrote, or what was built.
var notOurs = []string{".git", ".data", "bin", "dist", "node_modules", "test-results", "playwright-report"}

// filesOf returns the repository's files with one of the endings, as paths from its root.
func filesOf(t *testing.T, endings ...string) (files []string) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && slices.Contains(notOurs, entry.Name()):
			return filepath.SkipDir
		case entry.IsDir():
			return nil
		}
		for _, ending := range endings {
			if strings.HasSuffix(path, ending) {
				path, err = filepath.Rel(root, path)
				files = append(files, filepath.ToSlash(path))
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// readFile returns the text of one of the repository's files.
func readFile(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(path)))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// exists tells whether the repository has a file or folder at path.
func exists(path string) bool {
	_, err := os.Stat(filepath.Join(root, filepath.FromSlash(path)))
	return err == nil
}

var (
	codeBlock = regexp.MustCompile("(?ms)^```.*?^```$")
	codeSpan  = regexp.MustCompile("`[^`\n]*`")
	mdLink    = regexp.MustCompile(`\[[^\]]*\]\(([^)\s]+)\)`)
	mdHeading = regexp.MustCompile(`(?m)^#{1,6} (.+)$`)
	mdName    = regexp.MustCompile(`[\w./-]*\w\.md\b`)
)

// headingsOf returns the headings of a document, outside of code.
func headingsOf(text string) (headings []string) {
	for _, h := range mdHeading.FindAllStringSubmatch(codeBlock.ReplaceAllString(text, ""), -1) {
		headings = append(headings, strings.TrimSpace(h[1]))
	}
	return headings
}

// slug returns the anchor that GitHub gives a heading.
func slug(heading string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r) || r == '-' || r == '_':
			return unicode.ToLower(r)
		case r == ' ':
			return '-'
		}
		return -1
	}, heading)
}

// brokenLink returns what is wrong with a link in the document at path, "" for nothing.
func brokenLink(t *testing.T, path, target string) string {
	t.Helper()
	file, anchor, _ := strings.Cut(target, "#")
	to := path
	if file != "" {
		to = filepath.ToSlash(filepath.Join(filepath.Dir(path), file))
	}
	switch {
	case !exists(to):
		return "there is no " + to
	case anchor == "":
		return ""
	case !strings.HasSuffix(to, ".md"):
		return "an anchor in something that is no document"
	}
	for _, h := range headingsOf(readFile(t, to)) {
		if slug(h) == anchor {
			return ""
		}
	}
	return to + " has no section " + anchor
}

func TestEveryLinkOfADocumentLeadsSomewhere(t *testing.T) {
	t.Parallel()
	links := 0
	for _, path := range filesOf(t, ".md") {
		text := codeBlock.ReplaceAllString(readFile(t, path), "")
		for _, link := range mdLink.FindAllStringSubmatch(codeSpan.ReplaceAllString(text, ""), -1) {
			if strings.HasPrefix(link[1], "https://") {
				continue
			}
			links++
			if wrong := brokenLink(t, path, link[1]); wrong != "" {
				t.Errorf("%s links to %s: %s", path, link[1], wrong)
			}
		}
		for _, name := range mdName.FindAllString(mdLink.ReplaceAllString(text, ""), -1) {
			if !exists(name) && !exists(filepath.ToSlash(filepath.Join(filepath.Dir(path), name))) {
				t.Errorf("%s names %s, which does not exist", path, name)
			}
		}
	}
	if links < 100 {
		t.Errorf("only %d links found: the pattern misses them", links)
	}
}

func TestABrokenLinkIsFound(t *testing.T) {
	t.Parallel()
	for target, good := range map[string]bool{
		"docs/reliability.md": true, "docs/reliability.md#invariants": true, "api": true, "#the-tree": true,
		"docs/nowhere.md": false, "docs/reliability.md#nowhere": false, "#nowhere": false, "Makefile#test": false,
	} {
		if wrong := brokenLink(t, "README.md", target); (wrong == "") != good {
			t.Errorf("%s: %q", target, wrong)
		}
	}
}

func TestNoDocumentShowsWhatAMergeLeft(t *testing.T) {
	t.Parallel()
	left := regexp.MustCompile(`(?m)^(<{7} |={7}$|>{7} )`)
	for _, path := range filesOf(t, ".md", ".yml", ".css", ".json") {
		if at := left.FindString(readFile(t, path)); at != "" {
			t.Errorf("%s has a line that begins with %q", path, at)
		}
	}
}

func TestEveryDocumentIsLinkedFromAnother(t *testing.T) {
	t.Parallel()
	linked := map[string]bool{"README.md": true}
	documents := filesOf(t, ".md")
	for _, path := range documents {
		for _, link := range mdLink.FindAllStringSubmatch(readFile(t, path), -1) {
			file, _, _ := strings.Cut(link[1], "#")
			linked[filepath.ToSlash(filepath.Join(filepath.Dir(path), file))] = true
		}
	}
	for _, path := range documents {
		if !linked[path] {
			t.Errorf("nobody finds %s: link it from README.md or a document", path)
		}
	}
}

func TestEveryTestThatADocumentNamesExists(t *testing.T) {
	t.Parallel()
	var names []string
	for _, path := range filesOf(t, "_test.go") {
		for _, f := range regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`).FindAllStringSubmatch(readFile(t, path), -1) {
			names = append(names, f[1])
		}
	}
	named := 0
	for _, path := range filesOf(t, ".md") {
		for _, m := range regexp.MustCompile(`\b((?:Test|Fuzz)[A-Z]\w+)(…?)`).FindAllStringSubmatch(readFile(t, path), -1) {
			named++
			if !slices.ContainsFunc(
				names,
				func(n string) bool { return n == m[1] || m[2] != "" && strings.HasPrefix(n, m[1]) },
			) {
				t.Errorf("%s names %s, and there is no such test", path, m[1])
			}
		}
	}
	if named < 100 {
		t.Errorf("only %d names of tests found: the pattern misses them", named)
	}
}

// factDate is when a fact's source was last looked at: a month, or a day.
var factDate = regexp.MustCompile(`\b20\d\d-(?:0[1-9]|1[0-2])\b`)

// factGaps returns what a table of facts lacks: a source, its date, or what happens if a fact is otherwise; and the
// sections of a page on a gateway that lean on facts without such a table. “The same” stands for the source above.
func factGaps(page string) (gaps []string) {
	const heading = "| fact | known by | if it is otherwise |"
	prose := []string{
		"Event catalogue",
		"Orders of events",
		"Other machines",
		"The simulator",
		"What a 404 means",
		"The radar",
	}
	section, inTable, tables, dated := "", false, 0, false
	leave := func() {
		if section != "" && tables == 0 && !slices.Contains(prose, section) {
			gaps = append(gaps, section+" has no table of facts")
		}
	}
	for line := range strings.Lines(page) {
		line = strings.TrimSpace(line)
		if name, is := strings.CutPrefix(line, "## "); is {
			leave()
			section, tables = name, 0
		}
		if line == heading {
			inTable, tables, dated = true, tables+1, false
			continue
		}
		inTable = inTable && strings.HasPrefix(line, "|")
		if !inTable || strings.HasPrefix(line, "| ---") {
			continue
		}
		cells := strings.Split(strings.Trim(line, "|"), "|")
		if len(cells) != 3 || slices.ContainsFunc(cells, func(c string) bool { return strings.TrimSpace(c) == "" }) {
			gaps = append(gaps, line)
			continue
		}
		source := strings.TrimSpace(cells[1])
		if dated = factDate.MatchString(source) || dated && strings.HasPrefix(source, "the same"); !dated {
			gaps = append(gaps, "no date: "+line)
		}
	}
	leave()
	return gaps
}

// What is relied on at the gateway is a fact with its source, when that was looked at,
// and what happens if it is otherwise.
func TestEachFactOfTheGatewayHasItsSourceItsDateAndWhatHappensIfItIsOtherwise(t *testing.T) {
	t.Parallel()
	if gaps := factGaps(readFile(t, "docs/gateway.md")); len(gaps) > 0 {
		t.Error(strings.Join(gaps, "\n"))
	}
	for lacking, want := range map[string]int{
		"| a | page, 2026-10 | c |": 0, "| a | page, 2026-10 | |": 1, "| a | page, 2026-10 |": 1, "| a | page | c |": 1,
		"| a | the same | c |": 1, "| a | page 2026-13 | c |": 1,
		"| a | page, 2026-10 | c |\n| d | the same | e |\n| f | page | g |\n| h | the same | i |": 2,
		"They are low.": 1,
	} {
		if strings.HasPrefix(lacking, "|") {
			lacking = "| fact | known by | if it is otherwise |\n| --- | --- | --- |\n" + lacking
		}
		if gaps := factGaps("## Fees\n" + lacking + "\n"); len(gaps) != want {
			t.Errorf("%q: %v", lacking, gaps)
		}
	}
}

func TestTheReadmeIsShortAndItsPictureSmall(t *testing.T) {
	t.Parallel()
	if n := len(readFile(t, "README.md")); n > 8192 {
		t.Errorf("README.md has %d bytes, more than 8192: move something to docs/", n)
	}
	for _, picture := range filesOf(t, ".png") {
		if n := len(readFile(t, picture)); strings.HasPrefix(picture, "docs/") && n > 150_000 {
			t.Errorf("%s has %d bytes, more than 150,000", picture, n)
		}
	}
}

// citing are the files whose comments may name a document, and what begins a comment's line.
var (
	citing      = []string{".go", ".ts", ".tsx", ".sql", ".yml", ".yaml", ".sh", "Makefile", "Dockerfile"}
	commentWrap = regexp.MustCompile(`\n[ \t]*(?://|--|#|\*)[ \t]?`)
	document    = regexp.MustCompile(`[\w./-]*\w\.md\b`)
	tableRow    = regexp.MustCompile(`(?m)^\| ([\w-]+) \|`)
	foreign     = regexp.MustCompile(`(?i)gateway(?:'s)? (?:notes|docs)\b|\bthreat T-\d`)
	numbered    = regexp.MustCompile(`(\S+) section \d`)
)

// placesOf returns what may be cited of a document, in lower case: its headings, and the first
// cells of its tables' rows, which of the webhook's answers are called "row 13".
func placesOf(text string) (places []string) {
	for _, h := range headingsOf(text) {
		places = append(places, strings.ToLower(h))
	}
	for _, row := range tableRow.FindAllStringSubmatch(text, -1) {
		places = append(places, strings.ToLower(row[1]), "row "+strings.ToLower(row[1]))
	}
	return places
}

// brokenCitations returns what is wrong with the documents that a file names. After a document
// of docs/ and a comma a place in it follows.
func brokenCitations(t *testing.T, path, text string) (wrong []string) {
	t.Helper()
	text = commentWrap.ReplaceAllString(text, " ")
	for _, at := range document.FindAllStringIndex(text, -1) {
		name, rest := text[at[0]:at[1]], text[at[1]:]
		if !exists(name) && !exists(filepath.ToSlash(filepath.Join(filepath.Dir(path), name))) {
			wrong = append(wrong, "there is no "+name)
			continue
		}
		place, cites := strings.CutPrefix(rest, ", ")
		if !cites || !strings.HasPrefix(name, "docs/") {
			continue
		}
		place = strings.ToLower(place[:min(len(place), 80)])
		if !slices.ContainsFunc(placesOf(readFile(t, name)), func(known string) bool {
			after, found := strings.CutPrefix(place, known)
			return found && (after == "" || !unicode.IsLetter(rune(after[0])) && !unicode.IsDigit(rune(after[0])))
		}) {
			wrong = append(wrong, name+" has no place "+strings.TrimSpace(place[:min(len(place), 40)]))
		}
	}
	for _, m := range foreign.FindAllString(text, -1) {
		wrong = append(wrong, m+" is no document of this repository")
	}
	for _, m := range numbered.FindAllStringSubmatch(text, -1) {
		if !regexp.MustCompile(`^(?:\d+|HTML),$`).MatchString(m[1]) { // of an RFC, of a standard
			wrong = append(wrong, m[0]+" is of no document of this repository")
		}
	}
	return wrong
}

func TestEveryDocumentThatCodeNamesExists(t *testing.T) {
	t.Parallel()
	for _, path := range filesOf(t, citing...) {
		if strings.HasSuffix(path, "docs_test.go") || strings.HasSuffix(path, "client.gen.go") {
			continue
		}
		for _, wrong := range brokenCitations(t, path, readFile(t, path)) {
			t.Errorf("%s: %s", path, wrong)
		}
	}
}

func TestABrokenCitationIsFound(t *testing.T) {
	t.Parallel()
	for text, good := range map[string]bool{
		"// (docs/reliability.md, E24)": true, "-- docs/architecture.md, ledger: added only": true,
		"// docs/webhook-answers.md, row 13, says so": true, "\t// (docs/gateway.md,\n\t// webhook configurations)": true,
		"// as RFC 9562, section 5.7, says": true, "// the README.md tells": true,
		"// (docs/reliability.md, E99)":     false,
		"// (docs/gateway.md, the weather)": false,
		"// (design.md, section 5)":         false,
		"// (docs/nowhere.md)":              false, "// (gateway notes, fees)": false, "// see section 4": false,
	} {
		if wrong := brokenCitations(t, "domain/invoice.go", text); (len(wrong) == 0) != good {
			t.Errorf("%q: %v", text, wrong)
		}
	}
}

// pathInDocument is a package or file of ours between backquotes, without a placeholder.
var pathInDocument = regexp.MustCompile(
	"`((?:api|bench|cmd|docs|domain|jobs|migrations|scripts|tenants|tools|web)(?:/[\\w.-]+)+)`",
)

func TestEveryPathThatADocumentNamesExists(t *testing.T) {
	t.Parallel()
	for _, path := range filesOf(t, ".md") {
		for _, m := range pathInDocument.FindAllStringSubmatch(readFile(t, path), -1) {
			if !exists(m[1]) {
				t.Errorf("%s names %s, which does not exist", path, m[1])
			}
		}
	}
}

var (
	errandHeading = regexp.MustCompile(`(?m)^### (.+)$`)
	errandStep    = regexp.MustCompile(`(?m)^\d+\. .+$`)
)

// errandsOf returns the steps of each errand of CONTRIBUTING.
func errandsOf(text string) map[string][]string {
	_, text, _ = strings.Cut(text, "\n## Five errands\n")
	text, _, _ = strings.Cut(text, "\n## ")
	errands := map[string][]string{}
	heads := errandHeading.FindAllStringSubmatchIndex(text, -1)
	for i, h := range heads {
		end := len(text)
		if i+1 < len(heads) {
			end = heads[i+1][0]
		}
		errands[text[h[2]:h[3]]] = errandStep.FindAllString(text[h[1]:end], -1)
	}
	return errands
}

// missing returns the files and folders that a step of an errand names and that are not
// there; of a name with a placeholder, <verb> or NNNN, the folder must be.
func missing(step string) (names []string) {
	for _, span := range codeSpan.FindAllString(step, -1) {
		name := strings.Trim(span, "`")
		if !strings.Contains(name, "/") || strings.HasPrefix(name, "/") {
			continue
		}
		if strings.ContainsAny(name, "<>") {
			name = name[:strings.LastIndex(name, "/")]
		}
		if !exists(name) {
			names = append(names, name)
		}
	}
	return names
}

func TestAnErrandNamesItsFilesAndTheyAreFourAtMost(t *testing.T) {
	t.Parallel()
	errands := errandsOf(readFile(t, "docs/CONTRIBUTING.md"))
	if len(errands) != 5 {
		t.Fatalf("%d errands", len(errands))
	}
	for errand, steps := range errands {
		if len(steps) == 0 || len(steps) > 4 {
			t.Errorf("%s: %d files", errand, len(steps))
		}
		for _, step := range steps {
			for _, name := range missing(step) {
				t.Errorf("%s: there is no %s", errand, name)
			}
		}
	}
}

func TestAnErrandThatLeadsNowhereIsFound(t *testing.T) {
	t.Parallel()
	errands := errandsOf(
		"\n## Five errands\n\n### A\n\n1. `domain/nothing.go`: x\n2. `nowhere/<a>.go`: y `/docs`\n" +
			"\n## Next\n\n### B\n\n1. z\n",
	)
	if len(errands) != 1 || len(errands["A"]) != 2 {
		t.Fatal(errands)
	}
	if got := append(
		missing(errands["A"][0]),
		missing(errands["A"][1])...); !slices.Equal(
		got,
		[]string{"domain/nothing.go", "nowhere"},
	) {
		t.Error(got)
	}
}
