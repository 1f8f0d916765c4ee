package remote

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"patapay/cmd/patapay/app"
	"strings"
	"time"
)

// Remote is what the commands that speak to a running PataPay share: where it is, who
// asks, and how the answer is shown. They use the public API, as anybody's program would.
type Remote struct {
	URL    string `env:"PATAPAY_URL" help:"Where PataPay is. None: where you logged in, else http://127.0.0.1:8080."`
	Output string `short:"o" enum:"table,json,ndjson,csv" default:"table" help:"table, json, ndjson or csv."`
	Yes    bool   `short:"y" help:"Answer yes to every question."`
	DryRun bool   `help:"Say what would be asked for, and change nothing."`

	// No flags: a command line cannot name what they hold.
	In       io.Reader     `kong:"-"` // where answers are typed; nil: standard input
	Out, Err io.Writer     `kong:"-"` // nil: standard output, standard error
	Pause    time.Duration `kong:"-"` // between looks at long work; 0: half a second
}

// onClinic is remote for one clinic.
type onClinic struct {
	Remote
	Clinic string `arg:"" optional:"" help:"ten_… or ext: and the platform's id."`
	Tenant string `env:"PATAPAY_TENANT" help:"The same, as a flag."`
}

// The codes that commands end with (docs/operations.md, exit codes).
const (
	ExitFailure   = 1
	ExitUsage     = 2
	ExitNotFound  = 3
	ExitDenied    = 4
	ExitUnhealthy = 5
)

// exit is an error that decides what the program ends with.
type exit struct {
	code int
	text string
}

// Error returns the text for the person.
func (e *exit) Error() string { return e.text }

// ExitCode returns what the program ends with.
func (e *exit) ExitCode() int { return e.code }

func usage(text string) error { return &exit{ExitUsage, text} }

// errDry ends a command that would have changed something.
var errDry = errors.New("dry run")

// path returns the clinic's place in the API.
func (c onClinic) path(rest string) (string, error) {
	name := c.Clinic
	if name == "" {
		name = c.Tenant
	}
	if name == "" {
		return "", usage("which clinic? Name it ten_…, or ext: and the platform's id.")
	}
	return "/v1/tenants/" + url.PathEscape(name) + rest, nil
}

func (r Remote) stdout() io.Writer {
	if r.Out != nil {
		return r.Out
	}
	return os.Stdout
}

func (r Remote) stderr() io.Writer {
	if r.Err != nil {
		return r.Err
	}
	return os.Stderr
}

func (r Remote) stdin() io.Reader {
	if r.In != nil {
		return r.In
	}
	return os.Stdin
}

// got is an answer of the API.
type got struct {
	raw    []byte
	header http.Header
}

func (g got) into(v any) error { return json.Unmarshal(g.raw, v) }

// ask makes one request; version is the ETag of what the person saw, "" none. A refusal is
// an *exit with the API's own words.
func (r Remote) ask(ctx context.Context, method, path, version string, in any) (got, error) {
	base, token, err := r.where()
	if err != nil {
		return got{}, err
	}
	if r.DryRun && method != http.MethodGet {
		fmt.Fprintf(r.stderr(), "would %s %s%s\n", method, base, path)
		return got{}, errDry
	}
	var body io.Reader
	if in != nil {
		raw, err := json.Marshal(in)
		if err != nil {
			return got{}, err
		}
		body = bytes.NewReader(raw)
	}
	req, err := http.NewRequestWithContext(ctx, method, base+path, body)
	if err != nil {
		return got{}, usage("PATAPAY_URL is not a URL")
	}
	req.Header.Set("Accept-Language", "en")
	if method == http.MethodPost {
		req.Header.Set("Idempotency-Key", rand.Text())
	}
	for name, value := range map[string]string{"Authorization": "Bearer " + token, "If-Match": version} {
		if value != "" && value != "Bearer " {
			req.Header.Set(name, value)
		}
	}
	if in != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := (&http.Client{Timeout: 2 * time.Minute}).Do(req)
	if err != nil {
		return got{}, &exit{ExitFailure, fmt.Sprintf("no answer from %s: is PataPay running there?", base)}
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(res.Body, 16<<20))
	if err == nil && res.StatusCode >= 300 {
		err = refusalOf(res.StatusCode, raw)
	}
	return got{raw, res.Header}, err
}

// refusalOf puts a problem of the API into a sentence and an exit code.
func refusalOf(status int, raw []byte) error {
	var p struct {
		Title, Detail, Code, RequestID string
		Errors                         []struct{ Detail string }
	}
	_ = json.Unmarshal(raw, &p)
	text := p.Title
	if p.Detail != "" {
		text = p.Detail
	}
	for _, e := range p.Errors {
		if p.Detail == "" && e.Detail != "" {
			text += ": " + e.Detail
		}
	}
	if text == "" {
		text = http.StatusText(status)
	}
	code := map[int]int{400: ExitUsage, 401: ExitDenied, 403: ExitDenied, 404: ExitNotFound, 422: ExitUsage, 428: ExitUsage}[status]
	if code == 0 {
		code = ExitFailure
	}
	return &exit{code, fmt.Sprintf("%s (%d %s)", text, status, p.Code)}
}

// login is what `patapay login` keeps between commands, readable by its owner only.
type login struct {
	URL   string `json:"url"`
	Token string `json:"token"`
}

const defaultURL = "http://127.0.0.1:8080"

// where returns the base URL and the token: the environment's, else those of the login. A
// token goes to the address it was made for, and to no other.
func (r Remote) where() (base, token string, err error) {
	saved, err := readLogin()
	if err != nil {
		return "", "", err
	}
	base, token = strings.TrimSuffix(r.URL, "/"), os.Getenv("PATAPAY_TOKEN")
	if base == "" {
		base = saved.URL
	}
	if base == "" {
		base = defaultURL
	}
	if token == "" && base == saved.URL {
		token = saved.Token
	}
	if u, err := url.Parse(base); err != nil || u.Host == "" || u.Scheme != "https" && !(u.Scheme == "http" && app.IsLoopback(u.Hostname())) {
		return "", "", usage("PATAPAY_URL is https://host; plain http is for this machine only")
	}
	return base, token, nil
}

// confirm asks a question that only yes answers.
func (r Remote) confirm(question string) error {
	if r.Yes || r.DryRun {
		return nil
	}
	fmt.Fprintf(r.stderr(), "%s [y/N] ", question)
	line, _ := readLine(r.stdin())
	if line != "y" && line != "yes" {
		return &exit{ExitFailure, "nothing was changed"}
	}
	return nil
}

// readLine reads up to the end of a line, byte by byte: what follows is the next reader's.
func readLine(in io.Reader) (string, error) {
	var line []byte
	for b := make([]byte, 1); len(line) < 1<<16; {
		if _, err := in.Read(b); err != nil {
			return strings.TrimSpace(string(line)), err
		}
		if b[0] == '\n' {
			break
		}
		line = append(line, b[0])
	}
	return strings.TrimSpace(string(line)), nil
}

// Pause waits for d, or until ctx ends; then it returns the error of ctx.
func Pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
