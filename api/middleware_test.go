package api

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"
)

// ask sends one request to handler and returns the line that is logged of it.
func ask(t *testing.T, ctx context.Context, handler gin.HandlerFunc) (*httptest.ResponseRecorder, string) {
	t.Helper()
	gin.SetMode(gin.ReleaseMode)
	var out bytes.Buffer
	log := slog.New(slog.NewTextHandler(&out, nil))
	router := gin.New()
	router.Use(identify, logged(log), recovered(log))
	router.GET("/things/:id", handler)
	answer := httptest.NewRecorder()
	request := httptest.NewRequestWithContext(ctx, http.MethodGet, "/things/secret-id?key=secret-key", nil)
	request.Header.Set("Authorization", "Bearer secret-token")
	router.ServeHTTP(answer, request)
	return answer, out.String()
}

func TestARequestIsLoggedByItsRouteWithoutWhatItCarried(t *testing.T) {
	_, line := ask(t, t.Context(), func(c *gin.Context) { c.Status(http.StatusNoContent) })
	if !strings.Contains(line, "route=/things/:id") || !strings.Contains(line, "level=INFO") || strings.Contains(line, "secret") {
		t.Error(line)
	}
}

func TestAnAnswerThatFailsIsAWarningUnlessItsCallerHungUp(t *testing.T) {
	_, line := ask(t, t.Context(), func(c *gin.Context) { c.Status(http.StatusServiceUnavailable) })
	if !strings.Contains(line, "level=WARN") {
		t.Error(line)
	}
	gone, hangUp := context.WithCancel(t.Context())
	_, line = ask(t, gone, func(c *gin.Context) { hangUp(); c.Status(http.StatusServiceUnavailable) })
	if !strings.Contains(line, "level=INFO") || !strings.Contains(line, "callerGone=true") {
		t.Error(line)
	}
}

func TestAPanicIsA500ThatTellsNothing(t *testing.T) {
	answer, line := ask(t, t.Context(), func(*gin.Context) { panic("secret of ana@example.com") })
	if answer.Code != http.StatusInternalServerError || answer.Body.Len() > 0 || strings.Contains(line, "ana@example.com") {
		t.Error(answer.Code, answer.Body.String(), line)
	}
}
