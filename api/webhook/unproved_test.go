package webhook_test

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patapay/domain"
	"patapay/domain/asaas"
	"patapay/tenants"
	"patapay/tenants/apply"
	"patapay/tenants/connection"
	"patapay/tenants/inbox"
)

// The rows of docs/webhook-answers.md for senders without a valid token.

// stranger posts as somebody who is not the gateway.
func (w *world) stranger(t testing.TB, token string, body []byte) reply {
	t.Helper()
	return w.do(t, call{from: "127.0.0.2", token: token, body: bytes.NewReader(body)})
}

func TestRow9WithoutATokenTheGatewaysAddressLeavesOnlyAnUnverifiedDelivery(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	vida := w.clinic(t, "Vida")
	for _, token := range []string{"", "wrong-" + rand.Text()} {
		w.accepted(t, token, vida.paid(1))
	}
	require.Equal(
		t,
		1,
		w.count(
			t,
			`SELECT count(*) FROM hints
			WHERE clinic_id = $1 AND sealed <> '' AND position('pay_' in encode(sealed, 'escape')) = 0`,
			vida.id,
		),
	)
	require.Equal(
		t,
		1,
		w.count(
			t,
			`SELECT count(*) FROM truth_wants
			WHERE clinic_id = $1 AND kind = 'payment' AND entity_id = 'pay_0000000000000001' AND reason = 'hint'`,
			vida.id,
		),
	)
	require.Zero(t, w.apply(t, vida))
	require.Zero(t, w.count(t, `SELECT count(*) FROM events`)+w.count(t, `SELECT count(*) FROM invoices`))
	w.alarm(t, vida, "token_missing")
}

// Who sent it is not proved, so nobody can be told; but a full card number is hidden all the same before it is stored.
func TestACardNumberIsHiddenInAnUnverifiedDeliveryToo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	vida := w.clinic(t, "Vida")
	const member = `"object":"payment"`
	body := bytes.Replace(vida.paid(1), []byte(member), []byte(member+`,"description":"4111 1111 1111 1111"`), 1)
	clean, hidden := asaas.HideCards(body)
	require.Equal(t, 1, hidden)
	w.accepted(t, "", body)
	hash := sha256.Sum256(clean)
	require.Equal(t, 1, w.count(t, `SELECT count(*) FROM hints WHERE body_hash = $1`, hash[:]))
}

func TestTheFormOfAVersion2WebhookIsTakenAsItsJSONIsAndWasRefusedUntilTheQueueWasPenalised(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	vida := w.clinic(t, "Vida")
	form := func(body []byte) []byte { return []byte(url.Values{"data": {string(body)}}.Encode()) }
	w.accepted(t, "", form(vida.paid(1)))
	w.accepted(t, "", vida.paid(1)) // the same event as JSON: known
	require.Equal(t, 1, w.count(t, `SELECT count(*) FROM hints WHERE clinic_id = $1 AND sealed <> ''`, vida.id))
	require.Equal(
		t,
		1,
		w.count(
			t,
			`SELECT count(*) FROM truth_wants WHERE clinic_id = $1 AND entity_id = 'pay_0000000000000001' AND reason = 'hint'`,
			vida.id,
		),
	)
	require.Zero(t, w.count(t, `SELECT count(*) FROM events`))
	w.accepted(t, "", form(event("acc-nobody", 1, "PAYMENT_RECEIVED", "pay_1", "RECEIVED")))
	require.Equal(t, 1, w.count(t, `SELECT count(*) FROM strays WHERE account_id = 'acc-nobody'`))
	for name, body := range map[string][]byte{
		"two events":     append(form(vida.paid(2)), append([]byte("&"), form(vida.paid(3))...)...),
		"no JSON":        []byte("data=x"),
		"nothing":        []byte("data="),
		"another member": bytes.Replace(form(vida.paid(2)), []byte("data="), []byte("other="), 1),
		"broken":         []byte("data=%zz"),
	} {
		require.Equal(t, http.StatusUnauthorized, w.post(t, "", body).code, name)
	}
	require.Equal(t, http.StatusUnauthorized, w.stranger(t, "", form(vida.paid(4))).code)
	require.Equal(t, http.StatusRequestEntityTooLarge, w.post(t, "", form(bytes.Repeat([]byte("x"), 1<<20))).code)
}

