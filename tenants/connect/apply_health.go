package connect

import (
	"errors"
	"time"

	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/alarm"
	"patapay/tenants/connection"
)

// apply moves the state, opens the alarms that the health check calls for once an incident, and
// closes the others. When a state ends in which events may have been missed, the clinic
// is compared soon, whoever ended it.
func (l *healthCheck) apply(tx *tenants.Tx) error {
	err := l.incident(tx, domain.AlarmKeyEnding, l.keyEnds())
	if l.seen && len(l.ours) > 0 {
		err = errors.Join(
			err, l.incident(tx, domain.AlarmFailing, !l.ours[0].Interrupted && l.status("penalties") == checkWarning),
		)
	}
	err = errors.Join(err, l.incident(tx, domain.AlarmCommercialExpired, l.status("commercial_data") == checkFailed))
	err = errors.Join(err, l.tellTooLarge(tx))
	if l.asked.IsZero() {
		err = errors.Join(err, alarm.CloseAlarm(tx, domain.AlarmWithdrawal, l.now))
	}
	err = errors.Join(err, l.endQuiet(tx))
	state, reason, action := l.state()
	if state == "" || err != nil {
		return err
	}
	if l.conn.FirstEventAt.IsZero() && l.received() && l.conn.State != domain.ConnectionAwaiting {
		if err := connection.NoteFirstEvent(tx, l.traffic.Last); err != nil {
			return err
		}
	}
	if _, err := connection.Move(tx, state, reason, action, l.loss(state), l.now); err != nil {
		return err
	}
	for _, s := range state.Values() {
		if s.Alarm() == "" {
			continue
		}
		if err := l.incident(tx, s.Alarm(), s == state); err != nil {
			return err
		}
	}
	if l.conn.State.Lossy() && !state.Lossy() {
		return connection.OpenGap(tx, l.conn.Since, l.now)
	}
	return nil
}

// incident opens the alarm, or closes it.
func (l *healthCheck) incident(tx *tenants.Tx, kind domain.AlarmKind, is bool) error {
	if is {
		_, err := alarm.OpenIncident(tx, kind, l.mail(kind), l.now)
		return err
	}
	return alarm.CloseIncident(tx, kind, l.solved(kind), l.now)
}

// endQuiet closes the alarms that only ever are raised, by the door or by the worker, once nothing raised them for as
// long as their kind says. A forged event's ends with the token that it came with: a newer one is its cure.
func (l *healthCheck) endQuiet(tx *tenants.Tx) error {
	open, err := alarm.Open(tx)
	for kind, last := range open {
		over := kind.Quiet() > 0 && l.now.Sub(last) > kind.Quiet()
		if kind == domain.AlarmForged && !over && err == nil {
			var tokens []connection.Token
			if tokens, err = connection.Tokens(tx, l.now); len(tokens) > 0 {
				over = tokens[0].CreatedAt.After(last)
			}
		}
		if over {
			err = errors.Join(err, alarm.CloseAlarm(tx, kind, l.now))
		}
	}
	return err
}

// tellTooLarge mails the clinic's administrators that a delivery was too large to be stored. The door that refused it
// raises the alarm and writes no e-mail: its role knows no mails.
func (l *healthCheck) tellTooLarge(tx *tenants.Tx) error {
	const kind = domain.AlarmBodyTooLarge
	opened, err := alarm.OpenAlarm(tx, kind)
	if err != nil || opened.IsZero() {
		return err
	}
	_, err = alarm.OpenIncident(tx, kind, l.mail(kind), l.now)
	return err
}

// loss returns when the gateway begins to drop what a paused queue holds: 14 days after
// the pause, which began after the last health check that saw the queue run. Zero for any other
// state.
func (l *healthCheck) loss(state domain.ConnectionState) time.Time {
	if state != domain.ConnectionPaused {
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

// unavailable tells whether the gateway did not answer the health check.
func (l *healthCheck) unavailable() bool {
	return l.refusal != nil && l.refusal.DomainCode() == domain.Unavailable
}
