package domain

// Anomaly is something in a history that a person or a read of the gateway should look
// at. It never blocks.
type Anomaly struct {
	Code    string   // one of the Anomaly constants
	At      EventKey // the event that showed it
	Text    string   // English, for logs and event detail; no personal data
	Settled bool     // the newest answer of the gateway is later: no read would tell more
}

// Anomaly codes. Each one also stands as a flag until the gateway has been asked.
const (
	AnomalyTransition    = "transition"     // a step that the table does not know
	AnomalyNameStatus    = "name_status"    // event name and snapshot disagree
	AnomalyAmounts       = "amounts"        // amounts that cannot be right
	AnomalyOrder         = "order"          // date and counter disagree, or neither decides
	AnomalyUndated       = "undated"        // malformed or misdated: sorts lowest
	AnomalyNoSnapshot    = "no_snapshot"    // the event shows no status
	AnomalyBadField      = "bad_field"      // a member that could not be read
	AnomalyUnknownStatus = "unknown_status" // a word that we have not met
	AnomalyContradiction = "contradiction"  // the gateway's answer denies the events
	AnomalyNotFound      = "not_found"      // the gateway answered 404
	AnomalyNearSnapshot  = "near_truth"     // too close to the answer's clock to tell
)

// orderCheck compares the two orders that a history carries, date and counter.
type orderCheck struct {
	last   *Record
	status string
	high   int64 // highest counter so far
}

// check returns why the order of r is doubtful, or "". Records come in canonical order.
func (o *orderCheck) check(r *Record, status string) string {
	text := ""
	switch {
	case r.Key.Seq > 0 && r.Key.Seq < o.high:
		text = "the counter goes back while the date goes on"
	case o.last != nil && o.last.At == r.At && o.last.Key.Seq == r.Key.Seq && o.status != status:
		text = "same second and no counter to tell which came first"
	}
	o.high = max(o.high, r.Key.Seq)
	o.last, o.status = r, status
	return text
}