func TestRow10AnUnknownAccountIsQuarantinedAndBecomesUnverifiedDeliveriesWhenItIsBound(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	vida := w.clinic(t, "Vida")
	for seq := range 3 {
		w.accepted(t, "", event("acc-nobody", seq+1, "PAYMENT_RECEIVED", "pay_1", "RECEIVED"))
	}
	w.accepted(t, "", event("acc-nobody", 3, "PAYMENT_RECEIVED", "pay_1", "RECEIVED")) // known
	require.Equal(t, 3, w.count(t, `SELECT count(*) FROM strays WHERE account_id = 'acc-nobody'`))
	require.NoError(t, w.in(vida, func(tx *tenants.Tx) error {
		n, err := connection.AdoptUnclaimed(tx, "acc-nobody", w.now())
		require.Equal(t, 3, n)
		return err
	}))
	require.Zero(
		t,
		w.count(
			t,
			`SELECT count(*) FROM strays`,
		)+w.count(
			t,
			`SELECT count(*) FROM events`,
		)+w.count(
			t,
			`SELECT count(*) FROM hints`,
		),
		"no body changes owner",
	)
	require.Equal(
		t,
		1,
		w.count(t, `SELECT count(*) FROM truth_wants WHERE clinic_id = $1 AND entity_id = 'pay_1'`, vida.id),
	)
}

func TestRow11AFullQuotaLeavesTheEventWithTheGateway(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	vida := w.clinic(t, "Vida")
	fill := `INSERT INTO %s SELECT %s, sha256(n::text::bytea), $1, 'T', 'payment', 'pay_' || n, '', 'x'
		FROM generate_series(1, 500) n`
	_, err := w.owner.Exec(t.Context(), fmt.Sprintf(fill, "hints", fmt.Sprint(vida.id)), w.now())
	require.NoError(t, err)
	_, err = w.owner.Exec(t.Context(), fmt.Sprintf(fill, "strays", "'acc-nobody'"), w.now())
	require.NoError(t, err)
	for _, account := range []string{vida.account, "acc-nobody"} {
		got := w.post(t, "", event(account, 1, "PAYMENT_RECEIVED", "pay_1", "RECEIVED"))
		require.Equal(t, http.StatusUnauthorized, got.code)
		require.Equal(t, refused, got.body)
	}
	w.accepted(t, "", event("acc-somebody-else", 1, "PAYMENT_RECEIVED", "pay_1", "RECEIVED"))
}

// The limit of all unclaimed deliveries once read the size of their table, without the long bodies
// that Postgres keeps beside it: it never bit, and dropping rows would not have lowered it.
func TestTheOldestUnclaimedDeliveriesMakeRoomAndEachOfTheirBytesCounts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, err := w.owner.Exec(t.Context(), `UPDATE stray_room SET most = 500 << 10`)
	require.NoError(t, err)
	nobody := func(n int) clinic { return clinic{account: fmt.Sprintf("acc-nobody-%d", n)} }
	for n := range 30 {
		w.ahead.Store(int64(time.Duration(n) * time.Minute))
		w.accepted(t, "", padded(nobody(n), n+1, 100<<10))
	}
	stored := w.count(t, `SELECT sum(octet_length(sealed) + 200) FROM strays`)
	require.LessOrEqual(t, stored, 500<<10)
	require.Equal(t, stored, w.count(t, `SELECT bytes FROM stray_room`))
	require.Equal(t, 1, w.count(t, `SELECT count(*) FROM strays WHERE account_id = 'acc-nobody-29'`), "the newest stays")
	require.Zero(t, w.count(t, `SELECT count(*) FROM strays WHERE account_id = 'acc-nobody-0'`), "the oldest went")
	require.NoError(t, inbox.ExpireUnclaimed(w.worker, t.Context(), w.now().Add(time.Hour)))
	require.Zero(t, w.count(t, `SELECT bytes FROM stray_room`))
}

