package remote

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"time"

	"patapay/api/client"
)

// callTime is how long a call may take: the longest is a comparison of one invoice.
const callTime = 2 * time.Minute

// api returns the API that the command speaks to, each call made once unless the options
// say otherwise: a person who waits decides whether it is made again.
func (r Remote) api(options ...client.Option) (*client.API, error) {
	base, token, err := r.where()
	if err != nil {
		return nil, err
	}
	with := []client.Option{client.Using(&http.Client{Timeout: callTime}), client.WithTries(1), client.Before(r.before)}
	api, err := client.New(base, token, append(with, options...)...)
	if err != nil {
		return nil, usage("PATAPAY_URL is not a URL")
	}
	return api, nil
}

// before names a request, so that one that is made twice does something once, and in a dry
// run ends one that would change something.
func (r Remote) before(_ context.Context, req *http.Request) error {
	if r.DryRun && req.Method != http.MethodGet {
		fmt.Fprintf(r.stderr(), "would %s %s\n", req.Method, req.URL)
		return errDry
	}
	if req.Method == http.MethodPost {
		req.Header.Set("Idempotency-Key", rand.Text())
	}
	return nil
}

// exits has what the program ends with when the API refuses with a status.
var exits = map[int64]int{
	http.StatusBadRequest:           ExitUsage,
	http.StatusUnauthorized:         ExitDenied,
	http.StatusForbidden:            ExitDenied,
	http.StatusNotFound:             ExitNotFound,
	http.StatusUnprocessableEntity:  ExitUsage,
	http.StatusPreconditionRequired: ExitUsage,
}

// failed puts why a call failed into a sentence and an exit code. nil stays nil, and what
// has a code already keeps it.
func failed(err error) error {
	var coded *exit
	var refused *client.Error
	var away *url.Error
	var unfit *json.MarshalerError
	switch {
	case err == nil, errors.Is(err, errDry), errors.As(err, &coded):
		return err
	case errors.As(err, &refused):
		return refusalOf(refused)
	case errors.As(err, &away):
		return &exit{ExitFailure, "no answer from " + baseOf(away.URL) + ": is PataPay running there?"}
	case errors.As(err, &unfit):
		return usage(unfit.Err.Error())
	}
	return &exit{ExitFailure, "PataPay's answer cannot be read"}
}

func baseOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	return u.Scheme + "://" + u.Host
}

// refusalOf returns a problem in the API's own words, what is wrong with each field on a
// line of its own.
func refusalOf(e *client.Error) error {
	text := e.Title
	if e.Detail != nil && *e.Detail != "" {
		text = *e.Detail
	}
	text = fmt.Sprintf("%s (%d %s)", text, e.Status, e.Code)
	for _, f := range valueOf(e.Errors) {
		text += "\n  " + fieldText(f)
	}
	code, ok := exits[e.Status]
	if !ok {
		code = ExitFailure
	}
	return &exit{code, text}
}

// fieldText returns what is wrong with one field: where it is, why, and the stable name.
func fieldText(f client.Field) string {
	text := valueOf(f.Pointer) + valueOf(f.Parameter) // one of them is there
	if text != "" {
		text += ": "
	}
	if detail := valueOf(f.Detail); detail != "" {
		text += detail + " "
	}
	return text + "(" + f.Code + ")"
}

// valueOf returns what p points at, or nothing.
func valueOf[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}

// optional returns v for a member that is left out when it is empty.
func optional[T comparable](v T) *T {
	var none T
	if v == none {
		return nil
	}
	return &v
}

// begun returns the id of the long work that an answer names.
func begun(res *http.Response) string { return path.Base(res.Header.Get("Location")) }
