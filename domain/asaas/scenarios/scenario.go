// Package scenarios is named flows of events with their ends written down by hand.
package scenarios

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"strings"

	"patapay/domain/asaas/simulator/accounts"
	"patapay/domain/asaas/simulator/flows"
)

//go:embed *.json
var scenarios embed.FS

// Scenario is a named flow of events with its end written down by hand: what a receiver must show
// of it when everything has been delivered.
type Scenario struct {
	About  string   `json:"about"`
	Steps  []Step   `json:"steps"`
	Expect Expected `json:"expect"`
}

// Step is one thing that happens in a scenario's account; exactly one member is set, and
// Variation goes with Play.
type Step struct {
	Play            flows.Flow          `json:"play"`
	flows.Variation                     // of Play
	Switches        *accounts.Switches  `json:"switches"`
	Key             *accounts.Behaviour `json:"key"`     // how the connected key answers from now on
	Pause           *bool               `json:"pause"`   // true: the webhook's queue is interrupted; false: resumed
	Disable         *bool               `json:"disable"` // true: the webhook makes no events any more; false: again
	Settle          bool                `json:"settle"`  // wait until everything so far is delivered and applied
	Forge           *Forgery            `json:"forge"`
	AgeHours        int                 `json:"ageHours"`  // what waits to be delivered becomes so much older
	Compare         bool                `json:"reconcile"` // with the gateway, to its end
	Expect          *Awaited            `json:"expect"`
	Statement       []Movement          `json:"statement"`  // lines that the gateway books by itself
	Withdrawal      string              `json:"withdrawal"` // type of a withdrawal that our address is asked to approve
}

// Movement is a line of the gateway's statement that no object of the account made.
type Movement struct {
	accounts.Movement
	OfLast bool `json:"ofLast"` // it names the last payment
}

// Forgery is an event that somebody posts with the clinic's own token: a sample, dated now,
// about a payment that the simulator does not know, or about the last one it played.
type Forgery struct {
	Sample     string   `json:"sample"`
	OfLast     bool     `json:"ofLast"`
	Set        []string `json:"set"` // path=value
	Deliveries int      `json:"deliveries"`
}

// Awaited is a payment that the billing module says it waits for.
type Awaited struct {
	Reference   string `json:"reference"` // externalReference
	AmountCents int64  `json:"amountCents"`
}

// Expected is what /v1 must show at the end. Objects are compared in the order in which
// the scenario made them, by the members that are named; an amount is written in centavos;
// {"missing": true} stands for an object that must not exist.
type Expected struct {
	Invoices      []map[string]any `json:"invoices"`
	Checkouts     []map[string]any `json:"checkouts"`
	Anticipations []map[string]any `json:"anticipations"`
	Connection    map[string]any   `json:"connection"`
	Alarms        []string         `json:"alarms"` // kinds of the open ones, sorted
	// WorkItems are the kinds of the open ones, sorted; null: they are not compared.
	WorkItems []string       `json:"workItems"`
	Events    map[string]int `json:"events"` // outcome → how many; those not named are not counted
}

// Names returns the names of all scenarios, sorted.
func Names() (names []string) {
	files, err := scenarios.ReadDir(".")
	if err != nil {
		panic(err) // embedded: the folder is there
	}
	for _, f := range files {
		names = append(names, strings.TrimSuffix(f.Name(), ".json"))
	}
	return names
}

// Find returns the scenario called name. It fails when there is none, and when its
// file names a member that does not exist.
func Find(name string) (s Scenario, err error) {
	raw, err := scenarios.ReadFile(name + ".json")
	if err != nil {
		return s, fmt.Errorf("no scenario %q; --list shows them", name)
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&s); err != nil {
		return s, fmt.Errorf("scenario %s: %w", name, err)
	}
	return s, nil
}
