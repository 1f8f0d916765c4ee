package webhook_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"patapay/api/webhook"
	"patapay/tenants"
	"patapay/tenants/tenantstest"
)

// What HTTP and JSON allow a sender to do, and what the door makes of it.

// padded returns a payment's delivery of exactly n bytes.
func padded(c clinic, seq, n int) []byte {
	body := string(c.paid(seq))
	pad := n - len(body) - len(`,"x":""`)
	return []byte(body[:len(body)-1] + `,"x":"` + strings.Repeat("x", pad) + `"}`)
}

func TestRow16ABodyAboveTheLimitIs413AndAnAlarmAtTheFirst(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	vida := w.clinic(t, "Vida")
	for seq, size := range []int{64 << 10, 1<<20 - 1, 1 << 20} {
		w.accepted(t, vida.token, padded(vida, seq+1, size))
	}
	require.Equal(t, 3, w.apply(t, vida))
	got := w.post(t, vida.token, padded(vida, 5, 1<<20+1))
	require.Equal(t, http.StatusRequestEntityTooLarge, got.code)
	w.alarm(t, vida, "body_too_large")
	require.Equal(t, http.StatusOK, w.post(t, "", padded(vida, 6, 128<<10)).code)
	require.Equal(t, http.StatusRequestEntityTooLarge, w.post(t, "", padded(vida, 7, 128<<10+1)).code)
	require.Equal(t, 3, w.count(t, `SELECT count(*) FROM events`))
}

func TestACardNumberIsHiddenBeforeItIsStoredAndAnAlarm(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	vida := w.clinic(t, "Vida")
	const number = "4111 1111 1111 1111"
	body := strings.Replace(string(padded(vida, 1, 2000)), `,"x":"`, `,"x":"`+number+" ", 1)
	w.accepted(t, vida.token, []byte(body))
	w.alarm(t, vida, "card_number")
	w.accepted(t, vida.token, []byte(body))
	require.Equal(t, 1, w.count(t, `SELECT count(*) FROM events`), "a copy is one")
	require.Equal(t, 0, w.count(t, `SELECT count(*) FROM event_variants`))
	var stored []byte
	require.NoError(t, w.in(vida, func(tx *tenants.Tx) error {
		var sealed struct {
			ID   string
			Body []byte
		}
		if err := tx.Gorm().Raw(
			`SELECT e.event_id AS id, b.sealed AS body FROM events e
			JOIN event_bodies b USING (clinic_id, environment, seq, id_hash)`,
		).Take(
			&sealed,
		).Error; err != nil {
			return err
		}
		open, err := tx.Opener(w.vault)
		if err != nil {
			return err
		}
		stored, err = open("body", sealed.ID, sealed.Body)
		return err
	}))
	require.NotContains(t, string(stored), number)
	require.Contains(t, string(stored), "**** **** **** 1111")
	require.Equal(t, 1, w.apply(t, vida))
}

func TestTheLimitOfBodiesIsASetting(t *testing.T) {
	t.Parallel()
	db := tenantstest.New(t)
	w := openWorld(t, db.URL, func(h *webhook.Handler) { h.Bodies = webhook.NewBodies(64 << 10) })
	vida := w.clinic(t, "Vida")
	w.accepted(t, vida.token, padded(vida, 1, 64<<10))
	require.Equal(t, http.StatusRequestEntityTooLarge, w.post(t, vida.token, padded(vida, 2, 64<<10+1)).code)
}

func TestThreeRefusalsInARowOfOneClinicAreAnAlarm(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	vida := w.clinic(t, "Vida")
	for range 3 {
		w.do(t, call{token: vida.token, body: bytes.NewReader(make([]byte, 1<<20+1))})
	}
	w.alarm(t, vida, "deliveries_failing")
}

// endless counts what is read from it.
type endless struct{ read int64 }

func (e *endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	if e.read += int64(len(p)); e.read > 1<<30 {
		return 0, io.EOF
	}
	return len(p), nil
}

func TestAGibibyteInChunksIsCutOffEarly(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	vida := w.clinic(t, "Vida")
	source := &endless{}
	req, err := http.NewRequest(http.MethodPost, w.door.URL+webhook.Path, source)
	require.NoError(t, err)
	req.ContentLength = -1
	req.Header.Set("asaas-access-token", vida.token)
	res, err := clients["127.0.0.1"].Do(req)
	if err == nil { // else the answer was lost with the connection, which is as good
		require.Equal(t, http.StatusRequestEntityTooLarge, res.StatusCode)
		res.Body.Close()
	}
	require.Less(t, source.read, int64(24<<20))
	require.Zero(t, w.count(t, `SELECT count(*) FROM events`))
}

