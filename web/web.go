// Package web carries what a person sees: the built single-page application, inside the
// program. Its one rule: the pages are an ordinary client of /v1 and get nothing else.
package web

import (
	"bytes"
	"compress/gzip"
	"crypto/rand"
	"embed"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"sync"
)

// dist is the build, app.html and what it loads, beside the committed index.html that says
// how to build it. They have different names, so that a build changes no committed file.
//
//go:embed all:dist
var dist embed.FS

// policy lets the page load its own files and nothing from anywhere else.
const policy = "default-src 'self'; style-src 'self'%s; object-src 'none'; " +
	"base-uri 'none'; frame-ancestors 'none'; form-action 'self'"

// Handler serves the build. Files below assets/ carry a hash in their names and may be
// kept for ever; any other path without a dot is a page of the application and gets
// app.html, in which {{nonce}} becomes the nonce of this answer's content policy and
// {{scheme}} what the reader chose, so that the first paint is in the right colours. A
// file that is not there is 404.
func Handler() http.Handler {
	files, err := fs.Sub(dist, "dist")
	if err != nil {
		panic(err) // the directory is named a few lines above
	}
	return handler(files)
}

func handler(files fs.FS) http.Handler {
	page, err := fs.ReadFile(files, "app.html")
	if err != nil {
		page, err = fs.ReadFile(files, "index.html")
	}
	if err != nil {
		panic(fmt.Errorf("web: neither a build nor the page in its place: %w", err))
	}
	packed := &packer{}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
			return
		}
		name := strings.TrimPrefix(path.Clean(r.URL.Path), "/")
		switch {
		case name == "" && r.URL.Path == "/":
			http.Redirect(w, r, "/app", http.StatusFound)
		case name == "index.html" || name == "app.html" || !strings.Contains(path.Base(name), "."):
			servePage(w, page, scheme(r))
		default:
			serveFile(w, r, files, packed, name)
		}
	})
}

// scheme returns the colours that the reader chose: light, dark, or auto.
func scheme(r *http.Request) string {
	c, err := r.Cookie("patapay-theme")
	if err != nil || c.Value != "light" && c.Value != "dark" {
		return "auto"
	}
	return c.Value
}

func servePage(w http.ResponseWriter, page []byte, scheme string) {
	nonce := rand.Text()
	secure(w, " 'nonce-"+nonce+"'")
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-cache")
	w.Header().Set("Vary", "Cookie")
	_, _ = w.Write([]byte(strings.NewReplacer("{{nonce}}", nonce, "{{scheme}}", scheme).Replace(string(page))))
}

func serveFile(w http.ResponseWriter, r *http.Request, files fs.FS, packed *packer, name string) {
	content, err := fs.ReadFile(files, name)
	if err != nil {
		http.Error(w, "not found", http.StatusNotFound)
		return
	}
	secure(w, "")
	if kind := mime.TypeByExtension(path.Ext(name)); kind != "" {
		w.Header().Set("Content-Type", kind)
	}
	w.Header().Set("Cache-Control", "no-cache")
	if strings.HasPrefix(name, "assets/") {
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	w.Header().Set("Vary", "Accept-Encoding")
	if small := packed.file(name, content); len(small) < len(content) &&
		strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		w.Header().Set("Content-Encoding", "gzip")
		content = small
	}
	_, _ = w.Write(content)
}

// packer keeps the files packed: each is packed once, when it is first asked for.
type packer struct{ files sync.Map }

// file returns content packed by gzip; name stands for it.
func (p *packer) file(name string, content []byte) []byte {
	if kept, ok := p.files.Load(name); ok {
		return kept.([]byte)
	}
	var b bytes.Buffer
	w, _ := gzip.NewWriterLevel(&b, gzip.BestCompression) // the level is known
	_, _ = w.Write(content)
	_ = w.Close()
	p.files.Store(name, b.Bytes())
	return b.Bytes()
}

// secure sets the headers that bind the browser. styles is added to where styles may
// come from.
func secure(w http.ResponseWriter, styles string) {
	w.Header().Set("Content-Security-Policy", fmt.Sprintf(policy, styles))
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Referrer-Policy", "same-origin")
	w.Header().Set("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
	w.Header().Set("Cross-Origin-Opener-Policy", "same-origin")
}
