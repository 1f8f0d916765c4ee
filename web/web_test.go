package web

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"io/fs"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
)

var build = fstest.MapFS{
	"app.html":         {Data: []byte(`<html data-mantine-color-scheme="{{scheme}}"><style nonce="{{nonce}}"></style>`)},
	"index.html":       {Data: []byte(`not built`)},
	"assets/app-1a.js": {Data: []byte("run()")},
	"favicon.svg":      {Data: []byte("<svg/>")},
}

func ask(method, path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	handler(build).ServeHTTP(w, httptest.NewRequest(method, path, nil))
	return w
}

func TestEveryPageIsTheApplicationWithANonceOfItsOwn(t *testing.T) {
	nonce := regexp.MustCompile(`nonce="(\w+)"`)
	seen := map[string]bool{}
	for _, path := range []string{"/app", "/index.html", "/app/faturas", "/app/faturas/ivc_1", "/../app"} {
		w := ask("GET", path)
		found := nonce.FindStringSubmatch(w.Body.String())
		if w.Code != 200 || found == nil || w.Header().Get("Cache-Control") != "no-cache" {
			t.Fatalf("%s: %d %q", path, w.Code, w.Body.String())
		}
		if csp := w.Header().Get("Content-Security-Policy"); !strings.Contains(csp, "style-src 'self' 'nonce-"+found[1]+"'") {
			t.Errorf("%s: policy %q without nonce %s", path, csp, found[1])
		}
		seen[found[1]] = true
	}
	if len(seen) != 5 {
		t.Errorf("%d different nonces for 5 answers", len(seen))
	}
}

func TestHashedFilesAreKeptAndOthersAskedAgain(t *testing.T) {
	for path, want := range map[string]string{
		"/assets/app-1a.js": "public, max-age=31536000, immutable",
		"/favicon.svg":      "no-cache",
	} {
		w := ask("GET", path)
		if got := w.Header().Get("Cache-Control"); w.Code != 200 || got != want {
			t.Errorf("%s: %d %q, want %q", path, w.Code, got, want)
		}
		if strings.Contains(w.Header().Get("Content-Security-Policy"), "nonce") ||
			w.Header().Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: headers %v", path, w.Header())
		}
	}
}

func TestScriptsGoPackedToWhoeverTakesThem(t *testing.T) {
	content := []byte(strings.Repeat("run() // the same again\n", 200))
	h := handler(
		fstest.MapFS{
			"app.html":         build["app.html"],
			"assets/app-1a.js": {Data: content},
			"assets/tiny.js":   build["assets/app-1a.js"],
		},
	)
	ask := func(path, takes string) *httptest.ResponseRecorder {
		w, r := httptest.NewRecorder(), httptest.NewRequest("GET", path, nil)
		r.Header.Set("Accept-Encoding", takes)
		h.ServeHTTP(w, r)
		return w
	}
	for range 2 { // packed anew, then as it is kept
		w := ask("/assets/app-1a.js", "gzip, deflate, br")
		if w.Header().Get("Content-Encoding") != "gzip" || w.Header().Get("Vary") != "Accept-Encoding" ||
			w.Body.Len() >= len(content)/10 {
			t.Fatalf("%v, %d bytes", w.Header(), w.Body.Len())
		}
		unpacked, err := gzip.NewReader(w.Body)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(unpacked); err != nil || !bytes.Equal(got, content) {
			t.Fatalf("%v, %d bytes", err, len(got))
		}
	}
	for path, takes := range map[string]string{"/assets/app-1a.js": "br", "/assets/tiny.js": "gzip"} {
		if w := ask(path, takes); w.Header().Get("Content-Encoding") != "" {
			t.Errorf("%s, which takes %s: packed", path, takes)
		}
	}
}

func TestAFileThatIsNotThereIs404AndNothingIsPosted(t *testing.T) {
	if w := ask("GET", "/assets/gone.js"); w.Code != 404 {
		t.Errorf("missing file: %d", w.Code)
	}
	if w := ask("GET", "/"); w.Code != 302 || w.Header().Get("Location") != "/app" {
		t.Errorf("the root: %d %v", w.Code, w.Header())
	}
	if w := ask("POST", "/app"); w.Code != 405 || w.Header().Get("Allow") == "" {
		t.Errorf("POST: %d", w.Code)
	}
}

func TestTheEmbeddedBuildIsServed(t *testing.T) {
	w := httptest.NewRecorder()
	Handler().ServeHTTP(w, httptest.NewRequest("GET", "/app", nil))
	if w.Code != 200 || !strings.Contains(w.Body.String(), `lang="pt-BR"`) ||
		strings.Contains(w.Body.String(), "{{nonce}}") {
		t.Errorf("%d %s", w.Code, w.Body.String())
	}
}

func TestTheFirstPaintHasTheReadersColours(t *testing.T) {
	for cookie, want := range map[string]string{
		"": "auto", "dark": "dark", "light": "light", "auto": "auto", `"><script>`: "auto",
	} {
		r := httptest.NewRequest("GET", "/app", nil)
		r.Header.Set("Cookie", "patapay-theme="+cookie)
		w := httptest.NewRecorder()
		handler(build).ServeHTTP(w, r)
		if !strings.Contains(w.Body.String(), `color-scheme="`+want+`"`) || w.Header().Get("Vary") != "Cookie" {
			t.Errorf("%q: %s", cookie, w.Body.String())
		}
	}
}

func TestWithoutABuildThePageSaysHowToMakeOne(t *testing.T) {
	w := httptest.NewRecorder()
	handler(fstest.MapFS{"index.html": build["index.html"]}).ServeHTTP(w, httptest.NewRequest("GET", "/app", nil))
	if w.Code != 200 || w.Body.String() != "not built" {
		t.Errorf("%d %s", w.Code, w.Body.String())
	}
}

// firstPage is what a browser loads of the build before anything is seen, by file.
func firstPage(t *testing.T) map[string][]byte {
	raw, err := fs.ReadFile(dist, "dist/manifest.json")
	if err != nil {
		t.Skip("the pages are not built")
	}
	var manifest map[string]struct {
		File    string
		Imports []string
	}
	if err := json.Unmarshal(raw, &manifest); err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	var load func(name string)
	load = func(name string) {
		file := manifest[name].File
		if _, seen := files[file]; seen {
			return
		}
		if files[file], err = fs.ReadFile(dist, "dist/"+file); err != nil {
			t.Fatal(err)
		}
		for _, next := range manifest[name].Imports {
			load(next)
		}
	}
	for _, name := range []string{"app.html", "src/features/home/page.tsx"} {
		load(name)
	}
	return files
}

func TestTheFirstPageIsAtMost180KBOfScript(t *testing.T) {
	total := 0
	for _, content := range firstPage(t) {
		var packed bytes.Buffer
		w, _ := gzip.NewWriterLevel(&packed, gzip.BestCompression)
		_, _ = w.Write(content)
		_ = w.Close()
		total += packed.Len()
	}
	if total < 10<<10 || total > 180<<10 {
		t.Errorf("%d bytes, packed, of at most %d", total, 180<<10)
	}
}

func TestThePageAsksNoOtherHost(t *testing.T) {
	page, err := fs.ReadFile(dist, "dist/app.html")
	if err != nil {
		t.Skip("the pages are not built")
	}
	if regexp.MustCompile(`(src|href)="(https?:)?//`).Match(page) || bytes.Contains(page, []byte("<script>")) {
		t.Errorf("%s", page)
	}
}
