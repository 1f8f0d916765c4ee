package remote

import (
	"context"
	"io"
	"net/http"
	"os"
	"strings"

	"patapay/api/client"
)

// ExportCmd gets a whole list as a file.
type ExportCmd struct {
	onClinic
	Kind   string   `required:"" enum:"invoices,checkouts,anticipations,ledger,events,statement" help:"invoices, checkouts, anticipations, ledger, events or statement."`
	Format string   `enum:"csv,ofx" default:"csv" help:"csv, or ofx of a statement, as accounting programs import it."`
	Filter []string `help:"A filter of the list, as in its address: status=overdue,pending or dueDate[gte]=2026-11-01. May be there several times." sep:"none" placeholder:"NAME=VALUE"`
	File   string   `help:"Where to; - is standard output. A file that is there already is left alone." short:"f" default:"-"`
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
	api, tenant, err := c.there()
	if err != nil {
		return err
	}
	to, err := c.open()
	if err != nil {
		return err
	}
	defer to.Close()
	res, err := api.CreateExportWithResponse(ctx, tenant, nil,
		client.CreateExportInputBody{
			Kind:   client.CreateExportInputBodyKind(c.Kind),
			Format: new(client.CreateExportInputBodyFormat(c.Format)),
			Filter: &filter,
		})
	if err != nil {
		return dry(failed(err))
	}
	id := begun(res.HTTPResponse)
	if _, err := c.follow(ctx, id); err != nil {
		return err
	}
	return c.fetch(ctx, tenant, strings.Replace(id, "opr_", "exp_", 1), to)
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

// fetch writes a file as it comes: one of years is not held in memory, and takes its time.
func (r Remote) fetch(ctx context.Context, tenant, id string, to io.Writer) error {
	api, err := r.api(client.Using(&http.Client{}))
	if err != nil {
		return err
	}
	res, err := api.GetExportFile(ctx, tenant, id)
	if err != nil {
		return failed(err)
	}
	defer res.Body.Close()
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
