package feed

import (
	"context"
	"math/rand/v2"
	"time"

	"patapay/api/problem"
	"patapay/api/rest"
	"patapay/api/shares"
)

// How many readers of the feed may be open at once in one process: of one token, of one clinic,
// of all clinics; and of the platform, whose readers take no clinic's place and lose none to them.
const (
	streamsOfToken, streamsOfClinic, streamsOfAll = 32, 64, 400
	pollsOfToken, pollsOfClinic, pollsOfAll       = 125, 250, 1000
	ofPlatform                                    = 32
)

// places are the open readers of one kind: streams, or long polls.
type places struct {
	clinics, tokens, platform *shares.Budget
}

func newPlaces(token, clinic, all int64) *places {
	return &places{
		clinics:  shares.NewBudget(all, clinic, 0),
		tokens:   shares.NewBudget(all, token, 0),
		platform: shares.NewBudget(ofPlatform, ofPlatform, 0),
	}
}

// take takes a place for the caller of ctx, who reads the feed of tenant, or the platform's when it is "", and
// returns what gives it back. It fails with rate_limited when the token's or the clinic's are taken, or all are. It
// asks no database: who is refused costs nobody else a turn there.
func (p *places) take(ctx context.Context, tenant string) (leave func(), err error) {
	if tenant == "" {
		if !p.platform.TryTake(0, 1) {
			return nil, tooManyReaders()
		}
		return func() { p.platform.Give(0, 1) }, nil
	}
	token, clinic := rest.CallerKey(ctx), rest.ClinicKey(ctx, tenant)
	if !p.tokens.TryTake(token, 1) {
		return nil, tooManyReaders()
	}
	if !p.clinics.TryTake(clinic, 1) {
		p.tokens.Give(token, 1)
		return nil, tooManyReaders()
	}
	return func() { p.clinics.Give(clinic, 1); p.tokens.Give(token, 1) }, nil
}

// Who was refused comes back between these two, each at another instant.
const soonestReader, latestReader = 5 * time.Second, 15 * time.Second

// tooManyReaders is no fault of ours that an operator is called for, so it is not Unavailable.
func tooManyReaders() error {
	return &problem.Error{
		Code:       "rate_limited",
		Detail:     "Há leitores demais do feed abertos com este token ou desta clínica.",
		RetryAfter: soonestReader + rand.N(latestReader-soonestReader),
	}
}
