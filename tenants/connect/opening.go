package connect

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/apply"
	"patapay/tenants/asaasapi"
	"patapay/tenants/connection"
	"patapay/tenants/ledger"
)

// begin returns the day on which the clinic's ledger begins. The first time that is
// the day on which its key was saved, and the gateway is asked for what stood open then:
// the cut-off is the beginning of a day because the gateway dates money by days.
func (b bookkeeping) begin(
	ctx context.Context, conn connection.Connection, cred asaasapi.Credential,
) (day domain.Day, opened bool, err error) {
	err = b.DB.In(ctx, b.clinic, func(tx *tenants.Tx) (err error) { day, err = ledger.Begins(tx); return err })
	if err != nil || day != "" {
		return day, false, err
	}
	since := conn.KeySetAt
	if since.IsZero() {
		since = b.Now()
	}
	day = today(since)
	open, err := b.openSince(ctx, cred, day)
	if err != nil {
		return day, false, err
	}
	return day, true, b.DB.In(ctx, b.clinic, func(tx *tenants.Tx) error {
		if err := ledger.Begin(tx, day); err != nil {
			return err
		}
		for _, e := range open {
			if err := apply.RequestRead(tx, e.Kind, e.ID, domain.ReadOpening, b.Now().UTC()); err != nil {
				return err
			}
		}
		return nil
	})
}

// openList is one list of the gateway that holds what may have stood open.
type openList struct {
	kind       domain.Kind
	path       string
	key, value string // of its filter, "" none
	permission string
}

// openLists hold whatever may have stood open on a day: payments that were to be credited
// on it or later, disputes, and all advances, which have no filter by date.
func openLists(day domain.Day) []openList {
	payments := func(key, value string) openList {
		return openList{domain.KindPayment, "/payments", key, value, asaasapi.ReadPayments}
	}
	return []openList{
		payments("estimatedCreditDate[ge]", string(day)),
		payments("status", "CHARGEBACK_REQUESTED,CHARGEBACK_DISPUTE,AWAITING_CHARGEBACK_REVERSAL"),
		{domain.KindAnticipation, "/anticipations", "", "", asaasapi.ReadAnticipations},
	}
}

// items reads the list. A gateway that does not take several statuses at once (docs/gateway.md, lists) is asked for
// one after the other.
func (l openList) items(
	ctx context.Context, client *asaasapi.Client, cred asaasapi.Credential,
) ([]json.RawMessage, error) {
	query := url.Values{}
	if l.key != "" {
		query.Set(l.key, l.value)
	}
	all, _, err := client.Pages(ctx, cred, l.path, query, l.permission, reconcilePages)
	values := strings.Split(l.value, ",")
	var refused *asaasapi.Error
	if !errors.As(err, &refused) || refused.Status != http.StatusBadRequest || len(values) < 2 {
		return all, err
	}
	for _, value := range values {
		one := openList{l.kind, l.path, l.key, value, l.permission}
		more, err := one.items(ctx, client, cred)
		if err != nil {
			return nil, err
		}
		all = append(all, more...)
	}
	return all, nil
}

// openSince reads the lists and returns what in them may have stood open on day.
func (b bookkeeping) openSince(
	ctx context.Context, cred asaasapi.Credential, day domain.Day,
) (open []tenants.EntityRef, err error) {
	seen := map[tenants.EntityRef]bool{}
	for _, l := range openLists(day) {
		items, err := l.items(ctx, b.Client, cred)
		if err != nil {
			return nil, err
		}
		for _, raw := range items {
			var o struct{ ID, Status, DueDate string }
			if json.Unmarshal(raw, &o) != nil || o.ID == "" {
				return nil, &asaasapi.Error{
					Code:   asaasapi.Unexpected,
					Status: http.StatusOK,
					Err:    errors.New("an object that cannot be read"),
				}
			}
			e := tenants.EntityRef{Kind: l.kind, ID: o.ID}
			over := l.kind == domain.KindAnticipation && o.Status != "CREDITED" && o.Status != "OVERDUE" &&
				domain.Day(o.DueDate) < day
			if !seen[e] && !over {
				seen[e] = true
				open = append(open, e)
			}
		}
	}
	return open, nil
}
