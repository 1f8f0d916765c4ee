package feed

import (
	"context"

	"patapay/api/rest"
	"patapay/api/shares"
	"patapay/domain"
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

// take takes a place for the caller of ctx, of clinic 0 for the platform's feed, and returns what
// gives it back. It fails with Unavailable when the token's or the clinic's are taken, or all are.
func (p *places) take(ctx context.Context, clinic domain.ClinicID) (leave func(), err error) {
	if clinic == 0 {
		if !p.platform.TryTake(0, 1) {
			return nil, errNoPlace
		}
		return func() { p.platform.Give(0, 1) }, nil
	}
	token := rest.CallerKey(ctx)
	if !p.tokens.TryTake(token, 1) {
		return nil, errNoPlace
	}
	if !p.clinics.TryTake(int64(clinic), 1) {
		p.tokens.Give(token, 1)
		return nil, errNoPlace
	}
	return func() { p.clinics.Give(int64(clinic), 1); p.tokens.Give(token, 1) }, nil
}

var errNoPlace = domain.Errorf(
	domain.Unavailable, "too many readers of the feed are open with this token or of this clinic",
)
