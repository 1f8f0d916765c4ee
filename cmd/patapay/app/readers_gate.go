package app

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"time"

	"patapay/api/problem"
	"patapay/api/rest"
	"patapay/api/shares"
	"patapay/domain"
	"patapay/tenants"
)

const (
	apiConns = 8 // of role patapay_api in one process

	// Connections that transactions have at once: in all, of one clinic, and of one token or session, whichever
	// clinics it reads. One is left for what has no clinic's transaction: the platform's feed.
	readersOfAll, readersOfClinic, readersOfCaller = apiConns - 1, 4, 5

	readersWaiting  = 500              // transactions of one clinic, and of one caller, that may wait
	readersPatience = 10 * time.Second // as long as a statement may take

	// Of the time of transactions a clinic's callers have so much at once, which no page of ours comes to, and then
	// half of each second, for what is read is encoded and sent beside that: requests in a loop took both processors
	// for as long as their token had any left. One transaction waits for no longer than readersRest.
	readersAtOnce, readersShare, readersRest = 200 * time.Millisecond, 0.5, time.Second
)

// readersGate is two budgets and a pace. Who waits for the pace, or for the caller's share, holds no clinic's place.
type readersGate struct {
	callers, clinics *shares.Budget
	pace             *shares.Pace // of the clinics that somebody reads
}

// ReadersGate returns what stands in front of the connections of role patapay_api: a clinic has
// half of them at most, and who waits is served in turns of clinics, not as they came. Sixty
// streams of one clinic, which read page after page, once kept another's list waiting for 12 s.
// A token that reads every clinic would have a turn in each one's line: it has a share of its own.
func ReadersGate() tenants.Gate {
	g := readersGate{
		callers: shares.NewBudget(math.MaxInt64, readersOfCaller, readersWaiting),
		clinics: shares.NewBudget(readersOfAll, readersOfClinic, readersWaiting),
		pace:    shares.NewPace(readersAtOnce, readersShare, readersRest),
	}
	g.callers.Patience, g.clinics.Patience = readersPatience, readersPatience
	return g
}

// Enter waits for the clinic's pace and the caller's share, if ctx has a caller, and then for the clinic's share. What
// a clinic's own caller reads is of its clinic, also where no clinic is named: each request looks up the tenant of its
// path first, and a thousand of one clinic once stood in the one line that every clinic's lookups had.
func (g readersGate) Enter(ctx context.Context, clinic domain.ClinicID) (leave func(), err error) {
	caller, whose := rest.CallerKey(ctx), rest.ClinicKey(ctx, "")
	if whose == 0 {
		whose = int64(clinic)
	}
	if caller == 0 {
		return g.enterClinic(ctx, whose)
	}
	if err := g.pace.Wait(ctx, whose); err != nil {
		return nil, err
	}
	if err := g.callers.Take(ctx, caller, 1); err != nil {
		return nil, tooMany(err)
	}
	leaveClinic, err := g.enterClinic(ctx, whose)
	if err != nil {
		g.callers.Give(caller, 1)
		return nil, err
	}
	ended := g.pace.Begin(whose)
	return func() { ended(); leaveClinic(); g.callers.Give(caller, 1) }, nil
}

// enterClinic waits for the share of a clinic.
func (g readersGate) enterClinic(ctx context.Context, whose int64) (leave func(), err error) {
	if err := g.clinics.Take(ctx, whose, 1); err != nil {
		return nil, tooMany(err)
	}
	return func() { g.clinics.Give(whose, 1) }, nil
}

// Whose line is full comes back between these two, each at another instant.
const soonest, latest = time.Second, 5 * time.Second

// tooMany tells a caller whose own line is full that they ask too much. It is no fault of ours that an operator is
// called for.
func tooMany(err error) error {
	if !errors.Is(err, shares.ErrLineFull) {
		return err
	}
	return &problem.Error{Code: "rate_limited", RetryAfter: soonest + rand.N(latest-soonest), Err: err}
}
