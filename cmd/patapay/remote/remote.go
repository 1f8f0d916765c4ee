package remote

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"
	"time"

	"patapay/api/client"
	"patapay/cmd/patapay/app"
)

// Remote is what the commands that speak to a running PataPay share: where it is, who
// asks, and how the answer is shown. They use the public API, as anybody's program would.
type Remote struct {
	URL    string `env:"PATAPAY_URL" help:"Where PataPay is. None: where you logged in, else http://127.0.0.1:8080."`
	Output string `help:"table, json, ndjson or csv." short:"o" enum:"table,json,ndjson,csv" default:"table"`
	Yes    bool   `help:"Answer yes to every question." short:"y"`
	DryRun bool   `help:"Say what would be asked for, and change nothing."`

	In       io.Reader     `kong:"-"` // where answers are typed; nil: standard input
	Out, Err io.Writer     `kong:"-"` // nil: standard output, standard error
	Pause    time.Duration `kong:"-"` // between looks at long work; 0: half a second
}

// onClinic is remote for one clinic.
type onClinic struct {
	Remote
	Clinic string `arg:"" optional:"" help:"ten_… or ext: and the platform's id."`
	Tenant string `help:"The same, as a flag." env:"PATAPAY_TENANT"`
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

// named returns what the clinic is called in the API.
func (c onClinic) named() (string, error) {
	name := c.Clinic
	if name == "" {
		name = c.Tenant
	}
	if name == "" {
		return "", usage("which clinic? Name it ten_…, or ext: and the platform's id.")
	}
	return name, nil
}

// there returns the API and what the clinic is called in it.
func (c onClinic) there() (api *client.API, tenant string, err error) {
	if tenant, err = c.named(); err == nil {
		api, err = c.api()
	}
	return api, tenant, err
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
	if u, err := url.Parse(base); err != nil || u.Host == "" ||
		u.Scheme != "https" && !(u.Scheme == "http" && app.IsLoopback(u.Hostname())) {
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
