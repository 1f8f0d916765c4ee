package domain

import (
	"errors"
	"fmt"
)

// Code says what a caller can do about an error.
type Code string

// The codes, from the caller's fault to ours.
const (
	Invalid         Code = "invalid"         // the request is wrong; change it
	Unauthenticated Code = "unauthenticated" // we do not know who asks
	Forbidden       Code = "forbidden"       // we know, and they may not
	NotFound        Code = "not_found"       // absent, or another clinic's
	Conflict        Code = "conflict"        // true of the request, false of the state
	Unavailable     Code = "unavailable"     // something we need is down; try later
	Internal        Code = "internal"        // our fault; details go to the log only
)

// Error is a failure whose Detail may be shown to the person who caused it. Err, the
// cause, is only ever logged.
type Error struct {
	Code   Code
	Detail string
	Err    error
}

// Error returns the code, the detail and the cause, for logs.
func (e *Error) Error() string {
	if e.Err == nil {
		return string(e.Code) + ": " + e.Detail
	}
	return fmt.Sprintf("%s: %s: %v", e.Code, e.Detail, e.Err)
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Errorf returns an Error with code and a formatted detail.
func Errorf(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Detail: fmt.Sprintf(format, args...)}
}

// CodeOf returns the code of the first Error in err's chain, Internal for any other
// error and "" for nil.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return Internal
}
