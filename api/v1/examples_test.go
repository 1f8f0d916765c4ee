package v1_test

import (
	"context"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patapay/api/docs"
	v1 "patapay/api/v1"
)

// shown is an operation as its page shows it.
type shown struct{ id, method, code string }

// shownExamples are the examples of every page of the documents in one language.
func shownExamples(t *testing.T, language string) (all []shown) {
	t.Helper()
	pages := docs.Handler(v1.Document)
	get := func(path string) string {
		a := httptest.NewRecorder()
		pages.ServeHTTP(a, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
		return a.Body.String()
	}
	links := regexp.MustCompile(`href="/docs/operacoes/(\w+)"><span class="method (\w+)"`)
	for _, link := range links.FindAllStringSubmatch(get("/docs"), -1) {
		code := regexp.MustCompile(
			`(?s)<h3>` + language + `</h3>.*?<code>(.*?)</code>`,
		).FindStringSubmatch(get("/docs/operacoes/" + link[1]))
		require.NotNil(t, code, link[1])
		all = append(all, shown{link[1], strings.ToUpper(link[2]), html.UnescapeString(code[1])})
	}
	slices.SortFunc(all, func(a, b shown) int { return strings.Compare(a.id, b.id) })
	all = slices.CompactFunc(all, func(a, b shown) bool { return a.id == b.id }) // the index is there twice
	slices.SortStableFunc(all, func(a, b shown) int { return strings.Compare(order(a.method), order(b.method)) })
	require.Greater(t, len(all), 60)
	return all
}

// order reads first, and deletes last.
func order(method string) string {
	return map[string]string{"GET": "1", "PUT": "2", "PATCH": "2", "POST": "3", "DELETE": "4"}[method]
}

// examplesWorld has the clinic that the examples speak of.
func examplesWorld(t *testing.T) (url, token string) {
	w := newWorld(t)
	w.tenant("minha-clinica")
	return w.url, w.platform()
}

// answered reads what a program of all examples printed: a line for each, its name and the
// status. Whatever is shown must be understood: an example that is malformed, of another
// type, without a header or without a token would be none.
func answered(t *testing.T, examples []shown, out string) {
	t.Helper()
	status := map[string]string{}
	for line := range strings.Lines(out) {
		id, code, _ := strings.Cut(strings.TrimSpace(line), " ")
		status[id] = code
	}
	count := map[string]int{}
	for _, e := range examples {
		allowed := []string{"200", "201", "202", "204", "404"}
		switch {
		case slices.Contains([]string{"login", "loginFactor", "askForLoginPasskey", "refresh", "logout"}, e.id):
			allowed = []string{"401", "403", "409", "204"} // nobody is ana@example.com, and no browser came
		case slices.Contains([]string{"mailPasswordLink", "mailLoginLink", "choosePassword"}, e.id):
			allowed = []string{"409", "422"} // no mail server is set up, and no link was mailed
		case e.method != "GET": // the clinic is not connected, and the versions are others
			allowed = append(allowed, "409", "412")
		}
		if slices.Contains([]string{
			"changeMe",
			"changePassword",
			"listSessions",
			"endSession",
			"endOtherSessions",
			"listCalendars",
			"createCalendar",
			"endCalendar",
			"listFactors",
			"beginFactor",
			"confirmFactor",
			"removeFactor",
			"newRecoveryCodes",
			"showFactor",
			"resetUserFactor",
			"beginPasskey",
			"confirmPasskey",
			"askForPasskey",
		}, e.id) { // a program has none
			allowed = append(allowed, "403")
		}
		if e.id == "replayEvents" { // shows both events and filter; a request has one of them
			allowed = append(allowed, "422")
		}
		if e.id == "moveToProduction" { // the example's key is nobody's
			allowed = append(allowed, "422")
		}
		require.Contains(t, allowed, status[e.id], "%s\n%s", e.id, e.code)
		count[status[e.id]]++
	}
	t.Logf("%v", count)
}

// program writes a file into a directory of its own and runs a command there.
func program(t *testing.T, url, token, name, text string, command ...string) string {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	ctx, stop := context.WithTimeout(t.Context(), 4*time.Minute)
	defer stop()
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Dir, cmd.Env = dir, append(
		os.Environ(),
		"PATAPAY_URL="+url,
		"PATAPAY_TOKEN="+token,
		"GO111MODULE=off",
		"GOWORK=off",
	)
	var errors strings.Builder
	cmd.Stderr = &errors
	out, err := cmd.Output()
	require.NoError(t, err, "%s\n%s", out, errors.String())
	return string(out)
}

func TestEveryGoExampleOfTheDocsCompilesAndRuns(t *testing.T) {
	url, token := examplesWorld(t)
	examples := shownExamples(t, "Go")
	var b strings.Builder
	b.WriteString(
		"package main\n\n" +
			"import (\n\t\"context\"\n\t\"fmt\"\n\t\"net/http\"\n\t\"os\"\n\t\"strings\"\n\t\"time\"\n)\n\n" +
			"var _ = strings.NewReader\n\n",
	)
	for _, e := range examples {
		fmt.Fprintf(
			&b,
			"func %s(ctx context.Context) error {\n%s\nfmt.Println(%q, res.StatusCode)\nreturn nil\n}\n\n",
			e.id,
			e.code,
			e.id,
		)
	}
	b.WriteString(
		"func main() {\n\tctx, stop := context.WithTimeout(context.Background(), 3*time.Minute)\n\tdefer stop()\n",
	)
	for _, e := range examples {
		fmt.Fprintf(&b, "\tif err := %s(ctx); err != nil {\n\t\tfmt.Println(%q, err)\n\t}\n", e.id, e.id)
	}
	b.WriteString("}\n")
	answered(t, examples, program(t, url, token, "main.go", b.String(), "go", "run", "main.go"))
}

func TestEveryJavaScriptExampleOfTheDocsRuns(t *testing.T) {
	node, err := exec.LookPath("node")
	require.NoError(t, err, "node runs the pages' tests too")
	url, token := examplesWorld(t)
	examples := shownExamples(t, "JavaScript")
	var b strings.Builder
	for _, e := range examples {
		code := e.code
		if before, _, endless := strings.Cut(code, "for await"); endless { // the head of a stream is enough
			code = before + "const { value } = await res.body.getReader().read();\nif (!value.length) throw new Error('empty');"
		}
		fmt.Fprintf(
			&b,
			"try {\n%s\nconsole.log('%s', res.status);\n} catch (e) { console.log('%s', e); }\n",
			code,
			e.id,
			e.id,
		)
	}
	b.WriteString("process.exit(0);\n") // streams are open
	answered(t, examples, program(t, url, token, "all.mjs", b.String(), node, "all.mjs"))
}
