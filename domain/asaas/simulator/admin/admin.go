// Package admin is what only a simulator has: its state, its switches and its clock, over HTTP.
package admin

import (
	_ "embed"
	"encoding/json"
	"html/template"
	"net/http"
	"time"

	"patapay/domain/asaas/simulator/accounts"
	"patapay/domain/asaas/simulator/api"
	"patapay/domain/asaas/simulator/flows"
	"patapay/domain/asaas/simulator/webhooks"
)

// Admin steers a simulator and shows what it holds, over HTTP and to tests.
type Admin struct {
	world  *accounts.World
	sender *webhooks.Sender
	server *api.Server
	player *flows.Player
}

// NewAdmin returns what steers the given parts of one simulator.
func NewAdmin(world *accounts.World, sender *webhooks.Sender, server *api.Server, player *flows.Player) *Admin {
	return &Admin{world, sender, server, player}
}

// Routes adds what only a simulator has: JSON under /admin, and a page at /.
func (s *Admin) Routes(mux *http.ServeMux) {
	mux.HandleFunc("GET /{$}", s.statusPage)
	mux.HandleFunc("GET /admin/state", func(w http.ResponseWriter, r *http.Request) { reply(w, s.State(), nil) })
	mux.HandleFunc("GET /admin/journal", func(w http.ResponseWriter,
		r *http.Request,
	) {
		reply(w, s.sender.Journal(), nil)
	})
	mux.HandleFunc("GET /admin/mails", func(w http.ResponseWriter, r *http.Request) { reply(w, s.sender.Mails(), nil) })
	mux.HandleFunc("GET /admin/flows", func(w http.ResponseWriter, r *http.Request) { reply(w, flows.All(), nil) })
	mux.HandleFunc("GET /admin/clock", func(w http.ResponseWriter, r *http.Request) { reply(w, s.clockState(), nil) })
	mux.HandleFunc("POST /admin/clock", order(func(r *http.Request, in ClockChange) (any,
		error,
	) {
		return s.steer(in)
	}))
	mux.HandleFunc("POST /admin/api", order(func(r *http.Request, in struct {
		Behaviour accounts.Behaviour `json:"behaviour"`
		Calls     int                `json:"calls"`
	},
	) (any, error) {
		s.server.SetAPI(in.Behaviour, in.Calls)
		return in, nil
	}))
	mux.HandleFunc("POST /admin/looks", order(func(r *http.Request, in accounts.Looks) (any, error) {
		return in, s.world.Look(in)
	}))
	mux.HandleFunc("POST /admin/accounts/{id}/age", order(func(r *http.Request, in struct {
		Hours int `json:"hours"`
	},
	) (any, error) {
		return in, s.sender.Age(r.PathValue("id"), time.Duration(in.Hours)*time.Hour)
	}))
	mux.HandleFunc("POST /admin/accounts/{id}/replay/{sample}", order(func(r *http.Request, in struct{}) (any, error) {
		return in, s.sender.Replay(r.PathValue("id"), r.PathValue("sample"))
	}))
	mux.HandleFunc("POST /admin/accounts", order(func(r *http.Request, in accounts.Account) (any, error) {
		return s.world.AddAccount(in), nil
	}))
	mux.HandleFunc("POST /admin/accounts/{id}/keys", order(func(r *http.Request, in struct {
		Behaviour accounts.Behaviour `json:"behaviour"`
		Lacks     []string           `json:"lacks"`
	},
	) (any, error) {
		value, err := s.world.AddKey(r.PathValue("id"), in.Behaviour, in.Lacks...)
		return map[string]string{"apiKey": value}, err
	}))
	mux.HandleFunc("POST /admin/accounts/{id}/webhooks", order(func(r *http.Request, in webhooks.Webhook) (any, error) {
		id, err := s.sender.AddWebhook(r.PathValue("id"), in)
		return map[string]string{"id": id}, err
	}))
	mux.HandleFunc("POST /admin/keys", order(func(r *http.Request, in struct {
		Key       string             `json:"apiKey"`
		Behaviour accounts.Behaviour `json:"behaviour"`
		ExpiresAt time.Time          `json:"expiresAt"`
	},
	) (any, error) {
		if !in.ExpiresAt.IsZero() {
			return in, s.world.ExpireKey(in.Key, in.ExpiresAt)
		}
		return map[string]accounts.Behaviour{"behaviour": in.Behaviour}, s.world.SetKey(in.Key, in.Behaviour)
	}))
	mux.HandleFunc("POST /admin/accounts/{id}/switches",
		order(func(r *http.Request, in accounts.Switches) (any, error) {
			return in, s.world.Switch(r.PathValue("id"), in)
		}))
	mux.HandleFunc("POST /admin/accounts/{id}/statement",
		order(func(r *http.Request, in struct{ Lines []accounts.Movement }) (any, error) {
			return in, s.world.Book(r.PathValue("id"), in.Lines)
		}))
	mux.HandleFunc("POST /admin/accounts/{id}/events/{event}/resend",
		order(func(r *http.Request, in struct{}) (any, error) {
			return in, s.sender.Resend(r.PathValue("id"), r.PathValue("event"))
		}))
	mux.HandleFunc("POST /admin/accounts/{id}/flows/{flow}", order(func(r *http.Request, in flows.Variation) (any, error) {
		return s.player.Play(r.PathValue("id"), flows.Flow(r.PathValue("flow")), in)
	}))
}

