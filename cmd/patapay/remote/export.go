package remote

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
)

// ExportCmd gets a whole list as a file.
type ExportCmd struct {
	onClinic
	Kind   string   `required:"" enum:"invoices,checkouts,anticipations,ledger,events" help:"invoices, checkouts, anticipations, ledger or events."`
	Filter []string `sep:"none" placeholder:"NAME=VALUE" help:"A filter of the list, as in its address: status=overdue,pending or dueDate[gte]=2026-11-01. May be there several times."`
	File   string   `short:"f" default:"-" help:"Where to; - is standard output. A file that is there already is left alone."`
}

// Run makes the file and fetches it.
func (c ExportCmd) Run(ctx context.Context) error {
	filter := map[string]string{}
	for _, pair := range c.Filter {
		name, value, ok := strings.Cut(pair, "=")
		if !ok {
			return usage("a filter is name=value")
		}
		filter[name] = value
	}
	path, err := c.path("/exports")
	if err != nil {
		return err
	}
	to, err := c.open()
	if err != nil {
		return err
	}
	defer to.Close()
	begun, err := c.ask(ctx, http.MethodPost, path, "", map[string]any{"kind": c.Kind, "filter": filter})
	if err != nil {
		return dry(err)
	}
	at := begun.header.Get("Location")
	if err := c.follow(ctx, at); err != nil {
		return err
	}
	return c.fetch(ctx, path+"/"+strings.Replace(at[strings.LastIndex(at, "/")+1:], "opr_", "exp_", 1)+"/file", to)
}

// open makes the file before anything is asked for: a place that cannot be written to costs
// no work.
func (c ExportCmd) open() (io.WriteCloser, error) {
	if c.File == "-" || c.DryRun {
		return struct {
			io.Writer
			io.Closer
		}{c.stdout(), io.NopCloser(nil)}, nil
	}
	f, err := os.OpenFile(c.File, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, usage("cannot make " + c.File + ": " + reasonOf(err))
	}
	return f, nil
}

// fetch writes an answer as it comes: a file of years is not held in memory.
func (r Remote) fetch(ctx context.Context, path string, to io.Writer) error {
	base, token, err := r.where()
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, base+path, nil)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Accept-Language", "en")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return &exit{ExitFailure, fmt.Sprintf("no answer from %s", base)}
	}
	defer res.Body.Close()
	if res.StatusCode >= 300 {
		raw, _ := io.ReadAll(io.LimitReader(res.Body, 1<<20))
		return refusalOf(res.StatusCode, raw)
	}
	_, err = io.Copy(to, res.Body)
	return err
}

// reasonOf returns why a file could not be opened, without its path.
func reasonOf(err error) string {
	if os.IsExist(err) {
		return "it is there already"
	}
	if i := strings.LastIndex(err.Error(), ": "); i >= 0 {
		return err.Error()[i+2:]
	}
	return err.Error()
}