func TestTheRoomOfAnUnverifiedDeliveryIsFreeAgainOnceItsEntityWasRead(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	vida := w.clinic(t, "Vida")
	w.accepted(t, "", vida.paid(1))
	w.accepted(
		t,
		"",
		[]byte(`{"id":"evt_a&9","event":"TRANSFER_CREATED","account":{"id":"`+vida.account+`"},"transfer":{"id":"t"}}`),
	)
	w.ahead.Add(int64(time.Second))
	take := func() (tasks []apply.ReadTask) {
		require.NoError(
			t,
			w.worker.In(
				t.Context(),
				vida.id,
				func(tx *tenants.Tx) (err error) { tasks, err = apply.TakeReads(tx, w.now(), 10); return err },
			),
		)
		return tasks
	}
	tasks := take()
	require.Len(t, tasks, 1)
	require.NoError(t, w.worker.In(t.Context(), vida.id, func(tx *tenants.Tx) error {
		return apply.KeepAnswer(tx, tasks[0], apply.GatewayAnswer{Clock: w.now()}, domain.Sandbox, w.vault, w.now())
	}))
	require.Zero(t, w.count(t, `SELECT count(*) FROM hints WHERE kind = 'payment'`))
	require.Equal(t, 1, w.count(t, `SELECT count(*) FROM hints`), "one that names no entity of ours stays its 14 days")
	require.NoError(t, inbox.ExpireUnclaimed(w.worker, t.Context(), w.now().Add(time.Second)))
	require.Zero(t, w.count(t, `SELECT count(*) FROM hints`))
}

func TestAnUnverifiedDeliveryThatComesDuringTheReadIsReadAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	vida := w.clinic(t, "Vida")
	unverified := func(status string) {
		w.accepted(t, "", event(vida.account, 1, "PAYMENT_UPDATED", "pay_1", status))
		w.ahead.Add(int64(time.Second))
	}
	unverified("PENDING")
	var tasks []apply.ReadTask
	require.NoError(
		t,
		w.worker.In(
			t.Context(),
			vida.id,
			func(tx *tenants.Tx) (err error) { tasks, err = apply.TakeReads(tx, w.now(), 10); return err },
		),
	)
	require.Len(t, tasks, 1)
	unverified("RECEIVED") // the gateway was asked before this
	require.NoError(
		t,
		w.worker.In(t.Context(), vida.id, func(tx *tenants.Tx) error { return apply.EndRead(tx, tasks[0]) }),
	)
	require.Equal(t, 1, w.count(t, `SELECT count(*) FROM truth_wants WHERE entity_id = 'pay_1' AND due_at < 'infinity'`))
}

func TestRow12StrangersGet401AndNothingIsStored(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	vida := w.clinic(t, "Vida")
	before := w.dump(t)
	for seq := range 50 {
		got := w.stranger(t, "forged-"+rand.Text(), vida.paid(seq))
		require.Equal(t, http.StatusUnauthorized, got.code)
	}
	require.Empty(t, changed(before, w.dump(t)))
	require.Zero(t, w.count(t, `SELECT count(*) FROM deliveries`))
}

func TestRow12TheAnswerToStrangersIsTheSameBytesWhateverTheySend(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	vida := w.clinic(t, "Vida")
	var first string
	for name, c := range map[string]struct {
		token string
		body  []byte
	}{
		"known account":        {"", vida.paid(1)},
		"known, wrong token":   {"wrong-" + rand.Text(), vida.paid(1)},
		"known, right prefix":  {vida.token[:len(vida.token)-1] + "!", vida.paid(1)},
		"unknown account":      {"", event("acc-nobody", 1, "PAYMENT_RECEIVED", "pay_1", "RECEIVED")},
		"no account":           {"", []byte(`{}`)},
		"no JSON":              {"", []byte("\x00\xff")},
		"nothing":              {"", nil},
		"bigger than anything": {"", bytes.Repeat([]byte(" "), 200_000)},
	} {
		got := w.stranger(t, c.token, c.body)
		got.header.Del("Date")
		require.Len(t, got.header.Get("X-Request-Id"), 20, name) // of its own each time
		got.header.Del("X-Request-Id")
		text := fmt.Sprint(got.code, got.header, got.body)
		if first == "" {
			first = text
		}
		require.Equal(t, first, text, name)
	}
	require.Contains(t, first, "401")
	require.Contains(t, first, refused)
}

