package asaasapi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/sony/gobreaker/v2"
)

const (
	maxAnswer = 1 << 20 // bytes of an answer's body
	maxTries  = 3       // of one read
)

// request is one call: what to ask, and which permission of the key it needs.
type request struct {
	method, path, permission string
	body                     any // nil: none; a GET never has one
}

// reply is a complete answer, read within its bounds.
type reply struct {
	status int
	header http.Header
	body   []byte
}

// do makes a call within its time. Reads are tried up to three times when the gateway
// fails or asks for a short pause; writes once.
func (c *Client) do(ctx context.Context, cred Credential, req request) (*reply, error) {
	budget, tries := c.timeout, maxTries
	if req.method != http.MethodGet {
		budget, tries = 2*c.timeout, 1
	}
	ctx, cancel := context.WithTimeout(ctx, budget)
	defer cancel()
	id := laneOf(cred)
	l := c.lanes.lane(id, c.now())
	var failed *Error
	for try := 1; ; try++ {
		res, err := c.attempt(ctx, cred, req, id, l)
		if failed = c.judge(cred, req, l, res, err); failed == nil {
			return res, nil
		}
		pause, again := c.pause(ctx, failed, try, tries)
		if !again || !Sleep(ctx, pause) {
			return nil, failed
		}
	}
}

