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

	begunAt time.Time // what its durations count from

	mu       sync.Mutex
	senders  map[domain.ClinicID]sender // those of late
	forgotAt time.Duration              // when those that send no more were forgotten
	calm     [2]calmDelivery            // the last one of a clinic that sends little, and the last one of another
}

// sender is what a clinic has delivered of late. There is one for each clinic, so it is small.
type sender struct {
	covers         time.Duration // until when its events would last at the limit
	second         time.Duration // when the second began in which it delivers
	before, within int32         // events of the second before that one, and of that one
}

type calmDelivery struct {
	clinic domain.ClinicID
	at     time.Duration
}

// forgetEvery is how often clinics that send no more are forgotten.
const forgetEvery = 10 * time.Second

// othersLast is for how long after a calm clinic's delivery the others' are paced.
const othersLast = time.Second

// calmest is which part of the limit a calm clinic's events of a second are at most. Were it all of it,
// clinics that all bring much would pace each other, whoever is a little ahead: 200 clinics at 45 events a
// second had answers in 28 ms for 8.
const calmest = 3

func newIntakeLimit(perSecond int) *intakeLimit {
	return &intakeLimit{
		perSecond: perSecond, now: time.Now, begunAt: time.Now(), senders: map[domain.ClinicID]sender{},
		calm: [2]calmDelivery{{at: -othersLast}, {at: -othersLast}},
	}
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
	now := l.now().Sub(l.begunAt)
	l.forget(now)
	s := l.senders[clinic]
	ahead := max(s.covers-now, 0) + time.Duration(events)*time.Second/time.Duration(l.perSecond)
	s.covers = now + min(ahead, time.Second)
	s.count(now, events)
	l.senders[clinic] = s
	if l.isCalm(s) {
		if l.calm[0].clinic != clinic {
			l.calm[1] = l.calm[0]
		}
		l.calm[0] = calmDelivery{clinic, now}
	}
	other := l.calm[0]
	if other.clinic == clinic {
		other = l.calm[1]
	}
	return ahead > time.Second/2 && now-other.at < othersLast && l.isCalm(l.senders[other.clinic])
}

// forget makes room for who delivers: a map keeps the room of what is deleted from it, so it is made anew.
func (l *intakeLimit) forget(now time.Duration) {
	if now-l.forgotAt < forgetEvery {
		return
	}
	l.forgotAt = now
	kept := map[domain.ClinicID]sender{}
	for clinic, s := range l.senders {
		if s.covers > now || now-s.second < 2*time.Second {
			kept[clinic] = s
		}
	}
	l.senders = kept
}

// isCalm tells whether a clinic sends little, as far as one knows yet: one that has just begun may soon be none.
func (l *intakeLimit) isCalm(s sender) bool {
	return int(max(s.before, s.within)) <= l.perSecond/calmest
}

// count adds events to those of the second.
func (s *sender) count(now time.Duration, events int) {
	switch since := now - s.second; {
	case since >= 2*time.Second:
		s.second, s.before, s.within = now, 0, 0
	case since >= time.Second:
		s.second, s.before, s.within = s.second+time.Second, s.within, 0
	}
	s.within += int32(events)
}
