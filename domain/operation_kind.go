package domain

import "time"

// OperationKind says what a piece of long work does. A new kind is one constant, one row of
// the table below, and whoever does it.
type OperationKind string

// The kinds of long work, by what they are called in the database and under /v1.
const (
	OperationTest       OperationKind = "connection.test"
	OperationReactivate OperationKind = "connection.reactivate"
	OperationReconcile  OperationKind = "connection.reconcile"
	OperationSetUp      OperationKind = "connection.setup"    // webhook, then round trip
	OperationBackfill   OperationKind = "connection.backfill" // the last 90 days
	OperationExport     OperationKind = "export"
	OperationReplay     OperationKind = "events.replay"

	// OperationFleetAction is the platform's own work: one thing that is done to many clinics.
	OperationFleetAction OperationKind = "fleet.action"
)

// operationRule is what there is to know of a kind of long work.
type operationRule struct {
	kind       OperationKind
	steps      int           // when all goes well; 0: as many as the operation itself says
	limit      time.Duration // bounds one run; 0: nothing does
	connection bool          // it is done with a clinic's connection
}

// operationTime bounds what is short enough for a person to wait for.
const operationTime = 4*time.Minute + 30*time.Second

var operationRules = []operationRule{
	{kind: OperationTest, steps: 4, limit: operationTime, connection: true},
	{kind: OperationReactivate, steps: 5, limit: operationTime, connection: true},
	{kind: OperationReconcile, steps: 3, limit: operationTime, connection: true},
	{kind: OperationSetUp, steps: 5, limit: operationTime, connection: true},
	{kind: OperationBackfill, steps: 6, limit: 40 * time.Minute, connection: true},
	{kind: OperationExport},
	{kind: OperationReplay},
	{kind: OperationFleetAction},
}

func (k OperationKind) rule() operationRule {
	for _, r := range operationRules {
		if r.kind == k {
			return r
		}
	}
	return operationRule{}
}

// Steps returns how many steps an operation of the kind has when all goes well; 0 when each
// operation says so itself.
func (k OperationKind) Steps() int { return k.rule().steps }

// Limit returns what bounds one run of an operation of the kind; 0: nothing does.
func (k OperationKind) Limit() time.Duration { return k.rule().limit }

// OfConnection tells whether the work is done with a clinic's connection.
func (k OperationKind) OfConnection() bool { return k.rule().connection }

// Values returns every kind of long work.
func (OperationKind) Values() (kinds []OperationKind) {
	for _, r := range operationRules {
		kinds = append(kinds, r.kind)
	}
	return kinds
}
