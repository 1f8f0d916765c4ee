package gateway

import (
	"time"

	"golang.org/x/time/rate"

	"patapay/domain"
)

// The share of the gateway's quota of 25,000 calls an account and 12 hours that may go
// into looks and comparisons: a tenth (design.md, section 5). Half of it is lists and looks,
// which are counted here, half the reads that a comparison asks of the worker, which
// counts them itself.
const (
	shareCalls  = 1_250
	shareWindow = 12 * time.Hour
)

// spend takes n calls from the clinic's share. It fails with asaas_rate_limited when the
// share is used up: what was to be asked waits for the next turn.
func (c *Connector) spend(clinic domain.ClinicID, n int) error {
	fresh := rate.NewLimiter(rate.Limit(float64(shareCalls)/2/shareWindow.Seconds()), shareCalls/2) // burst and refill stay within the share
	got, _ := c.shares.LoadOrStore(clinic, fresh)
	now := c.Now()
	taken := got.(*rate.Limiter).ReserveN(now, n)
	if !taken.OK() {
		return &Error{Code: RateLimited, RetryAfter: shareWindow}
	}
	if wait := taken.DelayFrom(now); wait > 0 {
		taken.CancelAt(now)
		return &Error{Code: RateLimited, RetryAfter: wait}
	}
	return nil
}
