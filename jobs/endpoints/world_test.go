package endpoints

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"patapay/domain"
	"patapay/domain/endpoint"
	"patapay/tenants"
	store "patapay/tenants/endpoints"
	"patapay/tenants/query"
	"patapay/tenants/tenantstest"
	"patapay/tenants/vault"
)

// world is a sender on a real database whose clock a test moves.
type world struct {
	t      *testing.T
	db     *tenantstest.Database
	api    *tenants.DB
	owner  *pgxpool.Pool
	vault  *vault.Vault
	now    atomic.Pointer[time.Time]
	client *Client
}

func newWorld(t *testing.T) *world {
	t.Helper()
	t.Parallel()
	base := tenantstest.New(t)
	w := &world{t: t, db: base}
	master, err := vault.NewMaster()
	require.NoError(t, err)
	w.vault, err = vault.New(master)
	require.NoError(t, err)
	w.api, err = tenants.Open(base.URL(tenantstest.API), tenants.Options{Name: "api", Pooler: base.Pooled()})
	require.NoError(t, err)
	t.Cleanup(w.api.Close)
	w.owner, err = pgxpool.New(t.Context(), base.URL(tenantstest.Owner))
	require.NoError(t, err)
	t.Cleanup(w.owner.Close)
	start := time.Date(2026, 11, 10, 12, 0, 0, 0, time.UTC)
	w.now.Store(&start)
	w.client = &Client{Rule: endpoint.URLRule{Development: true}, patience: 300 * time.Millisecond}
	return w
}

func (w *world) clock() time.Time { return *w.now.Load() }

func (w *world) later(d time.Duration) { at := w.clock().Add(d); w.now.Store(&at) }

func (w *world) sender() *Sender {
	return &Sender{
		DB:     w.api,
		Vault:  w.vault,
		Client: w.client,
		Bodies: rowBodies{},
		Now:    w.clock,
		Wall:   w.clock,
		Log:    slog.New(slog.DiscardHandler),
	}
}

// rowBodies tells of each entry what its row has.
type rowBodies struct{}

type rowBody struct {
	Clinic  domain.ClinicID
	Seq     int64
	Object  domain.UUID
	Version int
	Cursor  string
}

func (rowBodies) Body(_ context.Context, e query.Entry, _, _ bool) ([]byte, error) {
	return json.Marshal(rowBody{e.Clinic, e.Seq, e.ID, e.Version, e.Place})
}

func (w *world) clinic(name string) domain.ClinicID {
	w.t.Helper()
	c, _, err := w.api.AddClinic(w.t.Context(), tenants.Clinic{Name: name, ExternalID: name}, w.vault, w.clock())
	require.NoError(w.t, err)
	return c.ID
}

// write adds an entry about object n to a clinic's feed, as apply does: under the clinic's lock.
func (w *world) write(clinic domain.ClinicID, kind domain.Kind, n int) {
	w.t.Helper()
	_, err := w.owner.Exec(
		w.t.Context(),
		`WITH head AS (UPDATE clinic_heads SET feed_seq = feed_seq + 1 WHERE clinic_id = $1 RETURNING feed_seq)
		INSERT INTO changes (clinic_id, seq, kind, object_id, asaas_id, version, at, state)
		SELECT $1, feed_seq, $2, $3, $4, 1 + (SELECT count(*) FROM changes WHERE clinic_id = $1 AND object_id = $3), $5, '{}'
		FROM head`,
		clinic,
		string(kind),
		object(clinic, n),
		fmt.Sprintf("pay_%d", n),
		w.clock(),
	)
	require.NoError(w.t, err)
}

func object(clinic domain.ClinicID, n int) domain.UUID {
	return domain.UUID{0: byte(clinic), 1: byte(n), 6: 0x70, 8: 0x80, 15: 1}
}

func (w *world) in(clinic domain.ClinicID, fn func(*tenants.Tx) error) {
	w.t.Helper()
	require.NoError(w.t, w.sender().in(w.t.Context(), clinic, fn))
}

// add makes an endpoint that gets everything from the feed's beginning.
func (w *world) add(clinic domain.ClinicID, url string, types ...string) (e store.Endpoint, secret string) {
	w.t.Helper()
	w.in(clinic, func(tx *tenants.Tx) error {
		made, s, err := store.Add(
			tx,
			w.vault,
			store.Endpoint{URL: url, Types: types, Payload: endpoint.Whole, CreatedBy: "test"},
			w.clock(),
		)
		e, secret = made, s.Reveal()
		return err
	})
	return e, secret
}

func (w *world) find(clinic domain.ClinicID, id domain.UUID) (e store.Endpoint) {
	w.t.Helper()
	w.in(clinic, func(tx *tenants.Tx) (err error) { e, err = store.Find(tx, id, false); return err })
	return e
}

func (w *world) deliveries(clinic domain.ClinicID, id domain.UUID) (rows []store.Delivery) {
	w.t.Helper()
	w.in(clinic, func(tx *tenants.Tx) error {
		list, err := store.Deliveries(tx, w.vault, id, store.DeliveryFilter{}, tenants.Page{Limit: 100})
		rows = list.Rows
		return err
	})
	return rows
}

// round sweeps once with a sender of its own and waits for what it began.
func (w *world) round() {
	w.t.Helper()
	s := w.sender()
	require.NoError(w.t, s.Sweep(w.t.Context()))
	s.Wait()
}

// receiver is an endpoint's other side: it keeps what it acknowledged.
type receiver struct {
	*httptest.Server
	mu     sync.Mutex
	got    []rowBody
	heads  []http.Header
	raw    [][]byte
	answer func(n int, r *http.Request) int // the status of the nth delivery; 0: the connection breaks
	n      int
}

func newReceiver(t *testing.T, answer func(int, *http.Request) int) *receiver {
	t.Helper()
	r := &receiver{answer: answer}
	r.Server = httptest.NewServer(http.HandlerFunc(r.serve))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) serve(out http.ResponseWriter, in *http.Request) {
	var body rowBody
	raw := make([]byte, in.ContentLength)
	_, _ = in.Body.Read(raw)
	_ = json.Unmarshal(raw, &body)
	r.mu.Lock()
	r.n++
	n := r.n
	r.mu.Unlock()
	status := 200
	if r.answer != nil {
		status = r.answer(n, in)
	}
	if status == 0 {
		panic(http.ErrAbortHandler)
	}
	if status == 299 { // it took the entry, and its answer was lost
		r.keep(in, raw, body)
		panic(http.ErrAbortHandler)
	}
	if status < 300 {
		r.keep(in, raw, body)
	}
	out.WriteHeader(status)
	_, _ = out.Write([]byte("eis a resposta"))
}

func (r *receiver) keep(in *http.Request, raw []byte, body rowBody) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.got, r.heads, r.raw = append(r.got, body), append(r.heads, in.Header.Clone()), append(r.raw, raw)
}

func (r *receiver) all() []rowBody {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.got)
}

func (r *receiver) seqs() (all []int64) {
	for _, b := range r.all() {
		all = append(all, b.Seq)
	}
	return all
}
