package connect

import (
	"errors"
	"time"

	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/alarm"
	"patapay/tenants/connection"
)

// The kinds of the alarms about one clinic's connection.
const (
	paused     = "paused"
	keyRefused = "key_refused"
	silent     = "silent"
	keyEnding  = "key_ending"  // the gateway said that the key ends soon
	failing    = "failing"     // three failed deliveries in a row
	differing  = "differences" // a comparison left something unexplained
)

// todo is what whoever reads an alarm is to do.
var todo = map[string]string{
	paused:     "The clinic's queue is paused at Asaas: the guardian resumes it once our door answers; what waits is dropped after 14 days.",
	keyRefused: "The clinic must replace its API key; events are stored and folded meanwhile, reads wait.",
	silent:     "The clinic hears less than it is used to: make the round trip test.",
	keyEnding:  "Asaas said that the clinic's API key ends soon: the clinic must replace it.",
	failing:    "Asaas counts three failed deliveries in a row, or more: at the fifteenth it pauses the queue. Look at our door.",
	differing:  "A comparison with Asaas left differences that no read explained: look at its certificate.",
}

// deaf are the states in which events may be missed.
var deaf = map[string]bool{paused: true, silent: true, keyRefused: true}

// settle moves the state, opens the alarms that the look calls for once an incident, and
// closes the others. When a state ends in which events may have been missed, the clinic
// is compared soon, whoever ended it.
func (l *look) settle(tx *tenants.Tx) error {
	err := l.incident(tx, keyEnding, l.keyEnds())
	if l.seen && len(l.ours) > 0 {
		err = errors.Join(err, l.incident(tx, failing, !l.ours[0].Interrupted && l.status("penalties") == checkWarning))
	}
	state, reason, action := l.verdict()
	if state == "" || err != nil {
		return err
	}
	if l.conn.FirstEventAt.IsZero() && l.heard() && l.conn.State != "awaiting_first_event" {
		if err := connection.NoteFirstEvent(tx, l.traffic.Last); err != nil {
			return err
		}
	}
	if _, err := connection.Move(tx, state, reason, action, l.loss(state), l.now); err != nil {
		return err
	}
	for _, kind := range []string{paused, keyRefused, silent} {
		if err := l.incident(tx, kind, kind == state); err != nil {
			return err
		}
	}
	if deaf[l.conn.State] && !deaf[state] {
		return connection.OpenGap(tx, l.conn.Since, l.now)
	}
	return nil
}

// incident opens the alarm, or closes it.
func (l *look) incident(tx *tenants.Tx, kind string, is bool) error {
	if is {
		_, err := alarm.OpenIncident(tx, kind, todo[kind], l.letter(kind), l.now)
		return err
	}
	return alarm.CloseIncident(tx, kind, l.solved(kind), l.now)
}

// loss returns when the gateway begins to drop what a paused queue holds: 14 days after
// the pause, which began after the last look that saw the queue run. Zero for any other
// state.
func (l *look) loss(state string) time.Time {
	if state != paused {
		return time.Time{}
	}
	if !l.conn.LossAt.IsZero() {
		return l.conn.LossAt
	}
	for _, c := range l.before {
		if c.Name == "queue" && c.Status == checkOK {
			return l.at.Add(lossAfter)
		}
	}
	return l.now.Add(lossAfter)
}

// unavailable tells whether the gateway did not answer the look.
func (l *look) unavailable() bool {
	return l.refusal != nil && l.refusal.DomainCode() == domain.Unavailable
}
