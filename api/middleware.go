package api

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/gin-gonic/gin"

	"patapay/api/problem"
	"patapay/api/webhook"
)

// identify takes the caller's X-Request-Id when it is short and plain, or issues one, and
// sends it back.
func identify(c *gin.Context) {
	id := problem.RequestIDFrom(c.GetHeader("X-Request-Id"))
	c.Header("X-Request-Id", id)
	c.Request = c.Request.WithContext(problem.WithRequest(c.Request.Context(), id))
}

// lastOfItsConnection closes the connection behind a body in chunks. It may have named a length too, which net/http
// takes away unseen: to what stood before us that length was true, and what follows is the rest of this body, not
// a request (RFC 9112, section 6.3).
func lastOfItsConnection(c *gin.Context) {
	if len(c.Request.TransferEncoding) > 0 {
		c.Header("Connection", "close")
	}
}

// secureTransport tells browsers to use https alone for a year (RFC 6797), also where the proxy in
// front of us does not. Subdomains are not ours to bind.
func secureTransport(c *gin.Context) {
	c.Header("Strict-Transport-Security", "max-age=31536000")
}

// plainLines is of how many plain deliveries one is logged.
const plainLines = 100

// logged writes one line a request: route, never the raw path or query; no header, no body.
// An answer that failed because its caller hung up is no fault of ours, and says so; any other
// 5xx is an error with its cause, found by the request's id. Of plain deliveries one in a hundred has
// its line: there are a thousand a second of them, and the counters have the rest.
func logged(log *slog.Logger, answered func(route string, status int)) gin.HandlerFunc {
	var plain atomic.Int64
	return func(c *gin.Context) {
		start := time.Now()
		c.Next()
		answered(c.FullPath(), c.Writer.Status())
		delivery := c.FullPath() == webhook.Path && c.Writer.Status() == http.StatusOK && time.Since(start) < webhook.Plain
		if delivery && plain.Add(1)%plainLines != 1 {
			return
		}
		level := slog.LevelInfo
		told := []slog.Attr{
			slog.String("method", c.Request.Method), slog.String("route", c.FullPath()), slog.Int("status", c.Writer.Status()),
			slog.Int64("durationMs", time.Since(start).Milliseconds()), slog.String("source", c.ClientIP()),
		}
		if delivery {
			told = append(told, slog.Int("oneIn", plainLines))
		}
		switch ctx := c.Request.Context(); {
		case c.Writer.Status() < 500:
		case errors.Is(ctx.Err(), context.Canceled):
			told = append(told, slog.Bool("callerGone", true))
		default:
			level = slog.LevelError
			told = append(told, slog.String("cause", problem.CausesOf(ctx).Text()))
		}
		log.LogAttrs(c.Request.Context(), level, "request", told...)
	}
}

// recovered turns a panic into 500 without what gin's own would print: it masks only
// Authorization, not the webhook's token (docs/reliability.md, T-11).
func recovered(log *slog.Logger) gin.HandlerFunc {
	return func(c *gin.Context) {
		defer func() {
			p := recover()
			if p == nil {
				return
			}
			if err, ok := p.(error); ok &&
				(errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, http.ErrAbortHandler)) {
				c.Abort()
				return
			}
			problem.NoteCause(c.Request.Context(), fmt.Errorf("panic: %T", p))
			log.ErrorContext(
				c.Request.Context(), "panic", "route", c.FullPath(), "panic", fmt.Sprintf("%T", p), "stack",
				string(debug.Stack()),
			)
			c.AbortWithStatus(http.StatusInternalServerError)
		}()
		c.Next()
	}
}