func TestAContentCodingIsNotUndone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	vida := w.clinic(t, "Vida")
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, _ = z.Write(make([]byte, 64<<20))
	require.NoError(t, z.Close())
	got := w.do(t, call{token: vida.token, header: map[string]string{"Content-Encoding": "gzip"}, body: &packed})
	require.Equal(t, http.StatusOK, got.code)
	w.apply(t, vida)
	require.Equal(t, 1, w.count(t, `SELECT count(*) FROM events WHERE outcome = 'dead' AND reason = 'unreadable'`))
	require.Less(t, w.count(t, `SELECT length(sealed) FROM event_bodies`), 1<<20)
}

func TestRow17ABodyCutShortIs400AndNothingIsStored(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	vida := w.clinic(t, "Vida")
	for _, head := range []string{
		"Content-Length: 500\r\n\r\n{\"id\":\"evt_a&1\"", "Transfer-Encoding: chunked\r\n\r\n10\r\n{\"id\":",
	} {
		conn, err := net.Dial("tcp", w.door.Listener.Addr().String())
		require.NoError(t, err)
		_, err = fmt.Fprintf(
			conn,
			"POST %s HTTP/1.1\r\nHost: x\r\nasaas-access-token: %s\r\n%s",
			webhook.Path,
			vida.token,
			head,
		)
		require.NoError(t, err)
		require.NoError(t, conn.(*net.TCPConn).CloseWrite())
		res, err := http.ReadResponse(bufio.NewReader(conn), nil)
		require.NoError(t, err)
		require.Equal(t, http.StatusBadRequest, res.StatusCode)
		conn.Close()
	}
	require.Zero(t, w.count(t, `SELECT count(*) FROM events`))
}

func TestRow18EverySpellingOfThePathIsTheDoorAndNoneRedirects(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	vida := w.clinic(t, "Vida")
	seq := 0
	for _, path := range []string{
		webhook.Path, webhook.Path + "/", webhook.Path + "//", "/" + webhook.Path, strings.ToUpper(webhook.Path),
		strings.ReplaceAll(webhook.Path, "/", "//"), "/Financial/Gateway-Payments/Webhook/Asaas/", webhook.Path + "?x=1",
	} {
		seq++
		got := w.do(t, call{path: path, token: vida.token, body: bytes.NewReader(vida.paid(seq))})
		require.Equal(t, http.StatusOK, got.code, path)
	}
	require.Equal(t, seq, w.count(t, `SELECT count(*) FROM events`))
	for _, method := range []string{
		http.MethodGet, http.MethodHead, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions,
	} {
		for _, path := range []string{webhook.Path, webhook.Path + "/"} {
			require.Equal(
				t,
				http.StatusMethodNotAllowed,
				w.do(t, call{method: method, path: path, token: vida.token}).code,
				method,
			)
		}
	}
	for _, path := range []string{
		"/", "/financial", webhook.Path + "/x", "/financial/gateway-payments/webhook", strings.Repeat("/x", 4000),
	} {
		require.Equal(
			t,
			http.StatusNotFound,
			w.do(t, call{path: path, token: vida.token, body: bytes.NewReader(vida.paid(1))}).code,
		)
	}
}

func TestAFormTypeIsReadAsTheBytesItIs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	vida := w.clinic(t, "Vida")
	got := w.do(
		t,
		call{
			token:  vida.token,
			header: map[string]string{"Content-Type": "application/x-www-form-urlencoded"},
			body:   bytes.NewReader(vida.paid(1)),
		},
	)
	require.Equal(t, http.StatusOK, got.code)
	require.Equal(t, 1, w.apply(t, vida))
}

