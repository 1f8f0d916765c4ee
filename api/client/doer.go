package client

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"
)

// doer makes the generated client's calls: it adds the token, turns refusals into errors,
// and repeats what PataPay says may be repeated.
type doer struct {
	http     *http.Client
	token    string
	language string
	tries    int
	pause    func(context.Context, time.Duration) error
}

// Do makes a call, again while its failure allows: a problem only when it says retryable, a
// broken connection always, and either only for a call that changes nothing the second
// time. It fails with an *Error for every status of 400 or more.
func (d *doer) Do(r *http.Request) (*http.Response, error) {
	if d.token != "" {
		r.Header.Set("Authorization", "Bearer "+d.token)
	}
	if r.Header.Get("Accept-Language") == "" {
		r.Header.Set("Accept-Language", d.language)
	}
	for try := 1; ; try++ {
		res, err := d.once(r)
		if err == nil || try >= d.tries || r.Context().Err() != nil || !repeatable(r) || !passing(err) {
			return res, err
		}
		if err := d.pause(r.Context(), wait(err, try)); err != nil {
			return nil, err
		}
		if r, err = again(r); err != nil {
			return nil, err
		}
	}
}

func (d *doer) once(r *http.Request) (*http.Response, error) {
	res, err := d.http.Do(r)
	if err != nil {
		return nil, err
	}
	if res.StatusCode >= 400 || res.StatusCode == http.StatusOK && !ours(res.Header.Get("Content-Type")) {
		return nil, refusal(res)
	}
	return res, nil
}

// ours tells whether PataPay answers in such a type; a proxy's login page does not pass for
// an empty list.
func ours(contentType string) bool {
	for _, t := range []string{"application/json", "text/event-stream", "text/csv", "application/octet-stream"} {
		if strings.HasPrefix(contentType, t) {
			return true
		}
	}
	return false
}

// repeatable tells whether making the call twice is making it once: RFC 9110, section
// 9.2.2, and an Idempotency-Key.
func repeatable(r *http.Request) bool {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodPut, http.MethodDelete:
		return true
	}
	return r.Header.Get("Idempotency-Key") != ""
}

// passing tells whether the same call may succeed later.
func passing(err error) bool {
	var told *Error
	if errors.As(err, &told) {
		return told.Retryable
	}
	return true // no answer at all
}

// wait is how long to rest before the next try: what PataPay asked for, else 0.2, 0.4, 0.8
// seconds and so on, up to half of it more by chance, so that callers do not come in step.
func wait(err error, try int) time.Duration {
	var told *Error
	if errors.As(err, &told) && told.RetryAfter > 0 {
		return told.RetryAfter
	}
	d := min(200*time.Millisecond<<min(try-1, 8), 30*time.Second)
	return d + rand.N(d/2)
}

// again returns the request with its body from the beginning.
func again(r *http.Request) (*http.Request, error) {
	next := r.Clone(r.Context())
	if r.GetBody == nil {
		return next, nil
	}
	body, err := r.GetBody()
	next.Body = body
	return next, err
}
