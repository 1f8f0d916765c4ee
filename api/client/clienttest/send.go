package clienttest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
	_ "time/tzdata"
)

// saoPaulo is the zone of the gateway's zone-less instants, by the rules of the tz database.
var saoPaulo, _ = time.LoadLocation("America/Sao_Paulo") // tzdata below: it is always there

// sent numbers the events of this process: the gateway's ids end in a growing number.
var sent atomic.Int64

// Event returns the body of a webhook as the gateway sends it, about payment number n of
// the clinic.
func (c Clinic) Event(kind, status string, n, cents int) []byte {
	now := time.Now().In(saoPaulo)
	raw, _ := json.Marshal(map[string]any{ // plain values: never fails
		"id":          fmt.Sprintf("evt_%032x&%d", n, now.Unix()*10_000+sent.Add(1)),
		"event":       kind,
		"dateCreated": now.Format(time.DateTime),
		"account":     map[string]any{"id": c.AccountID, "ownerId": nil},
		"payment": map[string]any{
			"object":            "payment",
			"id":                Payment(n),
			"value":             json.Number(fmt.Sprintf("%d.%02d", cents/100, cents%100)),
			"billingType":       "BOLETO",
			"status":            status,
			"dueDate":           now.AddDate(0, 0, 7).Format(time.DateOnly),
			"dateCreated":       now.Format(time.DateOnly),
			"externalReference": fmt.Sprintf("orc-%d", n),
		},
	})
	return raw
}

// Payment returns the gateway's id of payment number n.
func Payment(n int) string { return fmt.Sprintf("pay_%016d", n) }

var sender = &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 32}}

// Send delivers a body to the webhook's door with the clinic's token.
func (d *Dev) Send(ctx context.Context, c Clinic, body []byte) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, d.WebhookURL, bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("asaas-access-token", c.WebhookToken)
	r.Header.Set("Content-Type", "application/json")
	res, err := sender.Do(r)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	_, _ = io.Copy(io.Discard, res.Body)
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("the door answered %d", res.StatusCode)
	}
	return nil
}

// Fill makes invoices from to to-1 of a clinic, pending, by an event each.
func (d *Dev) Fill(ctx context.Context, c Clinic, from, to int) error {
	next, failed := make(chan int), make(chan error, 16)
	var sending sync.WaitGroup
	for range 16 {
		sending.Go(func() {
			for n := range next {
				if err := d.Send(ctx, c, c.Event("PAYMENT_CREATED", "PENDING", n, 1000+n)); err != nil {
					failed <- err
					return
				}
			}
		})
	}
	defer sending.Wait()
	defer close(next)
	for n := from; n < to; n++ {
		select {
		case next <- n:
		case err := <-failed:
			return err
		}
	}
	return nil
}