func TestNoHeaderMakesAStrangerTheGateway(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	vida := w.clinic(t, "Vida")
	for _, name := range []string{
		"X-Forwarded-For", "X-Real-Ip", "Forwarded", "X-Client-Ip", "X-Cluster-Client-Ip", "True-Client-Ip",
		"Cf-Connecting-Ip", "Fastly-Client-Ip", "X-Originating-Ip", "X-Remote-Addr", "X-Appengine-Remote-Addr", "X-Forwarded",
	} {
		for _, value := range []string{"127.0.0.1", "for=127.0.0.1", "127.0.0.1, 127.0.0.2", "127.0.0.2, 127.0.0.1"} {
			got := w.do(t, call{from: "127.0.0.2", header: map[string]string{name: value}, body: bytes.NewReader(vida.paid(1))})
			require.Equal(t, http.StatusUnauthorized, got.code, "%s: %s", name, value)
		}
	}
	require.Zero(t, w.count(t, `SELECT count(*) FROM hints`))
}

func TestARevokedTokenCountsAsWrongWithinFiveSeconds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	vida := w.clinic(t, "Vida")
	w.accepted(t, vida.token, vida.paid(1))
	require.NoError(t, w.in(vida, func(tx *tenants.Tx) error { return connection.EndTokens(tx, w.now()) }))
	w.ahead.Store(int64(5 * time.Second))
	require.Equal(t, http.StatusUnauthorized, w.stranger(t, vida.token, vida.paid(2)).code)
	require.Equal(t, 1, w.count(t, `SELECT count(*) FROM events`))
}

func TestARotatedTokenIsGoodUntilItsEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	vida := w.clinic(t, "Vida")
	fresh := "whsec_" + rand.Text()
	require.NoError(t, w.in(vida, func(tx *tenants.Tx) error {
		if err := connection.EndTokens(tx, w.now().Add(14*24*time.Hour)); err != nil {
			return err
		}
		return connection.AddToken(tx, w.peppers.Digest(fresh), domain.Sandbox, "xxxx", w.now())
	}))
	w.ahead.Store(int64(14*24*time.Hour - time.Second))
	w.accepted(t, vida.token, vida.paid(1))
	w.accepted(t, fresh, vida.paid(2))
	w.ahead.Store(int64(14 * 24 * time.Hour)) // the door still remembers the token, and its end
	require.Equal(t, http.StatusUnauthorized, w.stranger(t, vida.token, vida.paid(3)).code)
	w.accepted(t, fresh, vida.paid(3))
}

func TestEveryPairOfTenClinicsStaysApart(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var all []clinic
	for i := range 10 {
		all = append(all, w.clinic(t, fmt.Sprintf("C%d", i)))
	}
	for i, token := range all {
		for j, account := range all {
			w.accepted(t, token.token, account.paid(100*i+j+1))
		}
	}
	require.Equal(
		t,
		90,
		w.count(t, `SELECT count(*) FROM events WHERE outcome = 'quarantined' AND reason = 'foreign_account'`),
	)
	require.Equal(t, 10, w.count(t, `SELECT count(*) FROM events WHERE outcome = 'received'`))
	for i, c := range all {
		require.Equal(
			t,
			10,
			w.count(t, `SELECT count(*) FROM events WHERE clinic_id = $1 AND seq BETWEEN $2 AND $3`, c.id, 100*i+1, 100*i+10),
		)
	}
}

func TestAStrangerInPossessionOfATokenCannotSpendTheIdsOfAnotherClinic(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	vida, sorriso := w.clinic(t, "Vida"), w.clinic(t, "Sorriso")
	for seq := range 20 { // the ids are a counter: anyone can guess the next ones
		w.accepted(t, sorriso.token, vida.paid(seq+1))
	}
	for seq := range 20 {
		w.accepted(t, vida.token, vida.paid(seq+1))
	}
	require.Equal(t, 20, w.apply(t, vida))
	require.Equal(t, 20, w.count(t, `SELECT count(*) FROM invoices WHERE clinic_id = $1 AND status = 'received'`, vida.id))
}
