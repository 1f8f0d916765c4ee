// Package api is HTTP, coming in: one router, its middleware, and below it the webhook's
// door and the public API. It knows nothing of queues: it calls a notifier that cmd hands it.
package api

import (
	"log/slog"
	"net/http"
	"path"
	"strings"

	"github.com/gin-gonic/gin"

	"patapay/api/calendar"
	"patapay/api/problem"
	"patapay/api/webhook"
	"patapay/domain"
)

// Parts are what the router serves.
type Parts struct {
	Webhook *webhook.Handler  // nil: no door here
	V1      func(*gin.Engine) // registers /v1 and /openapi.json; nil: none
	Agenda  gin.HandlerFunc   // people's calendars, at calendar.Path; nil: none
	Docs    http.Handler      // /docs and what is below it; nil: none
	Web     http.Handler      // pages; nil: none
	HTTPS   bool              // whether the world reaches us by https: browsers are told to come no other way
	Proxies []string          // whose X-Forwarded-For is believed; none: the peer's address counts
	Log     *slog.Logger

	// Answered counts each answer by its route's template ("" for none) and code; nil: nobody counts.
	Answered func(route string, status int)
}

// Router returns the whole URL space.
func Router(p Parts) (http.Handler, error) {
	gin.SetMode(gin.ReleaseMode)
	r := gin.New()
	r.RedirectTrailingSlash, r.RedirectFixedPath = false, false // redirects fail (docs/gateway.md, retries)
	r.HandleMethodNotAllowed = true
	r.UseRawPath, r.UnescapePathValues = true, true // a caller's own text may hold a slash: OS%2F2026%2F0012
	r.ContextWithFallback = true
	if err := r.SetTrustedProxies(p.Proxies); err != nil {
		return nil, err
	}
	if p.Answered == nil {
		p.Answered = func(string, int) {}
	}
	r.Use(identify, lastOfItsConnection, logged(p.Log, p.Answered), recovered(p.Log))
	if p.HTTPS {
		r.Use(secureTransport)
	}
	if p.Webhook != nil {
		r.POST(webhook.Path, p.Webhook.Receive)
	}
	if p.V1 != nil {
		p.V1(r)
	}
	if p.Agenda != nil {
		r.GET(calendar.Path, p.Agenda)
	}
	if p.Docs != nil {
		r.GET("/docs", gin.WrapH(p.Docs))
		r.GET("/docs/*page", gin.WrapH(p.Docs))
	}
	r.NoRoute(fallback(p.Web))
	r.NoMethod(func(c *gin.Context) { refuse(c, http.StatusMethodNotAllowed, "method_not_allowed") })
	return spelled(r), nil
}

// fallback serves pages to those who ask for one, and 404 to the rest.
func fallback(web http.Handler) gin.HandlerFunc {
	return func(c *gin.Context) {
		p := c.Request.URL.Path
		if web == nil || strings.HasPrefix(p, "/v1") ||
			c.Request.Method != http.MethodGet && c.Request.Method != http.MethodHead {
			refuse(c, http.StatusNotFound, string(domain.NotFound))
			return
		}
		c.Status(http.StatusOK)
		web.ServeHTTP(c.Writer, c.Request)
	}
}

// refuse answers a request that has no route: as a problem below /v1, else without a body.
func refuse(c *gin.Context, status int, code string) {
	if strings.HasPrefix(c.Request.URL.Path, "/v1/") {
		problem.Write(c, &problem.Error{Code: code})
		return
	}
	c.AbortWithStatus(status)
}

// spelled hands every spelling of the webhook's path (either slash, doubled slashes, other
// case, encoded letters) to its one route: clinics typed it by hand into the gateway's panel, and
// whatever is not 200 costs them a try (docs/reliability.md, E24). A plus in a path is a plus: gin
// reads path values as if they stood in a form.
func spelled(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if p := r.URL.Path; len(p) < 256 && strings.EqualFold(path.Clean(p), webhook.Path) {
			r.URL.Path, r.URL.RawPath = webhook.Path, ""
		}
		r.URL.RawPath = strings.ReplaceAll(r.URL.RawPath, "+", "%2B")
		next.ServeHTTP(w, r)
	})
}
