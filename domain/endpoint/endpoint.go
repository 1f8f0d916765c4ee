// Package endpoint is what is true of an address that entries of the change feed are pushed to:
// where it may lead, how a delivery is signed, and when one that failed is tried again. Its one
// rule: nothing here knows a network or a clock.
package endpoint

import (
	"slices"

	"patapay/domain"
)

// The states of an endpoint: an active one is sent what comes, a paused one keeps its place.
const (
	Active = "active"
	Paused = "paused"
)

// Why an endpoint is paused.
const (
	ByRequest     = "by_request"     // somebody paused it
	Failing       = "failing"        // an entry was refused for three days
	Gone          = "gone"           // it answered 410: nothing is wanted any more
	NewEpoch      = "new_epoch"      // the feed's history was restored: the receiver is to read all anew
	CursorExpired = "cursor_expired" // what it is to get next was dropped from the feed for its age
)

// What a delivery carries of an entry's object.
const (
	Whole = "whole" // the object, as the entry of the feed has it
	Thin  = "thin"  // no object: who receives it asks for what it needs
)

// MostWaiting is how many entries of an endpoint are under way or wait for another try; with as
// many the endpoint's cursor stands still.
const MostWaiting = 1000

// MostEndpoints is how many endpoints a clinic, or the platform, may have.
const MostEndpoints = 20

// TestType is the type of the entry that only says that deliveries arrive.
const TestType = "endpoint.test"

var types = map[domain.Kind]string{
	domain.KindPayment: "invoice.updated", domain.KindCheckout: "checkout.updated",
	domain.KindAnticipation:    "anticipation.updated",
	domain.KindDeadlineOpened:  "deadline.opened",
	domain.KindDeadlineChanged: "deadline.changed",
	domain.KindDeadlineClosed:  "deadline.closed",
	domain.KindWorkItemOpened:  "work_item.opened",
	domain.KindWorkItemChanged: "work_item.changed",
	domain.KindWorkItemClosed:  "work_item.closed",
	domain.KindConnection:      "connection.changed",
}

// TypeOf returns the type that an entry of the feed about this kind of object has; "" for a kind
// that the feed does not know.
func TypeOf(kind domain.Kind) string { return types[kind] }

// Wants tells whether an endpoint with this filter, none for everything, is sent entries of a type.
func Wants(filter []string, typ string) bool { return len(filter) == 0 || slices.Contains(filter, typ) }
