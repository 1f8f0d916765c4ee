package domain

// The outcomes of an event beside those of a record that was folded. Every stored event
// has exactly one (docs/architecture.md, outcomes).
const (
	Received    Outcome = "received"    // waits to be applied
	Held        Outcome = "held"        // waits for something: the clinic is suspended
	Quarantined Outcome = "quarantined" // not believed; a person looks
	Dead        Outcome = "dead"        // could not be applied; a person looks
)
