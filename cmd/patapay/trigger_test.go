package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"patapay/cmd/patapay/dev"

	"github.com/alecthomas/kong"
)

// sink is a webhook address that keeps what comes in and answers status.
type sink struct {
	*httptest.Server
	status int
	tokens []string
	bodies []string
}

func newSink(t *testing.T, status int) *sink {
	t.Helper()
	s := &sink{status: status}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		s.tokens, s.bodies = append(s.tokens, r.Header.Get("asaas-access-token")), append(s.bodies, string(body))
		w.WriteHeader(s.status)
	}))
	t.Cleanup(s.Close)
	return s
}

// trigger runs the command as the program would, and returns what it printed.
func trigger(t *testing.T, url string, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	cmd := dev.TriggerCmd{Out: &out}
	parser, err := kong.New(&cmd)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := parser.Parse(append([]string{"--url", url}, args...))
	if err != nil {
		t.Fatal(err)
	}
	parsed.BindTo(t.Context(), (*context.Context)(nil))
	err = parsed.Run()
	return out.String(), err
}

func TestTriggerSendsAFreshEventOfTheNewestSample(t *testing.T) {
	s := newSink(t, 200)
	for range 2 {
		out, err := trigger(
			t, s.URL, "PAYMENT_RECEIVED", "--token", "tok", "--account", "acc", "--set", "payment.value=310", "--set",
			"payment.description=a,b",
		)
		if err != nil || !strings.HasPrefix(out, "200  ") ||
			!strings.Contains(out, " ms  payment_received_boleto_viewed.real") {
			t.Errorf("%v: %s", err, out)
		}
	}
	var first, second struct {
		ID      string
		Account struct{ ID string }
		Payment struct {
			Value       json.Number
			Description string
		}
	}
	json.Unmarshal([]byte(s.bodies[0]), &first)
	json.Unmarshal([]byte(s.bodies[1]), &second)
	if first.ID == second.ID || first.Account.ID != "acc" || first.Payment.Value != "310" ||
		first.Payment.Description != "a,b" ||
		s.tokens[0] != "tok" {
		t.Errorf("%+v %+v token %q", first, second, s.tokens[0])
	}
}

func TestTriggerWithoutFreshSendsTheSampleAsItIs(t *testing.T) {
	s := newSink(t, 200)
	if _, err := trigger(t, s.URL, "payment_received_minimal.doc", "--no-fresh"); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(s.bodies[0], "evt_05b708f961d739ea7eba7e4db318f621&368604920") || s.tokens[0] != "" {
		t.Errorf("%q %s", s.tokens[0], s.bodies[0])
	}
}

func TestTriggerRepeatsBurstsAndShuffles(t *testing.T) {
	s := newSink(t, 200)
	if _, err := trigger(
		t, s.URL, "PAYMENT_CREATED", "PAYMENT_RECEIVED", "--duplicate", "2", "--burst", "3", "--shuffle",
		"--new-entity", "--token", "wrong",
	); err != nil {
		t.Fatal(err)
	}
	events, payments := map[string]int{}, map[string]int{}
	for i, body := range s.bodies {
		var got struct {
			ID      string
			Payment struct{ ID string }
		}
		json.Unmarshal([]byte(body), &got)
		events[got.ID]++
		payments[got.Payment.ID]++
		if s.tokens[i] != dev.WrongToken {
			t.Errorf("token %q", s.tokens[i])
		}
	}
	if len(s.bodies) != 12 || len(events) != 6 || len(payments) != 3 {
		t.Errorf("%d deliveries, %d events, %d payments; want 12, 6, 3", len(s.bodies), len(events), len(payments))
	}
}

func TestTriggerFailsUnlessEverythingIsAnswered200(t *testing.T) {
	s := newSink(t, 204)
	if out, err := trigger(t, s.URL, "CHECKOUT_PAID"); !errors.Is(err, dev.ErrNot200) || !strings.HasPrefix(out, "204") {
		t.Errorf("%v: %s", err, out)
	}
	s.Close()
	if out, err := trigger(t, s.URL, "CHECKOUT_PAID"); !errors.Is(err, dev.ErrNot200) || !strings.HasPrefix(out, "---") {
		t.Errorf("%v: %s", err, out)
	}
	for _, args := range [][]string{{}, {"PAYMENT_PAID"}, {"CHECKOUT_PAID", "--set", "x"}} {
		if _, err := trigger(t, s.URL, args...); err == nil || errors.Is(err, dev.ErrNot200) {
			t.Errorf("%v: %v", args, err)
		}
	}
}

func TestTriggerListsTheSamples(t *testing.T) {
	out, err := trigger(t, "http://127.0.0.1:1", "--list")
	if err != nil || !strings.Contains(out, "PAYMENT_RECEIVED") || !strings.Contains(out, "payment_received_pix.real") ||
		strings.Count(out, "\n") < 150 {
		t.Errorf("%v: %.200s", err, out)
	}
}
