package problem

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"regexp"
	"strings"

	"github.com/gin-gonic/gin"
	textlanguage "golang.org/x/text/language"
)

// Handle makes a gin handler of a function that may fail; the answer to its error is
// Write's.
func Handle(fn func(*gin.Context) error) gin.HandlerFunc {
	return func(c *gin.Context) {
		if err := fn(c); err != nil {
			Write(c, err)
		}
	}
}

// Write answers the request with the problem that err is and ends its chain of handlers.
// The error itself goes to the request's log line (NoteCause). If the answer has begun
// already it stays as it is.
func Write(c *gin.Context, err error) {
	_ = c.Error(err)
	NoteCause(c.Request.Context(), err)
	c.Abort()
	if c.Writer.Written() {
		return
	}
	p := From(err).in(languageOf(c.GetHeader("Accept-Language")), c.Request.URL.Path, RequestID(c.Request.Context()))
	var headers interface{ GetHeaders() http.Header }
	if errors.As(err, &headers) {
		for name, values := range headers.GetHeaders() {
			c.Header(name, values[0])
		}
	}
	if p.Status == http.StatusUnauthorized {
		c.Header("WWW-Authenticate", "Bearer") // RFC 6750, section 3
	}
	c.Header("Content-Type", p.ContentType(""))
	c.Header("Content-Language", p.language(c.GetHeader("Accept-Language")))
	c.JSON(p.Status, p)
}

func (p *Problem) language(accept string) string {
	if languageOf(accept) == english {
		return "en"
	}
	return "pt-BR"
}

var offered = textlanguage.NewMatcher([]textlanguage.Tag{textlanguage.BrazilianPortuguese, textlanguage.English})

// languageOf picks English when Accept-Language prefers it, else Portuguese, our users'
// language. A header of more than 200 bytes is ignored.
func languageOf(accept string) language {
	if accept == "" || len(accept) > 200 {
		return portuguese
	}
	tags, _, err := textlanguage.ParseAcceptLanguage(accept)
	if err != nil {
		return portuguese
	}
	_, index, _ := offered.Match(tags...)
	return language(index)
}

type requestKey struct{}

// request is what a request's context carries.
type request struct {
	id     string
	causes Causes
}

// WithRequest returns the context of a request: it carries its id, and gathers the causes of its answer.
func WithRequest(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, requestKey{}, &request{id: id})
}

// RequestID returns the id of ctx's request, or "".
func RequestID(ctx context.Context) string {
	if r, _ := ctx.Value(requestKey{}).(*request); r != nil {
		return r.id
	}
	return ""
}

var plainID = regexp.MustCompile(`^[A-Za-z0-9_.:-]{8,64}$`)

// RequestIDFrom returns the caller's X-Request-Id if it is plain enough for a log, or a
// new one, `req_` and 16 letters.
func RequestIDFrom(header string) string {
	if plainID.MatchString(header) {
		return header
	}
	return "req_" + strings.ToLower(rand.Text()[:16])
}
