package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5"

	"patapay/domain"
	"patapay/tenants/vault"
)

// gateway stands in for Asaas in the profile production: it has the charges and anticipations that the generator's
// deliveries tell of, as they are in the end, and counts who asks. The simulator is no use here: what it has came of
// its own flows, and it would cost the measured processors a queue for each clinic.
type gateway struct {
	mu      sync.Mutex
	objects map[string]gatewayObject // by path
	answers map[string]int           // with an object, by kind
	other   map[string]int           // anything else that was asked for, by path without the id
}

type gatewayObject struct {
	at   string // dateCreated of the event that it is of
	body json.RawMessage
}

// openGateway serves until ctx ends, and returns the gateway's base URL.
func openGateway(ctx context.Context) (g *gateway, url string, err error) {
	g = &gateway{objects: map[string]gatewayObject{}, answers: map[string]int{}, other: map[string]int{}}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, "", err
	}
	server := &http.Server{Handler: g}
	go func() { _ = server.Serve(l) }()
	context.AfterFunc(ctx, func() { server.Close() })
	return g, "http://" + l.Addr().String(), nil
}

// has takes the bodies of deliveries, one a line.
func (g *gateway) has(path string) error {
	raw, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	for line := range bytes.Lines(raw) {
		var e struct {
			DateCreated           string
			Payment, Anticipation json.RawMessage
		}
		if err := json.Unmarshal(line, &e); err != nil {
			return err
		}
		for kind, body := range map[string]json.RawMessage{"payments": e.Payment, "anticipations": e.Anticipation} {
			var named struct{ ID string }
			if body == nil {
				continue
			}
			if err := json.Unmarshal(body, &named); err != nil {
				return err
			}
			name := "/v3/" + kind + "/" + named.ID
			if e.DateCreated > g.objects[name].at {
				g.objects[name] = gatewayObject{e.DateCreated, body}
			}
		}
	}
	return nil
}

// ServeHTTP answers a read of an object that is there, and of nothing else: a payer's name is refused as to a key
// without that permission, for earlier builds ask for names at other times, and each clinic is asked about once.
func (g *gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	defer g.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	kind, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/v3/"), "/")
	o, there := g.objects[r.URL.Path]
	switch {
	case there && r.Method == http.MethodGet:
		g.answers[kind]++
		_, _ = w.Write(o.body)
		return
	case kind == "customers":
		w.WriteHeader(http.StatusForbidden)
		_, _ = w.Write([]byte(`{"errors":[{"code":"insufficient_permission","description":"names are not read here"}]}`))
	case r.URL.Path == "/v3/payments":
		_, _ = w.Write([]byte(`{"object":"list","hasMore":false,"totalCount":0,"limit":100,"offset":0,"data":[]}`))
	default:
		w.WriteHeader(http.StatusNotFound)
		_, _ = w.Write([]byte(`{"errors":[{"code":"not_found","description":"not found"}]}`))
	}
	g.other[r.Method+" "+kind]++
}

// answered returns how many reads got an object, and what else was asked for.
func (g *gateway) answered() (reads int, other map[string]int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	other = map[string]int{}
	for kind, n := range g.other {
		other[kind] = n
	}
	for _, n := range g.answers {
		reads += n
	}
	return reads, other
}

// giveKeys gives each clinic of a database an API key, sealed as the program seals it, and lets its money be confirmed.
// The connection monitor stays away: its turns are not what is measured.
func (s *server) giveKeys(url string) error {
	v, err := vault.New(s.master)
	if err != nil {
		return err
	}
	conn, err := pgx.Connect(s.ctx, url)
	if err != nil {
		return err
	}
	defer conn.Close(s.ctx)
	type wrapped struct {
		Clinic domain.ClinicID
		No     int32
		Key    []byte
	}
	rows, err := conn.Query(
		s.ctx, `SELECT DISTINCT ON (clinic_id) clinic_id, key_no, wrapped FROM clinic_keys
		WHERE clinic_id > 0 ORDER BY clinic_id, key_no DESC`,
	)
	if err != nil {
		return err
	}
	keys, err := pgx.CollectRows(rows, pgx.RowToStructByPos[wrapped])
	if err != nil {
		return err
	}
	for _, k := range keys {
		key, err := v.Key(k.Clinic, k.No, k.Key)
		if err != nil {
			return err
		}
		sealed, err := key.Seal("key", "asaas", fmt.Appendf(nil, "$aact_hmlg_bench_%d", k.Clinic))
		if err == nil {
			_, err = conn.Exec(s.ctx, `UPDATE connections SET key_sealed = $2, key_set_at = since, confirm = true
				WHERE clinic_id = $1`, k.Clinic, sealed)
		}
		if err == nil {
			_, err = conn.Exec(s.ctx, `INSERT INTO guard_rounds (clinic_id, next_at, backfilled_at)
				VALUES ($1, now() + interval '1 day', now()) ON CONFLICT (clinic_id)
				DO UPDATE SET next_at = excluded.next_at`, k.Clinic)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