// attempt makes one HTTP exchange: the pause a 429 asked for, then room among the key's
// reads, then the account's quota, then the environment's breaker.
func (c *Client) attempt(ctx context.Context, cred Credential, req request, id laneID, l *lane) (*reply, error) {
	if wait := l.wait(c.now()); wait > 0 {
		return nil, &Error{Code: RateLimited, RetryAfter: wait}
	}
	base, ok := c.base(cred.Environment)
	if !ok {
		return nil, &Error{Code: Unexpected, Err: errors.New("no environment chosen")}
	}
	if req.method == http.MethodGet {
		select {
		case l.reads <- struct{}{}:
			defer func() { <-l.reads }()
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	if spent := c.meter.spend(ctx, id); spent != nil {
		c.observe(Call{Code: "quota"})
		return nil, spent
	}
	asked := false
	res, err := c.breakers[cred.Environment].Execute(func() (*reply, error) {
		asked = true
		begun := c.now()
		res, err := c.exchange(ctx, cred, req, base)
		if !errors.Is(err, context.Canceled) { // whoever asked has left: that says nothing of the gateway
			c.observe(Call{Code: codeOfReply(res), Took: c.now().Sub(begun)})
		}
		return res, err
	})
	if !asked {
		c.observe(Call{Code: "breaker"})
	}
	return res, err
}

func codeOfReply(res *reply) string {
	if res == nil {
		return "none"
	}
	return strconv.Itoa(res.status)
}

// exchange sends one request and reads its whole answer. An answer of 5xx comes with an
// error, so that the breaker counts it.
func (c *Client) exchange(ctx context.Context, cred Credential, req request, base string) (*reply, error) {
	out, err := c.build(ctx, cred, req, base)
	if err != nil {
		return nil, err
	}
	in, err := c.http.Do(out)
	if err != nil {
		return nil, err
	}
	defer in.Body.Close()
	body, err := io.ReadAll(io.LimitReader(in.Body, maxAnswer+1))
	res := &reply{in.StatusCode, in.Header, body}
	switch {
	case len(body) > maxAnswer:
		return res, &Error{Code: Unexpected, Status: in.StatusCode, Err: fmt.Errorf("answer above %d bytes", maxAnswer)}
	case err != nil:
		return nil, err
	case in.StatusCode >= 500:
		return res, &Error{Code: TimedOut, Status: in.StatusCode}
	}
	return res, nil
}

func (c *Client) build(ctx context.Context, cred Credential, req request, base string) (*http.Request, error) {
	var body io.Reader
	if req.body != nil && req.method != http.MethodGet { // the gateway answers 403 to a GET with a body
		raw, err := json.Marshal(req.body)
		if err != nil {
			return nil, fmt.Errorf("request body: %w", err)
		}
		body = bytes.NewReader(raw)
	}
	out, err := http.NewRequestWithContext(ctx, req.method, base+req.path, body)
	if err != nil {
		return nil, err
	}
	out.Header.Set("access_token", cred.Key.Reveal())
	out.Header.Set("User-Agent", c.Agent)
	out.Header.Set("Accept", "application/json")
	if body != nil {
		out.Header.Set("Content-Type", "application/json")
	}
	return out, nil
}

// judge turns what came of an attempt into an Error; nil for 200, 204 and 404, which the
// caller reads.
func (c *Client) judge(cred Credential, req request, l *lane, res *reply, err error) *Error {
	var known *Error
	switch {
	case errors.As(err, &known):
		return known
	case err != nil:
		return &Error{Code: TimedOut, Err: err}
	}
	failed := &Error{Status: res.status, Upstream: upstreamCode(res.body)}
	switch res.status {
	case http.StatusOK, http.StatusNoContent, http.StatusNotFound:
		return nil
	case http.StatusUnauthorized:
		failed.Code = KeyRefused
		if failed.Upstream == "invalid_environment" {
			failed.Code, failed.Environment = WrongEnvironment, cred.Environment
		}
	case http.StatusForbidden:
		failed.Code = forbidden(failed.Upstream)
		if failed.Code == PermissionLacks {
			failed.Permission = []string{req.permission}
		}
	case http.StatusTooManyRequests:
		failed.Code, failed.RetryAfter = RateLimited, resetOf(res.header)
		l.block(c.now(), failed.RetryAfter)
	default:
		failed.Code = Unexpected
	}
	return failed
}

// forbidden tells the causes of a 403 apart: a key without a permission gets a JSON error
// about it; a blocked address gets its own code, or, from the content network, no JSON.
func forbidden(upstream string) Code {
	if upstream == "" || strings.HasSuffix(upstream, "_ip") {
		return IPBlocked
	}
	return PermissionLacks
}

// upstreamCode returns the first error code of an error body, "" when there is none that
// is short and plain enough to be shown.
func upstreamCode(body []byte) string {
	var list struct {
		Errors []struct{ Code string }
	}
	if json.Unmarshal(body, &list) != nil || len(list.Errors) == 0 {
		return ""
	}
	code := list.Errors[0].Code
	plain := func(r rune) rune {
		if r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return r
		}
		return -1
	}
	if len(code) > 60 || strings.Map(plain, code) != code {
		return ""
	}
	return code
}

// resetOf returns the pause that a 429 asks for: RateLimit-Reset or Retry-After in
// seconds, 1 to 43,200 (the quota's 12 h); a minute when it says neither.
func resetOf(h http.Header) time.Duration {
	for _, name := range []string{"RateLimit-Reset", "Retry-After"} {
		if s, err := strconv.Atoi(h.Get(name)); err == nil {
			return time.Duration(min(max(s, 1), 43_200)) * time.Second
		}
	}
	return time.Minute
}

// pause returns how long to wait before the next try, and whether that leaves it time, half
// of what there is: 5xx and transport failures wait 100 ms × 3^(try−1), half of it by
// chance; a 429 waits what it asks for. A try without time would end as a gateway that
// does not answer, and its 429 with the seconds to wait would be told to nobody.
func (c *Client) pause(ctx context.Context, failed *Error, try, tries int) (time.Duration, bool) {
	if try >= tries || errors.Is(failed, gobreaker.ErrOpenState) || errors.Is(failed, gobreaker.ErrTooManyRequests) {
		return 0, false
	}
	wait := failed.RetryAfter
	switch failed.Code {
	case RateLimited:
		wait += 20 * time.Millisecond // never too early
	case TimedOut:
		wait = 100 * time.Millisecond
		for range try - 1 {
			wait *= 3
		}
		wait = wait/2 + rand.N(wait/2)
	default:
		return 0, false
	}
	end, _ := ctx.Deadline()
	return wait, wait < time.Until(end)/2
}

// Sleep waits d, or less when ctx ends first; it reports whether it waited in full.
func Sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
