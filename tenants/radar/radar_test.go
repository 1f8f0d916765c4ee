package radar_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"patapay/domain"
	"patapay/domain/asaas"
	"patapay/tenants"
	"patapay/tenants/alarm"
	"patapay/tenants/radar"
	"patapay/tenants/tenantstest"
)

// world is a recorder on a database, with a clock that a test moves.
type world struct {
	t        *testing.T
	now      time.Time
	recorder *radar.Recorder
	api      *tenants.DB
}

func newWorld(t *testing.T) *world {
	t.Helper()
	base := tenantstest.New(t)
	open := func(role string) *tenants.DB {
		db, err := tenants.Open(base.URL(role), tenants.Options{Name: role, MaxConns: 2, Pooler: base.Pooled()})
		require.NoError(t, err)
		t.Cleanup(db.Close)
		return db
	}
	w := &world{t: t, now: time.Date(2026, 11, 29, 15, 0, 0, 0, time.UTC), api: open(tenantstest.API)}
	w.recorder = &radar.Recorder{DB: open(tenantstest.Worker), Now: func() time.Time { return w.now }}
	return w
}

// see lets a clinic's deliveries show n members that nobody knows, named from first on, and writes the counts.
func (w *world) see(clinic domain.ClinicID, first, n int) {
	w.t.Helper()
	for i := range n {
		w.recorder.Note(clinic, []asaas.Unknown{{
			Kind: asaas.UnknownMember, Path: fmt.Sprintf("payment.novo%d", first+i), Form: "number",
		}})
	}
	require.NoError(w.t, w.recorder.Flush(w.t.Context()))
}

func (w *world) shapes(state string) (list []radar.Shape) {
	w.t.Helper()
	require.NoError(w.t, w.api.Platform(w.t.Context(), func(tx *tenants.Tx) (err error) {
		list, err = radar.Shapes(tx, state)
		return err
	}))
	return list
}

// raised returns how often the platform's open alarm was raised.
func (w *world) raised() (n int64) {
	w.t.Helper()
	require.NoError(w.t, w.api.Platform(w.t.Context(), func(tx *tenants.Tx) error {
		list, err := alarm.Alarms(
			tx,
			alarm.AlarmFilter{Kinds: []string{string(domain.AlarmGatewayShapes)}, Open: true},
			tenants.Page{Limit: 2},
		)
		for _, a := range list.Rows {
			require.Zero(w.t, a.Clinic)
			n += a.Count
		}
		return err
	}))
	return n
}

func (w *world) close(note string, shapes ...radar.Shape) (closed int) {
	w.t.Helper()
	var ids []domain.UUID
	for _, s := range shapes {
		ids = append(ids, s.ID)
	}
	require.NoError(w.t, w.api.Platform(w.t.Context(), func(tx *tenants.Tx) (err error) {
		closed, err = radar.Close(tx, ids, "usr_1", note, w.now)
		return err
	}))
	return closed
}

func TestWhatIsNewIsOneRowOverAllClinicsWithItsCount(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.see(1, 0, 1)
	w.now = w.now.Add(time.Hour)
	for range 3 {
		w.see(2, 0, 1)
	}
	got := w.shapes("open")
	require.Len(t, got, 1)
	require.Equal(t, "member payment.novo0 number", fmt.Sprint(got[0].Kind, " ", got[0].Path, " ", got[0].Form))
	require.EqualValues(t, 4, got[0].Count)
	require.Equal(t, time.Hour, got[0].LastAt.Sub(got[0].FirstAt))
}

// A gateway, or whoever speaks in its name, that makes up members all day fills one row more and no table.
func TestOfOneClinicTwentyAreKeptADayAndOfAllTwoHundred(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.see(1, 0, 30)
	require.Len(t, w.shapes("open"), 21)
	require.EqualValues(t, 10, more(t, w.shapes("open")).Count)
	w.now = w.now.Add(12 * time.Hour) // another day in São Paulo
	w.see(1, 100, 5)
	require.Len(t, w.shapes("open"), 26)
	for clinic := range domain.ClinicID(15) {
		w.see(clinic+2, 1000+100*int(clinic), 20)
	}
	open := w.shapes("open")
	require.Len(t, open, 200, "the row of what was left out is one of them")
	require.EqualValues(t, 10+300-(200-26), more(t, open).Count)
	require.Equal(t, 200, w.close("all read", open...))
	w.see(40, 9000, 3)
	require.Len(t, w.shapes("open"), 3, "there is room again")
	require.Equal(t, 3, w.close("read", w.shapes("open")...))
	w.now = w.now.Add(24 * time.Hour)
	w.see(41, 20_000, 20)
	require.Equal(t, 20, w.close("read", w.shapes("open")...))
	w.now = w.now.Add(time.Hour)
	w.see(41, 30_000, 1)
	require.Equal(t, "more", w.shapes("open")[0].Kind, "left out, and opened again")
	require.EqualValues(t, 1, w.raised(), "that not all is shown is told as what is new")
}

func more(t *testing.T, shapes []radar.Shape) radar.Shape {
	t.Helper()
	for _, s := range shapes {
		if s.Kind == "more" {
			return s
		}
	}
	t.Fatal("nothing was left out")
	return radar.Shape{}
}

func TestThePlatformsAlarmIsRaisedOnceADayAndEndsWithTheLastShape(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.see(1, 0, 1)
	w.see(1, 1, 1)
	require.EqualValues(t, 1, w.raised())
	w.now = w.now.Add(12 * time.Hour)
	w.see(1, 1, 1)
	require.EqualValues(t, 1, w.raised(), "it is no news")
	w.see(1, 2, 1)
	require.EqualValues(t, 2, w.raised(), "a new day, and something new")
	shapes := w.shapes("open")
	require.Equal(t, 2, w.close("two are in the changelog", shapes[:2]...))
	require.EqualValues(t, 2, w.raised())
	require.Equal(t, 1, w.close("and the third", shapes...), "what is closed stays so")
	require.Zero(t, w.raised())
	w.see(1, 0, 3)
	require.Empty(t, w.shapes("open"), "what somebody knows of is counted and no more told")
	require.Zero(t, w.raised())
	require.Equal(t, "two are in the changelog", w.shapes("closed")[0].Note)
}

func TestWhatCannotBeWrittenIsCountedTheNextTime(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.recorder.Note(1, []asaas.Unknown{{Kind: asaas.UnknownWord, Path: "payment.status", Form: "NEW"}})
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	require.Error(t, w.recorder.Flush(gone))
	w.recorder.Note(1, []asaas.Unknown{{Kind: asaas.UnknownWord, Path: "payment.status", Form: "NEW"}})
	require.NoError(t, w.recorder.Flush(t.Context()))
	require.EqualValues(t, 2, w.shapes("open")[0].Count)
}

// No clinic reads what others' deliveries looked like.
func TestAClinicSeesNoShapes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.see(1, 0, 2)
	require.NoError(t, w.api.In(t.Context(), 1, func(tx *tenants.Tx) error {
		return tx.Conn(func(c *pgx.Conn) error {
			var n int
			require.NoError(t, c.QueryRow(t.Context(), `SELECT count(*) FROM gateway_shapes`).Scan(&n))
			require.Zero(t, n)
			return nil
		})
	}))
}
