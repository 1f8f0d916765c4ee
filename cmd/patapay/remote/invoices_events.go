package remote

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"patapay/api/client"
)

// InvoicesCmd looks at invoices.
type InvoicesCmd struct {
	List InvoicesListCmd `cmd:"" help:"A clinic's invoices, the newest first."`
	Show InvoicesShowCmd `cmd:"" help:"One invoice, by our id or Asaas's."`
}

// EventsCmd looks at what Asaas sent.
type EventsCmd struct {
	List   EventsListCmd   `cmd:"" help:"What Asaas sent, the newest first, and what became of it."`
	Show   EventsShowCmd   `cmd:"" help:"One event."`
	Tail   EventsTailCmd   `cmd:"" help:"Print what Asaas sends as it comes."`
	Replay EventsReplayCmd `cmd:"" help:"Apply stored events anew: tells what would change, asks, and does it."`
}

// ofClinic is remote for one object of a clinic: the argument is the object.
type ofClinic struct {
	Remote
	ID     string `arg:"" help:"The object's id."`
	Tenant string `help:"The clinic: ten_… or ext: and the platform's id." env:"PATAPAY_TENANT"`
}

// there returns the API and what the clinic is called in it.
func (c ofClinic) there() (*client.API, string, error) {
	return onClinic{Remote: c.Remote, Tenant: c.Tenant}.there()
}

// listed is onClinic for a list.
type listed struct {
	onClinic
	Limit int `default:"25" help:"How many at most; 0: all."`
}

// list prints the objects that the pages have.
func (c listed) list(read pageReader, columns ...string) error {
	return c.pages(c.Limit, read, columns...)
}

// most is how many objects a page holds.
const most = 100

// pageReader returns a page's body, with where the next one begins.
type pageReader func(limit int64, cursor *string) ([]byte, client.Pages, error)

// pages prints at most so many objects, 0 all, over as many pages as it takes, as the API wrote them.
func (r Remote) pages(atMost int, read pageReader, columns ...string) error {
	all := []json.RawMessage{}
	for item, err := range client.Every(func(cursor *string) ([]json.RawMessage, client.Pages, error) {
		limit := most
		if atMost > 0 {
			limit = min(atMost-len(all), most)
		}
		body, next, err := read(int64(limit), cursor)
		if err != nil {
			return nil, next, err
		}
		var got struct{ Data []json.RawMessage }
		err = json.Unmarshal(body, &got)
		return got.Data, next, err
	}) {
		if err != nil {
			return failed(err)
		}
		if all = append(all, item); len(all) == atMost {
			break
		}
	}
	return r.Show(raw(map[string]any{"data": all}), columns...)
}

// anyOf reads a parameter that is several words with commas between.
func anyOf[T ~string](text string) *[]T {
	if text == "" {
		return nil
	}
	var list []T
	for word := range strings.SplitSeq(text, ",") {
		list = append(list, T(word))
	}
	return &list
}

// InvoicesListCmd lists the invoices of a clinic.
type InvoicesListCmd struct {
	listed
	Status    string `help:"pending, overdue, received … ; several with commas."`
	Reference string `help:"externalReference, your own number of it."`
	Sort      string `help:"createdAt, dueDate, amountCents, updatedAt; - in front: the greatest first." default:"-createdAt"`
}

// Run prints the list.
func (c InvoicesListCmd) Run(ctx context.Context) error {
	api, tenant, err := c.there()
	if err != nil {
		return err
	}
	params := client.ListInvoicesParams{
		Status:            anyOf[client.ListInvoicesParamsStatus](c.Status),
		ExternalReference: optional(c.Reference),
		Sort:              optional(client.ListInvoicesParamsSort(c.Sort)),
	}
	return c.list(func(limit int64, cursor *string) ([]byte, client.Pages, error) {
		params.Limit, params.Cursor = &limit, cursor
		res, err := api.ListInvoicesWithResponse(ctx, tenant, &params)
		if err != nil {
			return nil, client.Pages{}, err
		}
		return res.Body, res.JSON200.Page, nil
	}, "asaasId", "status", "method", "value", "dueDate", "paidAt", "externalReference", "id")
}

// InvoicesShowCmd shows one invoice.
type InvoicesShowCmd struct{ ofClinic }

// Run prints the invoice.
func (c InvoicesShowCmd) Run(ctx context.Context) error {
	api, tenant, err := c.there()
	if err != nil {
		return err
	}
	res, err := api.GetInvoiceWithResponse(ctx, tenant, c.ID, nil)
	if err != nil {
		return failed(err)
	}
	return c.Show(
		res.Body, "id", "asaasId", "status", "asaasStatus", "statusEvent", "confirmedBy", "method", "value",
		"netValue", "fee", "refundedAmount", "dueDate", "paidAt", "paymentDate", "availableOn", "externalReference",
		"customer", "flags", "needsTruth", "version", "updatedAt",
	)
}

// EventsListCmd lists the events of a clinic.
type EventsListCmd struct {
	listed
	Type    string        `help:"Asaas's name, such as PAYMENT_RECEIVED; several with commas."`
	Outcome string        `help:"received, applied, no_effect, held, quarantined, dead; several with commas."`
	Entity  string        `help:"Asaas's id of what it speaks of, such as pay_…."`
	Since   time.Duration `help:"Only what came in this long, such as 2h."`
}

// Run prints the list.
func (c EventsListCmd) Run(ctx context.Context) error {
	api, tenant, err := c.there()
	if err != nil {
		return err
	}
	params := client.ListEventsParams{
		Type:    anyOf[string](c.Type),
		Outcome: anyOf[client.ListEventsParamsOutcome](c.Outcome),
		Entity:  optional(c.Entity),
	}
	if c.Since > 0 {
		params.ReceivedAtGte = optional(time.Now().Add(-c.Since).UTC().Truncate(time.Second))
	}
	return c.list(func(limit int64, cursor *string) ([]byte, client.Pages, error) {
		params.Limit, params.Cursor = &limit, cursor
		res, err := api.ListEventsWithResponse(ctx, tenant, &params)
		if err != nil {
			return nil, client.Pages{}, err
		}
		return res.Body, res.JSON200.Page, nil
	}, "receivedAt", "type", "entity", "outcome", "reason", "id")
}

// EventsShowCmd shows one event and what became of it.
type EventsShowCmd struct{ ofClinic }

// Run prints the event.
func (c EventsShowCmd) Run(ctx context.Context) error {
	api, tenant, err := c.there()
	if err != nil {
		return err
	}
	res, err := api.GetEventWithResponse(ctx, tenant, c.ID, nil)
	if err != nil {
		return failed(err)
	}
	return c.Show(
		res.Body, "id", "asaasId", "type", "entity", "source", "occurredAt", "receivedAt", "appliedAt", "outcome",
		"reason", "notes", "shows", "deliveries",
	)
}
