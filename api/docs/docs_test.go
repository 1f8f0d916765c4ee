package docs_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"patapay/api/docs"
	"patapay/api/problem"
	v1 "patapay/api/v1"
	"patapay/domain/asaas"
)

var pages = docs.Handler(v1.Document)

// get returns a page; headers are name, value.
func get(t *testing.T, path string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	pages.ServeHTTP(w, r)
	return w
}

func TestEveryErrorHasAPageWithCauseAndCureInBothLanguages(t *testing.T) {
	texts := map[string]bool{}
	for _, k := range problem.Catalogue() {
		portuguese, english := get(t, "/docs/erros/"+k.Slug), get(t, "/docs/erros/"+k.Slug, "Accept-Language", "en")
		require.Equal(t, 200, portuguese.Code, k.Code)
		for language, page := range []string{portuguese.Body.String(), english.Body.String()} {
			require.Contains(t, page, k.Code)
			require.Contains(t, page, "<h1>"+k.Title[language]+"</h1>")
			cure := regexp.MustCompile(`(O que fazer|What to do)</h2><p>([^<]{20,})</p>`).FindStringSubmatch(page)
			require.NotNil(t, cure, "%s says nothing of what to do", k.Code)
			require.False(t, texts[cure[2]], "%s: the cure of another: %s", k.Code, cure[2])
			texts[cure[2]] = true
		}
		require.Contains(t, portuguese.Body.String(), `<html lang="pt-BR">`)
		require.Contains(t, english.Body.String(), `<html lang="en">`)
	}
	require.Equal(t, 404, get(t, "/docs/erros/nada").Code)
}

func TestEveryOperationHasAPageThatTheFrontPageLeadsTo(t *testing.T) {
	front := get(t, "/docs").Body.String()
	var doc struct {
		Paths map[string]map[string]struct{ OperationID string }
	}
	require.NoError(t, json.Unmarshal(v1.Document, &doc))
	for path, operations := range doc.Paths {
		for _, op := range operations {
			require.Contains(t, front, `href="/docs/operacoes/`+op.OperationID+`"`)
			page := get(t, "/docs/operacoes/"+op.OperationID)
			require.Equal(t, 200, page.Code)
			said := regexp.MustCompile(`(?s)<main.*<h2>Exemplos`).FindString(page.Body.String())
			require.NotEmpty(t, said)
			require.NotContains(t, said, "`", "%s: code is shown as code", op.OperationID)
			for _, want := range []string{path, "<h3>curl</h3>", "<h3>Go</h3>", "<h3>JavaScript</h3>", `class="copy"`} {
				require.Contains(t, page.Body.String(), want, op.OperationID)
			}
		}
	}
}

func TestEveryEventHasAPageAndTheKnownOnesASampleAndAName(t *testing.T) {
	var without []string
	for _, family := range asaas.Families() {
		for _, kind := range asaas.Events(family) {
			page := get(t, "/docs/eventos/"+kind)
			require.Equal(t, 200, page.Code, kind)
			if !strings.Contains(page.Body.String(), "&#34;event&#34;: &#34;"+kind+"&#34;") {
				without = append(without, kind)
			}
		}
	}
	require.Equal(t, []string{"TRANSFER_DONE"}, without, "a sample of itself, where anybody published one")
	require.Contains(t, get(t, "/docs/eventos/PAYMENT_OVERDUE").Body.String(), "<h1>Fatura vencida</h1>")
	require.Contains(t, get(t, "/docs/eventos/BILL_PAID").Body.String(), "<h1>Conta paga</h1>")
}

