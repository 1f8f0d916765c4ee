package api

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"
	"github.com/jackc/pgx/v5/pgconn"

	"patapay/api/problem"
	"patapay/api/webhook"
	"patapay/domain"
	"patapay/tenants/asaasapi"
)

// byRequest writes each line with the request's id, as the program's own logger does.
type byRequest struct{ slog.Handler }

// Handle writes one line.
func (h byRequest) Handle(ctx context.Context, line slog.Record) error {
	line.AddAttrs(slog.String("requestId", problem.RequestID(ctx)))
	return h.Handler.Handle(ctx, line)
}

// ask sends one request to handler and returns the line that is logged of it.
func ask(t *testing.T, ctx context.Context, handler gin.HandlerFunc) (*httptest.ResponseRecorder, string) {
	t.Helper()
	gin.SetMode(gin.ReleaseMode)
	var out bytes.Buffer
	log := slog.New(byRequest{slog.NewTextHandler(&out, nil)})
	router := gin.New()
	router.Use(identify, logged(log, func(string, int) {}), recovered(log))
	router.GET("/things/:id", handler)
	answer := httptest.NewRecorder()
	request := httptest.NewRequestWithContext(ctx, http.MethodGet, "/things/secret-id?key=secret-key", nil)
	request.Header.Set("Authorization", "Bearer secret-token")
	router.ServeHTTP(answer, request)
	return answer, out.String()
}

func TestARequestIsLoggedByItsRouteWithoutWhatItCarried(t *testing.T) {
	_, line := ask(t, t.Context(), func(c *gin.Context) { c.Status(http.StatusNoContent) })
	if !strings.Contains(line, "route=/things/:id") || !strings.Contains(line, "level=INFO") ||
		strings.Contains(line, "secret") {
		t.Error(line)
	}
}

func TestAnAnswerThatFailsIsAnErrorUnlessItsCallerHungUp(t *testing.T) {
	_, line := ask(t, t.Context(), func(c *gin.Context) { c.Status(http.StatusServiceUnavailable) })
	if !strings.Contains(line, "level=ERROR") {
		t.Error(line)
	}
	gone, hangUp := context.WithCancel(t.Context())
	_, line = ask(t, gone, func(c *gin.Context) { hangUp(); c.Status(http.StatusServiceUnavailable) })
	if !strings.Contains(line, "level=INFO") || !strings.Contains(line, "callerGone=true") {
		t.Error(line)
	}
}

func TestBrowsersAreBoundToHTTPSWhereTheWorldReachesUsByIt(t *testing.T) {
	for _, https := range []bool{true, false} {
		router, err := Router(Parts{HTTPS: https, Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range []string{"/", "/v1/nothing", "/docs"} {
			answer := httptest.NewRecorder()
			router.ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
			if bound := answer.Header().Get("Strict-Transport-Security") == "max-age=31536000"; bound != https {
				t.Error(path, https, answer.Header())
			}
		}
	}
}

func TestAPanicIsA500ThatTellsNothing(t *testing.T) {
	answer, line := ask(t, t.Context(), func(*gin.Context) { panic("secret of ana@example.com") })
	if answer.Code != http.StatusInternalServerError || answer.Body.Len() > 0 ||
		strings.Contains(line, "ana@example.com") {
		t.Error(answer.Code, answer.Body.String(), line)
	}
}

// The page says that we know of it already, so the log must say of what.
func TestTheCauseOfA5xxStandsInTheLogByItsRequestWithoutPersonalData(t *testing.T) {
	for name, fail := range map[string]gin.HandlerFunc{
		"invoices: SQLSTATE 22P02": problem.Handle(func(*gin.Context) error {
			cause := &pgconn.PgError{Code: "22P02", Message: "invalid input syntax for type integer: Ana Souza"}
			return &domain.Error{Code: domain.Internal, Detail: "invoices", Err: cause}
		}),
		"internal: redis: connection refused": problem.Handle(func(*gin.Context) error {
			return &domain.Error{Code: domain.Internal, Err: errors.New("redis: connection refused")}
		}),
		"gateway: asaas_timeout (503 )": problem.Handle(func(*gin.Context) error {
			cause := errors.New("GET /v3/customers of ana@example.com: breaker is open")
			return &asaasapi.Error{Code: asaasapi.TimedOut, Status: http.StatusServiceUnavailable, Err: cause}
		}),
		"unavailable: context deadline exceeded": problem.Handle(func(*gin.Context) error {
			return &domain.Error{Code: domain.Unavailable, Err: context.DeadlineExceeded}
		}),
		"answer of … for … failed": problem.Handle(func(*gin.Context) error {
			return &domain.Error{Code: domain.Internal, Err: errors.New("answer of ana@example.com for 123.456.789-09 failed")}
		}),
		"panic: *errors.errorString": func(*gin.Context) { panic(errors.New("secret of ana@example.com")) },
	} {
		answer, lines := ask(t, t.Context(), fail)
		line := lines[strings.LastIndex(strings.TrimSpace(lines), "\n")+1:]
		if answer.Code < 500 || !strings.Contains(line, "level=ERROR") || !strings.Contains(line, name) {
			t.Errorf("%s: %d %s", name, answer.Code, line)
		}
		if id := answer.Header().Get("X-Request-Id"); id == "" || !strings.Contains(line, "requestId="+id) {
			t.Errorf("%s: request %q is told of by %s", name, id, line)
		}
		for _, somebodys := range []string{"Ana", "ana@", "123.456"} {
			if strings.Contains(lines, somebodys) {
				t.Errorf("%s: %s", name, lines)
			}
		}
	}
}

func TestOfPlainDeliveriesOneInAHundredHasALine(t *testing.T) {
	gin.SetMode(gin.ReleaseMode)
	var out bytes.Buffer
	router := gin.New()
	answered := 0
	log := slog.New(slog.NewTextHandler(&out, nil))
	router.Use(identify, logged(log, func(string, int) { answered++ }))
	code := http.StatusOK
	router.POST(webhook.Path, func(c *gin.Context) { c.Status(code) })
	router.POST("/v1/other", func(c *gin.Context) { c.Status(code) })
	post := func(path string) {
		router.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, nil))
	}
	for range 201 {
		post(webhook.Path)
	}
	lines, shown := strings.Count(out.String(), "\n"), strings.Count(out.String(), "oneIn=100")
	slow := lines - shown // on a machine that has much to do
	if shown != (201-slow+99)/100 || answered != 201 {
		t.Errorf("%d lines, %d of them for a hundred; %d counted", lines, shown, answered)
	}
	out.Reset()
	code = http.StatusServiceUnavailable
	post(webhook.Path)
	post("/v1/other")
	if n := strings.Count(out.String(), "status=503"); n != 2 || strings.Contains(out.String(), "oneIn") {
		t.Error(out.String())
	}
}