// order turns a function of a JSON body into a handler; an empty body is the zero value.
func order[In any](do func(*http.Request, In) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var in In
		dec := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20))
		dec.DisallowUnknownFields()
		if r.ContentLength != 0 {
			if err := dec.Decode(&in); err != nil {
				reply(w, nil, err)
				return
			}
		}
		out, err := do(r, in)
		reply(w, out, err)
	}
}

func reply(w http.ResponseWriter, out any, err error) {
	w.Header().Set("Content-Type", "application/json")
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err != nil {
		w.WriteHeader(http.StatusUnprocessableEntity)
		enc.Encode(map[string]string{"error": err.Error()})
		return
	}
	enc.Encode(out)
}

// State is what the simulator holds, for people and tests.
type State struct {
	Now      time.Time      `json:"now"` // of the simulator's clock, UTC
	Accounts []AccountState `json:"accounts"`
}

// AccountState is one account's share of State.
type AccountState struct {
	accounts.Account
	Switches      accounts.Switches `json:"switches"`
	Payments      int               `json:"payments"`
	Checkouts     int               `json:"checkouts"`
	Anticipations int               `json:"anticipations"`
	BalanceCents  int64             `json:"balanceCents"`
	Requests      int               `json:"requests"` // API calls in the present window of 12 h
	Webhooks      []WebhookState    `json:"webhooks"`
}

// WebhookState is one configuration's queue.
type WebhookState struct {
	ID          string    `json:"id"`
	URL         string    `json:"url"`
	Enabled     bool      `json:"enabled"`
	Interrupted bool      `json:"interrupted"`
	Failures    int       `json:"failures"`  // in a row
	Penalized   int       `json:"penalized"` // penalizedRequestsCount
	Waiting     int       `json:"waiting"`   // events
	Told        int       `json:"told"`      // events that came into the queue, ever; resent ones count again
	Lost        int       `json:"lost"`      // events deleted undelivered, after 14 days
	Next        time.Time `json:"next"`      // of the head's next attempt, UTC; zero: at once
}

// State returns accounts, counts and queues. It contains the accounts' keys: a simulator
// has no secrets.
func (s *Admin) State() State {
	s.world.Lock()
	defer s.world.Unlock()
	s.world.CatchUp()
	out := State{Now: s.world.Clock.Now(), Accounts: []AccountState{}}
	for _, a := range s.world.Accounts {
		row := AccountState{
			Account: a.Account, Switches: a.Switches, Payments: len(a.Payments),
			Checkouts:     len(a.Checkouts),
			Anticipations: len(a.Anticipations), BalanceCents: int64(a.Balance()), Requests: a.Used,
			Webhooks: []WebhookState{},
		}
		for _, h := range s.sender.Hooks[a] {
			h.Expire(out.Now)
			row.Webhooks = append(row.Webhooks, state(h))
		}
		out.Accounts = append(out.Accounts, row)
	}
	return out
}

func state(h *webhooks.Hook) WebhookState {
	st := WebhookState{
		ID: h.ID, URL: h.URL, Enabled: h.Enabled, Interrupted: h.Interrupted,
		Failures: h.Failures, Penalized: h.Penalized, Waiting: len(h.Queue), Told: h.Told, Lost: h.Lost,
	}
	if len(h.Queue) > 0 {
		st.Next = h.Queue[0].NotBefore
	}
	return st
}

//go:embed status.html
var statusHTML string

var statusTemplate = template.Must(template.New("status").Parse(statusHTML))

func (s *Admin) statusPage(w http.ResponseWriter, r *http.Request) {
	journal := s.sender.Journal()
	latest := journal[max(0, len(journal)-20):]
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	statusTemplate.Execute(w, map[string]any{"State": s.State(), "Journal": latest, "Flows": flows.All()})
}