// tricks are bodies of more than one meaning: %[1]s is the token's own account, %[2]s
// another clinic's.
func tricks() (list []string) {
	const own, foreign = `{"id":"%[1]s"}`, `{"id":"%[2]s"}`
	const payment = `"payment":{"id":"pay_own","status":"RECEIVED"}`
	body := func(members ...string) {
		list = append(
			list,
			`{"id":"evt_a&7","event":"PAYMENT_RECEIVED","dateCreated":"2026-11-22 08:00:00",`+strings.Join(members, ",")+`}`,
		)
	}
	for _, key := range []string{"account", "ACCOUNT", "Account", "aCCount", `\u0061ccount`, `accoun\u0074`} {
		body(`"account":`+own, `"`+key+`":`+foreign, payment)
		body(`"`+key+`":`+foreign, `"account":`+own, payment)
	}
	for _, inner := range []string{
		`{"id":"%[1]s","id":"%[2]s"}`, `{"id":"%[1]s","ID":"%[2]s"}`,
		`{"Id":"%[2]s","id":"%[1]s"}`, `{"id":"%[1]s","\u0069d":"%[2]s"}`,
		`{"id":["%[1]s"]}`, `{"id":{"id":"%[1]s"}}`, `{"id":null}`, `{"ID":"%[2]s"}`, `"%[1]s"`, `["%[1]s"]`, `7`, `{}`,
	} {
		body(`"account":`+inner, payment)
	}
	body(`"account":null`, `"account":`+foreign, payment)
	body(`"account":`+foreign, `"account":null`, payment)
	for _, twin := range []string{
		`"payment":{"id":"pay_other","status":"RECEIVED"}`,
		`"PAYMENT":{"id":"pay_other","status":"RECEIVED"}`, `"Payment":{"id":"pay_other"}`,
	} {
		body(`"account":`+own, payment, twin)
		body(`"account":`+own, twin, payment)
	}
	for _, inner := range []string{
		`{"id":"pay_own","id":"pay_other","status":"RECEIVED"}`, `{"id":"pay_own","ID":"pay_other","status":"RECEIVED"}`,
		`{"id":"pay_own","status":"RECEIVED","status":"REFUNDED"}`,
		`{"id":"pay_own","status":"RECEIVED","Status":"REFUNDED"}`,
	} {
		body(`"account":`+own, `"payment":`+inner)
	}
	for _, twin := range []string{
		`"id":"evt_a&8"`, `"ID":"evt_a&8"`, `"event":"PAYMENT_REFUNDED"`, `"Event":"PAYMENT_REFUNDED"`,
		`"dateCreated":"2020-01-01 00:00:00"`, `"DATECREATED":"2020-01-01 00:00:00"`,
	} {
		body(`"account":`+own, payment, twin)
	}
	return list
}

func TestABodyOfTwoMeaningsIsQuarantinedUnderTheTokensClinic(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	vida, sorriso := w.clinic(t, "Vida"), w.clinic(t, "Sorriso")
	list := tricks()
	require.GreaterOrEqual(t, len(list), 40)
	for _, form := range list {
		body := strings.NewReplacer("%[1]s", vida.account, "%[2]s", sorriso.account).Replace(form)
		w.accepted(t, vida.token, []byte(body))
		require.Zero(t, w.apply(t, vida)+w.apply(t, sorriso), body)
		require.Zero(
			t,
			w.count(t, `SELECT count(*) FROM events WHERE outcome <> 'quarantined' OR clinic_id <> $1`, vida.id),
			body,
		)
		require.Equal(t, 1, w.count(t, `SELECT count(*) FROM events`), body)
		_, err := w.owner.Exec(
			t.Context(),
			`TRUNCATE events, event_bodies, event_variants, quarantined`,
		) // the next one starts anew
		require.NoError(t, err)
	}
}

func TestAnEventsCounterOrdersAsANumberUpToTheEndOfInt64(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	vida := w.clinic(t, "Vida")
	for id, seq := range map[string]int64{
		"evt_a&2147483648": 2147483648, "evt_a&9223372036854775807": 9223372036854775807,
		"evt_a&9223372036854775808": 0, "evt_a&99999999999999999999999": 0,
		"evt_a": 0, "evt_a&": 0, "evt_a&x1": 0, "evt_a&-1": 0, "evt_a&007": 7, "evt_a&b&12": 12,
	} {
		w.accepted(
			t,
			vida.token,
			fmt.Appendf(nil, `{"id":%q,"event":"PAYMENT_CREATED","payment":{"id":"pay_1","status":"PENDING"}}`, id),
		)
		require.Equal(t, 1, w.count(t, `SELECT count(*) FROM events WHERE event_id = $1 AND seq = $2`, id, seq), id)
	}
	w.apply(t, vida)
	require.Equal(t, 10, w.count(t, `SELECT count(*) FROM events WHERE outcome IN ('applied', 'no_effect')`))
}

func TestASlowBodyDoesNotHoldUpOthers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	vida := w.clinic(t, "Vida")
	for range 50 {
		conn, err := net.Dial("tcp", w.door.Listener.Addr().String())
		require.NoError(t, err)
		defer conn.Close()
		_, err = fmt.Fprintf(
			conn,
			"POST %s HTTP/1.1\r\nHost: x\r\nasaas-access-token: %s\r\nContent-Length: 500\r\n\r\n{",
			webhook.Path,
			vida.token,
		)
		require.NoError(t, err)
	}
	w.accepted(t, vida.token, vida.paid(1)) // while theirs are still unfinished
}
