package app

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// probeTimeout bounds each readiness check; a load balancer asks every few seconds.
const probeTimeout = 2 * time.Second

// NewLogger returns the program's log: JSON lines (ts, level, msg, requestId …), plain
// text in development. requestID finds the id that a request's context carries, or "".
func NewLogger(w io.Writer, cfg Config, requestID func(context.Context) string) *slog.Logger {
	opt := &slog.HandlerOptions{Level: cfg.LogLevel, ReplaceAttr: renameTime}
	if cfg.Development() {
		return slog.New(requestLog{slog.NewTextHandler(w, opt), requestID})
	}
	return slog.New(requestLog{slog.NewJSONHandler(w, opt), requestID})
}

// renameTime writes a line's own time as ts, in UTC.
func renameTime(groups []string, a slog.Attr) slog.Attr {
	if len(groups) == 0 && a.Key == slog.TimeKey {
		return slog.Time("ts", a.Value.Time().UTC())
	}
	return a
}

// requestLog adds the request's id to every line written within it.
type requestLog struct {
	slog.Handler
	requestID func(context.Context) string
}

func (h requestLog) Handle(ctx context.Context, r slog.Record) error {
	if id := h.requestID(ctx); id != "" {
		r.AddAttrs(slog.String("requestId", id))
	}
	return h.Handler.Handle(ctx, r)
}

func (h requestLog) WithAttrs(attrs []slog.Attr) slog.Handler {
	return requestLog{h.Handler.WithAttrs(attrs), h.requestID}
}

func (h requestLog) WithGroup(name string) slog.Handler {
	return requestLog{h.Handler.WithGroup(name), h.requestID}
}

// NewRegistry returns the metrics of the Go runtime and the process, and the build's
// version. Labels tell outcomes, never clinics.
func NewRegistry() *prometheus.Registry {
	r := prometheus.NewRegistry()
	r.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	info := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "patapay_build_info", Help: "1, labelled with the version of the program.",
		ConstLabels: prometheus.Labels{"version": Version()},
	})
	info.Set(1)
	r.MustRegister(info)
	return r
}

// countAnswers registers a counter of answers and returns what counts one: by the route's template and the code, so
// that
// no label holds a path, a clinic or a person.
func countAnswers(r prometheus.Registerer) func(route string, status int) {
	answers := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "patapay_http_answers_total", Help: "Answers, by the route's template and code.",
	}, []string{"route", "code"})
	r.MustRegister(answers)
	return func(route string, status int) {
		if route == "" {
			route = "none" // pages, and addresses that are none
		}
		answers.WithLabelValues(route, strconv.Itoa(status)).Inc()
	}
}

// Version returns the module's version or the commit it was built from, else "dev".
func Version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "dev"
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 {
			return s.Value[:12]
		}
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	return "dev"
}

// Check is one line of /readyz. A fatal one that fails turns the answer to 503; one that
// is not is told only: without Redis the sweep does the work.
type Check struct {
	Name  string // database, migrations, partition, redis …
	Fatal bool
	Probe func(context.Context) error
}

// CheckResult is what /readyz tells of one check.
type CheckResult struct {
	Name       string `json:"name"`
	OK         bool   `json:"ok"`
	Fatal      bool   `json:"fatal"`
	DurationMs int64  `json:"durationMs"`
	Detail     string `json:"detail,omitempty"` // the error; the port is private
}

// Health serves the private port: /healthz, /readyz and /metrics, and in development Go's profiles to this machine.
type Health struct {
	Checks   []Check
	Registry *prometheus.Registry
	Profiles bool // whether /debug/pprof/ answers who asks from this machine
	draining atomic.Bool
}

// Drain turns /readyz red for good, so that load balancers look elsewhere while requests
// are still accepted.
func (h *Health) Drain() { h.draining.Store(true) }

// Handler returns the routes. In production there are no profiles and no debug pages among them: they tell what is held
// in memory.
func (h *Health) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, map[string]any{"status": "ok", "version": Version()})
	})
	mux.HandleFunc("GET /readyz", h.ready)
	mux.Handle("GET /metrics", promhttp.HandlerFor(h.Registry, promhttp.HandlerOpts{}))
	if h.Profiles {
		profiles(mux)
	}
	return mux
}

func (h *Health) ready(w http.ResponseWriter, r *http.Request) {
	results := h.probe(r.Context())
	status, code := "ready", http.StatusOK
	for _, c := range results {
		if c.Fatal && !c.OK {
			status, code = "not_ready", http.StatusServiceUnavailable
		}
	}
	if h.draining.Load() {
		status, code = "draining", http.StatusServiceUnavailable
	}
	answer(w, code, map[string]any{"status": status, "checks": results})
}

// probe runs all checks at once, each within probeTimeout.
func (h *Health) probe(ctx context.Context) []CheckResult {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	results := make([]CheckResult, len(h.Checks))
	var wait sync.WaitGroup
	for i, c := range h.Checks {
		wait.Go(func() {
			start := time.Now()
			err := c.Probe(ctx)
			results[i] = CheckResult{Name: c.Name, OK: err == nil, Fatal: c.Fatal, DurationMs: time.Since(start).Milliseconds()}
			if err != nil {
				results[i].Detail = err.Error()
			}
		})
	}
	wait.Wait()
	return results
}

func answer(w http.ResponseWriter, code int, body any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(body)
}
