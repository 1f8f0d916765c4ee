package app

import (
	"net/http"
	"net/http/pprof"
	"net/netip"
)

// profiles adds Go's profiles, as `go tool pprof http://OPS_ADDR/debug/pprof/heap` asks for them. Who asks from another
// machine has 404, whatever address the port listens on.
func profiles(mux *http.ServeMux) {
	for path, page := range map[string]http.HandlerFunc{
		"GET /debug/pprof/":        pprof.Index, // heap, allocs, goroutine, block, mutex too
		"GET /debug/pprof/profile": pprof.Profile,
		"GET /debug/pprof/trace":   pprof.Trace,
		"GET /debug/pprof/symbol":  pprof.Symbol,
	} {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			if from, err := netip.ParseAddrPort(r.RemoteAddr); err != nil || !from.Addr().Unmap().IsLoopback() {
				http.NotFound(w, r)
				return
			}
			page(w, r)
		})
	}
}
