package remote

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"time"
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
	Tenant string `env:"PATAPAY_TENANT" help:"The clinic: ten_… or ext: and the platform's id."`
}

// object shows an object below a clinic's place.
func (c ofClinic) object(ctx context.Context, list string, columns ...string) error {
	path, err := onClinic{Tenant: c.Tenant}.path(list + "/" + url.PathEscape(c.ID))
	if err != nil {
		return err
	}
	answer, err := c.ask(ctx, http.MethodGet, path, "", nil)
	if err != nil {
		return err
	}
	return c.Show(answer.raw, columns...)
}

// listed is onClinic for a list, over as many pages as it takes.
type listed struct {
	onClinic
	Limit int `default:"25" help:"How many at most; 0: all."`
}

// most is how many objects a page holds.
const most = 100

// list prints the objects that a query leaves.
func (c listed) list(ctx context.Context, what string, query url.Values, columns ...string) error {
	all := []json.RawMessage{}
	for more := true; more; {
		page := most
		if c.Limit > 0 {
			page = min(c.Limit-len(all), most)
		}
		query.Set("limit", strconv.Itoa(page))
		path, err := c.path(what + "?" + query.Encode())
		if err != nil {
			return err
		}
		answer, err := c.ask(ctx, http.MethodGet, path, "", nil)
		if err != nil {
			return err
		}
		var got struct {
			Data []json.RawMessage
			Page struct{ NextCursor string }
		}
		if err := answer.into(&got); err != nil {
			return err
		}
		all = append(all, got.Data...)
		query.Set("cursor", got.Page.NextCursor)
		more = got.Page.NextCursor != "" && (c.Limit == 0 || len(all) < c.Limit)
	}
	return c.Show(raw(map[string]any{"data": all}), columns...)
}

// given sets those of the values that are not empty.
func given(pairs ...string) url.Values {
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			v.Set(pairs[i], pairs[i+1])
		}
	}
	return v
}

// InvoicesListCmd lists the invoices of a clinic.
type InvoicesListCmd struct {
	listed
	Status    string `help:"pending, overdue, received … ; several with commas."`
	Reference string `help:"externalReference, your own number of it."`
	Sort      string `default:"-createdAt" help:"createdAt, dueDate, amountCents, updatedAt; - in front: the greatest first."`
}

// Run prints the list.
func (c InvoicesListCmd) Run(ctx context.Context) error {
	return c.list(ctx, "/invoices", given("status", c.Status, "externalReference", c.Reference, "sort", c.Sort),
		"asaasId", "status", "method", "value", "dueDate", "paidAt", "externalReference", "id")
}

// InvoicesShowCmd shows one invoice.
type InvoicesShowCmd struct{ ofClinic }

// Run prints the invoice.
func (c InvoicesShowCmd) Run(ctx context.Context) error {
	return c.object(ctx, "/invoices", "id", "asaasId", "status", "asaasStatus", "statusEvent", "confirmedBy", "method", "value", "netValue", "fee", "refundedAmount",
		"dueDate", "paidAt", "paymentDate", "availableOn", "externalReference", "customer", "flags", "needsTruth", "version", "updatedAt")
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
	query := given("type", c.Type, "outcome", c.Outcome, "entity", c.Entity)
	if c.Since > 0 {
		query.Set("receivedAt[gte]", time.Now().Add(-c.Since).UTC().Format(time.RFC3339))
	}
	return c.list(ctx, "/events", query, "receivedAt", "type", "entity", "outcome", "reason", "id")
}

// EventsShowCmd shows one event and what became of it.
type EventsShowCmd struct{ ofClinic }

// Run prints the event.
func (c EventsShowCmd) Run(ctx context.Context) error {
	return c.object(ctx, "/events", "id", "asaasId", "type", "entity", "source", "occurredAt", "receivedAt", "appliedAt", "outcome", "reason", "notes", "shows", "deliveries")
}
