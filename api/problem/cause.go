package problem

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"sync"

	"patapay/domain"
)

// Causes are the errors behind a request's answer, gathered for its log line: the answer itself says nothing of them.
type Causes struct {
	mu   sync.Mutex
	errs []error
}

// CausesOf returns the causes of ctx's request, nil where there is none.
func CausesOf(ctx context.Context) *Causes {
	if r, _ := ctx.Value(requestKey{}).(*request); r != nil {
		return &r.causes
	}
	return nil
}

// NoteCause keeps err for the log line of ctx's request, if it is one.
func NoteCause(ctx context.Context, err error) {
	c := CausesOf(ctx)
	if c == nil || err == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.errs = append(c.errs, err)
}

// Text returns the causes for a log, without what may be somebody's: quoted texts, e-mails, long numbers. Of a
// database's error the SQLSTATE is told. It is at most 500 bytes long; "" when nothing was noted.
func (c *Causes) Text() string {
	if c == nil {
		return ""
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	var texts []string
	for _, err := range c.errs {
		texts = append(texts, causeText(err))
	}
	text := strings.Join(texts, "; ")
	return text[:min(len(text), 500)]
}

var personal = regexp.MustCompile(`"[^"]*"|'[^']*'|[\w.+-]+@[\w-]+(\.[\w-]+)+|\b\d[\d.\-/]{9,}\d\b`)

// causeText returns what is told of an error: its own words from the outside in, up to a database's error, whose words
// may repeat a value and are replaced by its SQLSTATE.
func causeText(err error) string {
	text := err.Error()
	var done *Problem
	if errors.As(err, &done) && done.cause != nil {
		text = done.cause.Error()
		err = done.cause
	}
	var state interface {
		error
		SQLState() string
	}
	if errors.As(err, &state) {
		text = strings.ReplaceAll(text, state.Error(), "SQLSTATE "+state.SQLState())
	}
	var plain *domain.Error
	if errors.As(err, &plain) && !strings.HasPrefix(text, string(plain.Code)) {
		text = string(plain.Code) + ": " + text
	}
	return personal.ReplaceAllString(strings.ReplaceAll(text, ": : ", ": "), "…")
}
