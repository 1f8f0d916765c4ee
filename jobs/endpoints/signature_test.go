package endpoints

import (
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/stretchr/testify/require"

	"patapay/domain"
	"patapay/domain/endpoint"
	"patapay/tenants"
	store "patapay/tenants/endpoints"
)

// The published verifier accepts every delivery of a run and refuses each alteration of one.
func TestThePublishedVerifierAcceptsEveryDeliveryAndNoAlteration(t *testing.T) {
	w := newWorld(t)
	real := time.Now()
	w.now.Store(&real) // the verifier has the real clock
	vida := w.clinic("Vida")
	r := newReceiver(t, nil)
	_, secret := w.add(vida, r.URL)
	for n := range 20 {
		w.write(vida, domain.KindPayment, n)
	}
	w.round()
	require.Len(t, r.raw, 20)
	verifier, err := standardwebhooks.NewWebhook(secret)
	require.NoError(t, err)
	for i, body := range r.raw {
		require.NoError(t, verifier.Verify(body, r.heads[i]))
	}
	altered := 0
	for what, change := range alterations(t, real) {
		head, body := r.heads[0].Clone(), append([]byte{}, r.raw[0]...)
		body = change(head, body)
		require.Error(t, verifier.Verify(body, head), what)
		altered++
	}
	require.GreaterOrEqual(t, altered, 20)
}

func alterations(t *testing.T, now time.Time) map[string]func(http.Header, []byte) []byte {
	t.Helper()
	set := func(name, value string) func(http.Header, []byte) []byte {
		return func(h http.Header, b []byte) []byte { h.Set(name, value); return b }
	}
	without := func(name string) func(http.Header, []byte) []byte {
		return func(h http.Header, b []byte) []byte { h.Del(name); return b }
	}
	edit := func(fn func(string) string) func(http.Header, []byte) []byte {
		return func(h http.Header, b []byte) []byte {
			h.Set("Webhook-Signature", fn(h.Get("Webhook-Signature")))
			return b
		}
	}
	at := func(d time.Duration) string { return strconv.FormatInt(now.Add(d).Unix(), 10) }
	other := endpoint.SecretText([endpoint.SecretBytes]byte{9})
	return map[string]func(http.Header, []byte) []byte{
		"a byte of the body": func(_ http.Header, b []byte) []byte { b[3] ^= 1; return b },
		"a byte more":        func(_ http.Header, b []byte) []byte { return append(b, ' ') },
		"a byte less":        func(_ http.Header, b []byte) []byte { return b[:len(b)-1] },
		"no body":            func(http.Header, []byte) []byte { return nil },
		"a line end":         func(_ http.Header, b []byte) []byte { return append(b, '\n') },
		"another id":         set("Webhook-Id", "msg_other"),
		"no id":              without("Webhook-Id"),
		"a longer id":        func(h http.Header, b []byte) []byte { h.Set("Webhook-Id", h.Get("Webhook-Id")+"1"); return b },
		"an instant earlier": set("Webhook-Timestamp", at(-time.Second)),
		"an instant later":   set("Webhook-Timestamp", at(time.Second)),
		"six minutes old":    set("Webhook-Timestamp", at(-6*time.Minute)),
		"six minutes ahead":  set("Webhook-Timestamp", at(6*time.Minute)),
		"no number":          set("Webhook-Timestamp", "now"),
		"no instant":         without("Webhook-Timestamp"),
		"no signature":       without("Webhook-Signature"),
		"an empty signature": set("Webhook-Signature", ""),
		"another version":    edit(func(s string) string { return strings.Replace(s, "v1,", "v2,", 1) }),
		"no version":         edit(func(s string) string { return strings.TrimPrefix(s, "v1,") }),
		"half a signature":   edit(func(s string) string { return s[:len(s)/2] }),
		"another secret's": func(h http.Header, b []byte) []byte {
			h.Set("Webhook-Signature", endpoint.Signature([]string{other}, h.Get("Webhook-Id"), now, b))
			return b
		},
		"zeros": set("Webhook-Signature", "v1,"+base64.StdEncoding.EncodeToString(make([]byte, 32))),
		"an old one of six minutes, signed": func(h http.Header, b []byte) []byte {
			h.Set("Webhook-Timestamp", at(-6*time.Minute))
			return b
		},
	}
}

// While a secret is rotated both verify what comes; afterwards the old one does no more.
func TestTwoSecretsSignWhileOneIsRotatedAndOneAfterwards(t *testing.T) {
	w := newWorld(t)
	vida := w.clinic("Vida")
	r := newReceiver(t, nil)
	e, old := w.add(vida, r.URL)
	var fresh string
	w.in(vida, func(tx *tenants.Tx) error {
		e, err := store.Find(tx, e.ID, true)
		require.NoError(t, err)
		secret, err := store.Rotate(tx, w.vault, e, w.clock())
		fresh = secret.Reveal()
		return err
	})
	verifies := func(secret string, i int) bool {
		v, err := standardwebhooks.NewWebhook(secret)
		require.NoError(t, err)
		return v.VerifyIgnoringTimestamp(r.raw[i], r.heads[i]) == nil
	}
	w.write(vida, domain.KindPayment, 1)
	w.round()
	require.Equal(t, []bool{true, true}, []bool{verifies(old, 0), verifies(fresh, 0)})
	w.later(endpoint.RotationLife)
	w.write(vida, domain.KindPayment, 1)
	w.round()
	require.Equal(t, []bool{false, true}, []bool{verifies(old, 1), verifies(fresh, 1)})
}
