package dev

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"text/tabwriter"
	"time"

	"patapay/domain/asaas/samples"
	"patapay/domain/asaas/simulator/webhooks"
)

// TriggerCmd posts sample events to a webhook address, as the gateway would.
type TriggerCmd struct {
	Events    []string  `arg:"" optional:"" help:"Events (PAYMENT_RECEIVED) or samples (payment_received_pix.real)."`
	List      bool      `help:"List the samples and their events."`
	URL       string    `help:"Webhook address." default:"http://127.0.0.1:8080/financial/gateway-payments/webhook/asaas"`
	Token     string    `help:"Value of asaas-access-token; wrong: a token nobody has; none: no header." default:"none"`
	Account   string    `help:"Account id in the envelope; the sample's own when empty."`
	Set       []string  `help:"Change a value: payment.value=310. Repeatable; the value is JSON, else a text." sep:"none"`
	Duplicate int       `help:"How often to send each event." default:"1"`
	Burst     int       `help:"How many fresh events to make of each sample." default:"1"`
	Shuffle   bool      `help:"Send in random order."`
	Fresh     bool      `help:"Give each event a new id and the present as its date." default:"true" negatable:""`
	NewEntity bool      `help:"Give the events' objects new ids: one per kind of object and burst."`
	Out       io.Writer `kong:"-"`
}

// ErrNot200 is the outcome of a run in which the receiver refused something.
var ErrNot200 = errors.New("not every delivery was answered 200")

// WrongToken is well formed and nobody's.
const WrongToken = "wrongwrongWrongwrongwrongWrongwrongwrongWrongwro"

// Run sends the events, prints answer code and milliseconds of each delivery, and fails
// when one of them is not 200.
func (c *TriggerCmd) Run(ctx context.Context) error {
	out := orStdout(c.Out)
	if c.List {
		return list(out)
	}
	deliveries, err := c.deliveries(time.Now())
	if err != nil {
		return err
	}
	if c.Shuffle {
		rand.Shuffle(len(deliveries), func(i, j int) { deliveries[i], deliveries[j] = deliveries[j], deliveries[i] })
	}
	failed := 0
	for _, d := range deliveries {
		got := webhooks.Send(ctx, c.URL, c.token(), d.body)
		if got.Status != http.StatusOK {
			failed++
		}
		fmt.Fprintf(out, "%s  %6.1f ms  %s  %s\n", answered(got), float64(got.Took.Microseconds())/1000, d.name, got.Failure)
	}
	if failed > 0 {
		return fmt.Errorf("%w: %d of %d", ErrNot200, failed, len(deliveries))
	}
	return nil
}

func answered(d webhooks.Delivery) string {
	if d.Status == 0 {
		return "---"
	}
	return fmt.Sprint(d.Status)
}

func (c *TriggerCmd) token() string {
	switch c.Token {
	case "none":
		return ""
	case "wrong":
		return WrongToken
	}
	return c.Token
}

type delivery struct {
	name string
	body []byte
}

// deliveries returns the bodies to send, in order: burst by burst, event by event, copy
// by copy. Fresh counters grow from the present, so that no two runs share an event id.
func (c *TriggerCmd) deliveries(now time.Time) ([]delivery, error) {
	if len(c.Events) == 0 {
		return nil, errors.New("name an event or a sample; --list shows them")
	}
	var out []delivery
	counter := now.UnixMicro()
	for range c.Burst {
		entity := c.entities()
		for _, what := range c.Events {
			name, err := samples.Find(what)
			if err != nil {
				return nil, err
			}
			counter++
			edit := samples.Edit{Fresh: c.Fresh, Counter: counter, Now: now, Account: c.Account, Entity: entity, Set: c.Set}
			body, err := edit.Apply(samples.Event(name))
			if err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			for range c.Duplicate {
				out = append(out, delivery{name, body})
			}
		}
	}
	return out, nil
}

// entities returns a new id per kind of object, when they are wanted.
func (c *TriggerCmd) entities() map[string]string {
	ids := map[string]string{}
	if c.NewEntity {
		for _, entity := range []string{"payment", "checkout", "anticipation"} {
			ids[entity] = samples.NewEntityID(entity)
		}
	}
	return ids
}

// list prints every sample with its event.
func list(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, name := range samples.Names() {
		fmt.Fprintf(w, "%s\t%s\n", samples.EventName(name), strings.TrimSuffix(name, ".json"))
	}
	return w.Flush()
}
