package client

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Error is an answer that refuses: a problem (RFC 9457) with its HTTP status. Problem.Code
// is the stable name to decide by; Problem.Type is the address of a page that explains it.
type Error struct {
	Problem
	RetryAfter time.Duration // 0: not told
}

// ErrCursorExpired is what errors.Is finds when a place in the feed, or a page's cursor, is
// no longer kept: read everything anew, then follow from there.
var ErrCursorExpired = errors.New("patapay: the cursor has expired")

// ErrNotFound is what errors.Is finds when the object does not exist, or is another
// clinic's, which is the same.
var ErrNotFound = errors.New("patapay: not found")

// Error returns status, code, the sentence and the request id to name to the support.
func (e *Error) Error() string {
	text := fmt.Sprintf("patapay: %d %s", e.Status, e.Code)
	if e.Detail != nil && *e.Detail != "" {
		text += ": " + *e.Detail
	}
	if e.RequestID != nil {
		text += " (" + *e.RequestID + ")"
	}
	return text
}

// Is tells errors.Is that the code stands for one of this package's errors.
func (e *Error) Is(target error) bool {
	switch e.Code {
	case "cursor_expired":
		return target == ErrCursorExpired
	case "not_found":
		return target == ErrNotFound
	}
	return false
}

// maxProblem is how many bytes of a refusal are read.
const maxProblem = 64 << 10

// refusal reads an answer that is an error and closes it. What is no problem, a proxy's page
// perhaps, becomes one with the code http_{status}; of these 502, 503 and 504 may be tried
// again, since none of them reached PataPay.
func refusal(res *http.Response) *Error {
	defer res.Body.Close()
	raw, _ := io.ReadAll(io.LimitReader(res.Body, maxProblem))
	e := &Error{RetryAfter: retryAfter(res.Header)}
	isProblem := strings.HasPrefix(res.Header.Get("Content-Type"), "application/problem+json")
	if !isProblem || json.Unmarshal(raw, &e.Problem) != nil || e.Code == "" {
		e.Problem = Problem{
			Status: int64(res.StatusCode),
			Title:  http.StatusText(res.StatusCode),
			Code:   "http_" + strconv.Itoa(res.StatusCode),
		}
		e.Retryable = res.StatusCode >= 502 && res.StatusCode <= 504
	}
	return e
}

// retryAfter reads the seconds of Retry-After (RFC 9110, section 10.2.3), at most an hour.
func retryAfter(h http.Header) time.Duration {
	seconds, err := strconv.Atoi(h.Get("Retry-After"))
	if err != nil || seconds < 0 {
		return 0
	}
	return min(time.Duration(seconds)*time.Second, time.Hour)
}
