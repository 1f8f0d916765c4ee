package tenants_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patapay/domain"
	"patapay/domain/asaas"
	"patapay/domain/asaas/simulator"
	"patapay/domain/asaas/simulator/accounts"
	"patapay/domain/asaas/simulator/clock"
	"patapay/domain/asaas/simulator/flows"
	"patapay/domain/asaas/simulator/webhooks"
	"patapay/tenants"
	"patapay/tenants/agenda"
)

// bodies keeps what the simulator delivers, in order.
type bodies struct {
	sync.Mutex
	list [][]byte
}

func (b *bodies) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	b.Lock()
	defer b.Unlock()
	b.list = append(b.list, body)
	w.WriteHeader(http.StatusOK)
}

func (b *bodies) take() (list [][]byte) {
	b.Lock()
	defer b.Unlock()
	list, b.list = b.list, nil
	return list
}

// Each flow of the simulator is played on a day of its own, and 120 days pass: what the agenda opened and closed, in
// which order, and what it ends with, is written here by hand.
func TestTheAgendaAfterEveryFlowAnd120DaysIsTheHandWrittenList(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	steered := clock.NewScaledClock(time.Date(2026, 8, 3, 15, 0, 0, 0, time.UTC), 1)
	sim := simulator.New(simulator.Options{Clock: steered, Seed: 7})
	t.Cleanup(sim.Close)
	told := &bodies{}
	door := httptest.NewServer(told)
	t.Cleanup(door.Close)
	account := sim.AddAccount(accounts.Account{Name: "Vida"})
	_, err := sim.AddWebhook(
		account.ID,
		webhooks.Webhook{Name: "w", URL: door.URL, Token: "um-token-de-teste-sem-digitos-repetidos-abcdefg"},
	)
	require.NoError(t, err)
	w.now = steered.Now()
	clinic := w.clinic(t, "Vida", account.ID)
	_, err = w.all.Exec(
		t.Context(),
		`UPDATE connections SET key_set_at = $1, key_expires_on = '2026-10-31'`,
		w.now,
	) // typed by somebody
	require.NoError(t, err)
	played, of := flows.All(), map[string]string{}
	for day := range 120 {
		if day < len(played) {
			made, err := sim.Play(account.ID, played[day], flows.Variation{Reference: "fluxo-" + strconv.Itoa(day)})
			require.NoError(t, err)
			for _, id := range slices.Concat(made.Payments, made.Anticipations) {
				of[id] = string(played[day])
			}
		}
		require.Eventually(t, func() bool { return sim.Backlog(account.ID) == 0 }, time.Minute, time.Millisecond)
		for _, body := range told.take() {
			w.deliver(t, clinic, body)
		}
		w.apply(t, clinic)
		w.derive(t, clinic)
		steered.Advance(24 * time.Hour)
		w.now = steered.Now()
	}
	require.Equal(t, strings.TrimSpace(handWritten), strings.Join(w.agendaLines(t, clinic, of), "\n"))
}

// agendaLines are a clinic's entries, open and closed, each as its kind, the flow of its subject, when it opened and
// closed, until when it was, its amount and how many it was of.
func (w *world) agendaLines(t *testing.T, clinic domain.ClinicID, of map[string]string) (lines []string) {
	t.Helper()
	require.NoError(t, w.api.In(t.Context(), clinic, func(tx *tenants.Tx) error {
		day := func(at time.Time) string {
			if at.IsZero() {
				return "-"
			}
			return at.In(asaas.SaoPaulo).Format("02/01")
		}
		list, err := agenda.List(tx, agenda.Filter{}, tenants.Page{Limit: 500})
		slices.SortFunc(list.Rows, func(a, b agenda.Entry) int {
			return strings.Compare(
				dayOf(a.OpenedAt)+string(a.Kind)+of[a.Subject],
				dayOf(b.OpenedAt)+string(b.Kind)+of[b.Subject],
			)
		})
		for _, e := range list.Rows {
			amount, _ := e.Amount.Get()
			lines = append(lines, strings.Join([]string{
				day(e.OpenedAt),
				day(e.ClosedAt),
				string(e.Kind),
				of[e.Subject],
				"due " + day(e.Due),
				amount.String(),
				strconv.Itoa(e.Count),
			}, " "))
		}
		return err
	}))
	return lines
}

func dayOf(at time.Time) string { return at.Format(time.DateOnly) }

// handWritten: opened and closed on which day, what, of which flow, until when, what is at stake, and of how many.
// The flows that are not here ask for nothing that outlasts their day, or (advance_uncovered) for what only a
// comparison with the gateway knows.
const handWritten = `
06/08 13/08 advance_denied anticipation_denied due - 96.52 1
18/08 21/08 boleto_expiring  due 20/08 100.00 1
22/08 05/09 dispute_documents chargeback_open due - 100.00 1
14/09 21/09 card_refused  due - 100.00 1
14/09 - work_item_old  due 14/09 100.00 1
01/10 - key_expiry  due 31/10 0.00 1
02/10 - key_unused  due 01/11 0.00 1
`
