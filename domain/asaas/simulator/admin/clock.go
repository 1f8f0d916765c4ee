package admin

import (
	"errors"
	"fmt"
	"time"

	"patapay/domain/asaas/simulator/clock"
)

// ClockState is what the simulator's clock shows and how fast it goes.
type ClockState struct {
	Now  time.Time `json:"now"`  // UTC
	Pace float64   `json:"pace"` // seconds of its own per second; 0: frozen
}

// ClockChange moves the simulator's clock; members that are left out change nothing. The
// pace is set first, then the clock is moved.
type ClockChange struct {
	Pace    *float64  `json:"pace"`    // 0 freezes, 1 is real time, 600 makes 10 minutes pass in a second
	Advance string    `json:"advance"` // Go's notation, such as 36h or 90s
	To      time.Time `json:"to"`      // an instant still to come
}

// steer changes the clock and lets everything happen whose time has come. It fails for a
// clock that goes by itself, and for a change that would turn it back: what happened cannot
// be undone.
func (s *Admin) steer(change ClockChange) (ClockState, error) {
	clock, ok := s.world.Clock.(*clock.SteeredClock)
	if !ok {
		return s.clockState(), errors.New("this clock cannot be steered")
	}
	by, err := change.by(clock.Now())
	if err != nil {
		return s.clockState(), err
	}
	if change.Pace != nil {
		if *change.Pace < 0 {
			return s.clockState(), fmt.Errorf("a pace of %v would turn the clock back", *change.Pace)
		}
		clock.Run(*change.Pace)
	}
	clock.Advance(by)
	s.world.Lock()
	s.world.CatchUp()
	s.world.Unlock()
	return s.clockState(), nil
}

func (c ClockChange) by(now time.Time) (d time.Duration, err error) {
	if c.Advance != "" {
		d, err = time.ParseDuration(c.Advance)
	}
	if !c.To.IsZero() {
		d = c.To.Sub(now)
	}
	if err == nil && d < 0 {
		err = fmt.Errorf("the clock is not turned back")
	}
	return d, err
}

func (s *Admin) clockState() ClockState {
	out := ClockState{Now: s.world.Clock.Now(), Pace: 1}
	if clock, ok := s.world.Clock.(*clock.SteeredClock); ok {
		out.Pace = clock.Pace()
	}
	return out
}
