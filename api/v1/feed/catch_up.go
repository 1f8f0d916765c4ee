package feed

import (
	"context"
	"time"

	"patapay/api/shares"
	"patapay/domain"
)

// Clinics whose streams catch up at once in one process, and streams that may wait for their clinic's turn.
const (
	catchUpsOfAll  = 2
	catchUpsQueued = streamsOfClinic
)

// catchUps paces streams that are more than a page behind: of one clinic one page is read at a time, and its turn
// rests as long as the page took. Sixty streams from the beginning of a feed, each of which asked for its next page
// at once, kept the processors so busy that another clinic's lists took ten times as long. The platform's streams are
// not paced: they have no clinic to hold up.
type catchUps struct{ clinics *shares.Budget }

func newCatchUps() *catchUps {
	return &catchUps{shares.NewBudget(catchUpsOfAll, 1, catchUpsQueued)}
}

// read calls read in a turn of the clinic, of clinic 0 at once. It fails as read does, and with Unavailable when ctx
// ends before the turn comes.
func (c *catchUps) read(ctx context.Context, clinic domain.ClinicID, read func() error) error {
	if clinic == 0 {
		return read()
	}
	if err := c.clinics.Take(ctx, int64(clinic), 1); err != nil {
		return err
	}
	began := time.Now()
	defer func() {
		time.AfterFunc(time.Since(began), func() { c.clinics.Give(int64(clinic), 1) })
	}()
	return read()
}
