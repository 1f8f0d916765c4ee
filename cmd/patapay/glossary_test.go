package main

import (
	"go/scanner"
	gotoken "go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// retired are words of our own that gave way to the field's words (docs/architecture.md, glossary). They stay out of
// identifiers, in any part of them, and out of comments.
var retired = map[string]string{
	"nudge": "notification", "nudges": "notifications", "doorbell": "notifications", "bell": "notification",
	"bells": "notifications", "shouter": "publisher", "rung": "notified", "woken": "started", "wake": "run",
	"wakes": "runs", "truth": "gateway snapshot", "truths": "gateway snapshots", "hint": "unverified delivery",
	"hints": "unverified deliveries", "hinted": "unverified", "stray": "unclaimed delivery",
	"strays": "unclaimed deliveries", "prover": "token resolver", "keeper": "authenticator",
	"standing": "revocation check", "guardian": "connection monitor",
	"guarding": "connection monitor", "deaf": "missing events", "hears": "receives", "verdict": "state",
	"story": "timeline", "stories": "flows", "moment": "entry or instant", "moments": "entries", "teller": "builder",
	"lens": "visibility", "sheet": "rows", "certificate": "reconciliation report",
	"certificates": "reconciliation reports", "sought": "searched", "guard": "monitor, precondition or check",
}

// mayStay are identifiers with a retired word in another sense, or that the contract of /v1 names.
var mayStay = map[string]string{
	"NeedsTruth":                   "needsTruth of /v1",
	"KeyHint":                      "the key's last characters",
	"Hint":                         "a token's last characters",
	"hint":                         "a token's last characters",
	"certificatesOutput":           "its body is a schema of /v1",
	"certificateView":              "a schema of /v1",
	"ListCertificatesWithResponse": "an operation of /v1, as the generated client calls it",
	"CertificateInvalidError":      "of crypto/x509",
	"CertificateVerificationError": "of crypto/tls",
	"Certificate":                  "of net/http/httptest",
	"momentView":                   "a schema of /v1",
	"Moments":                      "moments of /v1",
	"moments":                      "moments of /v1",
}

// mayBeSaid are phrases of comments in which a retired word has its ordinary sense.
var mayBeSaid = regexp.MustCompile(
	`(?i)needsTruth|\b(hints?|strays?|truth_\w+|certificates|guard\w*)\x60|\x60[^\x60]*\x60|` +
		`TLS certificate|certificate for example|stranger's certificate`,
)

var identifierPart = regexp.MustCompile(`[A-Z]+(?:[^a-zA-Z]|$)|[A-Z]?[a-z]+|[A-Z]+`)

// retiredIn returns the retired words of a Go file, each with its line.
func retiredIn(path string, source []byte) (found []string) {
	files := gotoken.NewFileSet()
	file := files.AddFile(path, -1, len(source))
	var scan scanner.Scanner
	scan.Init(file, source, nil, scanner.ScanComments)
	for {
		at, kind, text := scan.Scan()
		var words []string
		switch kind {
		case gotoken.EOF:
			return found
		case gotoken.IDENT:
			if mayStay[text] == "" && !strings.HasPrefix(text, "Test") {
				words = identifierPart.FindAllString(text, -1)
			}
		case gotoken.COMMENT:
			words = regexp.MustCompile(`[A-Za-z]+`).FindAllString(mayBeSaid.ReplaceAllString(text, ""), -1)
		}
		for _, w := range words {
			if better := retired[strings.ToLower(strings.Trim(w, "_0123456789"))]; better != "" {
				found = append(found, files.Position(at).String()+": "+text+": "+w+" is called "+better)
			}
		}
	}
}

func TestARetiredWordStandsInNoIdentifierAndNoComment(t *testing.T) {
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	err = filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && (entry.Name() == "node_modules" || entry.Name() == ".git") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, ".gen.go") ||
			strings.HasSuffix(path, "glossary_test.go") {
			return nil
		}
		source, err := os.ReadFile(path)
		for _, word := range retiredIn(strings.TrimPrefix(path, root+"/"), source) {
			t.Error(word)
		}
		return err
	})
	require.NoError(t, err)
}

// riddles are sentences, in lower case, that a first reader could not take for what they say; each was written anew.
var riddles = []string{
	"a nudge lies in", "the nudge of one ring", "whose turn it is", "the list's own words", "make us ask nobody",
	"at once one wins", "by https, are links", "fleet sails", "differ in nothing that", "one look at",
	"side is what", "forgives that there is", "laid over itself", "who it is not", "nobody's preference",
	"nobody's news", "neither word", "talk with the mail server", "strangersknock", "nobody to write to",
}

// riddlesIn returns which of the riddles stand in text, however its lines are broken.
func riddlesIn(text string) (found []string) {
	text = strings.ToLower(strings.Join(strings.Fields(strings.ReplaceAll(text, "//", " ")), " "))
	for _, riddle := range riddles {
		if strings.Contains(text, riddle) {
			found = append(found, riddle)
		}
	}
	return found
}

func TestNoSentenceIsARiddle(t *testing.T) {
	t.Parallel()
	require.Equal(t, []string{"one look at"}, riddlesIn("// It is one\n\t// look at all.\n"))
	for _, path := range filesOf(t, ".go", ".md", ".yml", ".ts", ".tsx") {
		if strings.HasSuffix(path, "glossary_test.go") || path == "docs/CHANGELOG.md" {
			continue
		}
		assert.Empty(t, riddlesIn(readFile(t, path)), path)
	}
}

func TestTheGlossarySeesAPlantedWordAndLetsOrdinaryOnesStand(t *testing.T) {
	planted := "package p\n\n// ring the doorbell\nfunc askTruth(lensOf int) {}\n"
	found := retiredIn("p.go", []byte(planted))
	require.Len(t, found, 3, "%q", found)
	require.True(t, slices.ContainsFunc(found, func(s string) bool { return strings.HasPrefix(s, "p.go:3:1:") }))
	require.Empty(t, retiredIn("p.go", []byte("package p\n\n// Why `needsTruth` is not null.\nfunc KeyHint() {}\n")))
}
