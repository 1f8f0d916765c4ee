package inbox

import (
	"sync"
	"time"

	"patapay/domain"
)

// intakeLimit tells which deliveries are beyond what a clinic may send in a second while others deliver. Nothing is
// refused for it: Asaas sends a clinic's queue one by one, so that who waits for an answer is the flood's own sender.
type intakeLimit struct {
	perSecond int // events of one clinic; 0: any number
	now       func() time.Time

	mu      sync.Mutex
	senders map[domain.ClinicID]*sender
	calm    [2]calmDelivery // the last one of a clinic that sends little, and the last one of another
}

// sender is what a clinic has delivered of late.
type sender struct {
	covers         time.Time // until when its events would last at the limit
	second         time.Time // when the second began in which it delivers
	before, within int       // events of the second before that one, and of that one
}

type calmDelivery struct {
	sender *sender
	at     time.Time
}

// othersLast is for how long after a calm clinic's delivery the others' are paced.
const othersLast = time.Second

// calmest is which part of the limit a calm clinic's events of a second are at most. Were it all of it,
// clinics that all bring much would pace each other, whoever is a little ahead: 200 clinics at 45 events a
// second had answers in 28 ms for 8.
const calmest = 3

func newIntakeLimit(perSecond int) *intakeLimit {
	return &intakeLimit{perSecond: perSecond, now: time.Now, senders: map[domain.ClinicID]*sender{}}
}

// eventBytes is how long a body may be that counts as one event: twice what the gateway's have. A longer one counts as
// so many more, since what it costs grows with its bytes: at 50 events a second that is a mebibyte.
const eventBytes = 20 << 10

// eventsOf returns as how many events a row counts that has so many sealed bytes.
func eventsOf(sealed int) int { return max((sealed+eventBytes-1)/eventBytes, 1) }

// exceeded counts a delivery of clinic, as so many events, and tells whether it is to be paced: the clinic is half a
// second's events ahead, and another one, which is calm, delivers too.
func (l *intakeLimit) exceeded(clinic domain.ClinicID, events int) bool {
	if l.perSecond == 0 {
		return false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	s := l.senders[clinic]
	if s == nil {
		s = &sender{}
		l.senders[clinic] = s
	}
	ahead := max(s.covers.Sub(now), 0) + time.Duration(events)*time.Second/time.Duration(l.perSecond)
	s.covers = now.Add(min(ahead, time.Second))
	s.count(now, events)
	if l.isCalm(s) {
		if l.calm[0].sender != s {
			l.calm[1] = l.calm[0]
		}
		l.calm[0] = calmDelivery{s, now}
	}
	other := l.calm[0]
	if other.sender == s {
		other = l.calm[1]
	}
	return ahead > time.Second/2 && now.Sub(other.at) < othersLast && l.isCalm(other.sender)
}

// isCalm tells whether a clinic sends little, as far as one knows yet: one that has just begun may soon be none.
func (l *intakeLimit) isCalm(s *sender) bool { return max(s.before, s.within) <= l.perSecond/calmest }

// count adds events to those of the second.
func (s *sender) count(now time.Time, events int) {
	switch since := now.Sub(s.second); {
	case since >= 2*time.Second:
		s.second, s.before, s.within = now, 0, 0
	case since >= time.Second:
		s.second, s.before, s.within = s.second.Add(time.Second), s.within, 0
	}
	s.within += events
}
