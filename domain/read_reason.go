package domain

import "time"

// ReadReason says why an entity is to be read from the gateway. Every anomaly's code is one
// too: what is odd in a history, a read may explain. A new reason is one constant and one row
// of the table below: whoever asks, reads or takes a request back asks the table.
type ReadReason string

// The reasons beside the codes of anomalies, by what they are called in the database and
// under /v1.
const (
	ReadUnverified ReadReason = "hint"            // a delivery without a valid token named it
	ReadVariant    ReadReason = "variant"         // one id came with two bodies
	ReadOrphan     ReadReason = "orphan"          // another entity speaks of it, its own events have not come
	ReadConfirm    ReadReason = "confirm"         // money moved by word of a webhook
	ReadLedger     ReadReason = "ledger_conflict" // two carriers of one fact differ
	ReadReconcile  ReadReason = "reconcile"       // a comparison found a difference
	ReadStatement  ReadReason = "statement"       // a line of the statement that no booking explains
	ReadOpening    ReadReason = "opening"         // it stood open when the ledger began
	ReadExpected   ReadReason = "expected"        // a payment that was announced is not as announced
)

// ReadClass says how a read weighs against the others of the same account, whose number the
// gateway limits.
type ReadClass int

// The classes of reads.
const (
	ReadOfDoubt        ReadClass = iota // something is not as it should be
	ReadOfConfirmation                  // all seems well; the read makes sure
	ReadOfUpkeep                        // nobody waits for it
)

// readRule is what there is to know of a reason.
type readRule struct {
	class ReadClass
	after time.Duration // what is merely late comes by itself meanwhile
	kept  bool          // it is not taken back when the entity gives no more cause
}

// doubtRule is the rule of a reason without a row: an anomaly's code.
var doubtRule = readRule{after: 5 * time.Second}

var readRules = map[ReadReason]readRule{
	AnomalyNoSnapshot: {},
	ReadUnverified:    {kept: true},
	ReadVariant:       {kept: true},
	ReadOrphan:        {after: time.Minute},
	ReadConfirm:       {class: ReadOfConfirmation, after: 30 * time.Second},
	ReadLedger:        {after: 5 * time.Second, kept: true},
	ReadReconcile:     {class: ReadOfUpkeep},
	ReadStatement:     {},
	ReadOpening:       {},
	ReadExpected:      {},
}

func (r ReadReason) rule() readRule {
	if rule, ok := readRules[r]; ok {
		return rule
	}
	return doubtRule
}

// Class returns how a read for this reason weighs against others.
func (r ReadReason) Class() ReadClass { return r.rule().class }

// After returns how long whoever finds the reason in a history waits before the gateway is
// asked: what is merely late comes by itself.
func (r ReadReason) After() time.Duration { return r.rule().after }

// Kept tells whether a request for this reason stands until it was answered, though the
// entity gives no cause any more.
func (r ReadReason) Kept() bool { return r.rule().kept }