// Whoever came to /docs found a reference and no way in.
func TestTheGuidesNameOperationsAndPagesThatThereAre(t *testing.T) {
	var doc struct {
		Paths map[string]map[string]any
	}
	require.NoError(t, json.Unmarshal(v1.Document, &doc))
	named := 0
	links := regexp.MustCompile(`href="(/docs/guias/[a-z-]+)"`).FindAllStringSubmatch(get(t, "/docs").Body.String(), -1)
	require.Len(t, links, 7)
	for _, link := range links {
		page := get(t, link[1])
		text := page.Body.String()
		main := text[strings.Index(text, "<main"):]
		require.Equal(t, 200, page.Code)
		require.Greater(t, len(main), 1000, link[1])
		for _, m := range regexp.MustCompile(`(GET|POST|PUT|PATCH|DELETE) (/v1/[^ <]+)`).FindAllStringSubmatch(main, -1) {
			require.Contains(t, doc.Paths[m[2]], strings.ToLower(m[1]), "%s names %s %s", link[1], m[1], m[2])
			named++
		}
		for _, m := range regexp.MustCompile(`href="(/docs[^"#]*)"`).FindAllStringSubmatch(main, -1) {
			require.Equal(t, 200, get(t, m[1]).Code, "%s leads to %s", link[1], m[1])
		}
		for _, m := range regexp.MustCompile(`(?s)<code>(curl .*?)</code>`).FindAllStringSubmatch(main, -1) {
			out, err := exec.CommandContext(t.Context(), "sh", "-nc", unescape.Replace(m[1])).CombinedOutput()
			require.NoError(t, err, "%s: %s", link[1], out)
			path := regexp.MustCompile(`\$PATAPAY_URL([^?"]+)`).FindStringSubmatch(unescape.Replace(m[1]))[1]
			path = strings.Replace(path, "ext:minha-clinica", "{tenant}", 1)
			require.Contains(t, doc.Paths[path], "get", link[1])
		}
	}
	require.Greater(t, named, 5)
}

func TestASearchFindsByEndpointEventAndErrorWhateverTheAccents(t *testing.T) {
	for q, want := range map[string][]string{
		"invoices":         {"/docs/operacoes/listInvoices"},
		"fatura":           {"/docs/operacoes/listInvoices", "/docs/operacoes/getInvoice"},
		"paginas cursores": {"/docs/guias/listas"},
		"contestacao":      {"/docs/eventos/PAYMENT_CHARGEBACK_REQUESTED"},
		"CURSOR_EXPIRED":   {"/docs/erros/cursor-vencido"},
		"feed stream":      {"/docs/operacoes/streamFeed", "/docs/operacoes/streamPlatformFeed"},
		"<script>alert(1)": nil,
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/docs", nil)
		query := r.URL.Query()
		query.Set("q", q)
		r.URL.RawQuery = query.Encode()
		w := httptest.NewRecorder()
		pages.ServeHTTP(w, r)
		main := w.Body.String()[strings.Index(w.Body.String(), "<main"):]
		for _, link := range want {
			require.Contains(t, main, `href="`+link+`"`, q)
		}
		require.NotContains(t, w.Body.String(), "<script>alert")
		if want == nil {
			require.Contains(t, main, "Nada encontrado")
		}
	}
}

func TestPagesLoadNothingFromElsewhereAndNothingInline(t *testing.T) {
	for _, path := range []string{
		"/docs", "/docs/operacoes/getFeed", "/docs/erros", "/docs/eventos/PAYMENT_RECEIVED", "/docs/mudancas",
		"/docs/guias/feed", "/docs/docs.css", "/docs/docs.js", "/docs/nada",
	} {
		page := get(t, path)
		require.Equal(
			t,
			"default-src 'self'; style-src 'self'; object-src 'none'; base-uri 'none'; "+
				"frame-ancestors 'none'; form-action 'self'",
			page.Header().Get("Content-Security-Policy"),
		)
		for _, bad := range []string{`src="http`, `href="http`, "style=", "onclick", "<style", "@import"} {
			require.NotContains(t, page.Body.String(), bad, path)
		}
	}
	require.Equal(t, 404, get(t, "/docs/nada").Code)
	require.Contains(t, get(t, "/docs/mudancas").Body.String(), "Feed de mudanças")
}

// unescape undoes what html/template wrote, enough for the examples.
var unescape = strings.NewReplacer(
	"&#34;",
	`"`,
	"&#39;",
	"'",
	"&lt;",
	"<",
	"&gt;",
	">",
	"&#43;",
	"+",
	"&#96;",
	"`",
	"&amp;",
	"&",
)

func TestEveryCurlExampleIsACommandThatAShellReads(t *testing.T) {
	var ids []string
	index := get(t, "/docs").Body.String()
	for _, m := range regexp.MustCompile(`/docs/operacoes/(\w+)"`).FindAllStringSubmatch(index, -1) {
		ids = append(ids, m[1])
	}
	slices.Sort(ids)
	for _, id := range slices.Compact(ids) {
		code := regexp.MustCompile(
			`(?s)<h3>curl</h3>.*?<code>(.*?)</code>`,
		).FindStringSubmatch(get(t, "/docs/operacoes/"+id).Body.String())
		require.NotNil(t, code, id)
		cmd := exec.CommandContext(t.Context(), "sh", "-nc", unescape.Replace(code[1]))
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s: %s\n%s", id, out, code[1])
	}
}
