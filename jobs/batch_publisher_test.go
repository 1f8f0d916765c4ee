package jobs

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"patapay/domain"
)

// message is what a publisher told of, and how long after it began.
type message struct {
	after   time.Duration
	clinics []domain.ClinicID
}

// gathered returns a publisher on a clock that stands still while somebody works, and its messages; call it in a
// bubble.
func gathered(t *testing.T, most int) (*batchPublisher, *[]message) {
	t.Helper()
	began, told := time.Now(), &[]message{}
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	publish := func(_ context.Context, batch []notice) error {
		clinics := clinicsTold(batch)
		slices.Sort(clinics)
		*told = append(*told, message{time.Since(began), clinics})
		return nil
	}
	return newBatchPublisher(ctx, gathering{25 * time.Millisecond, most}, publish), told
}

func TestALoneNoticeGoesAtOnceAndThoseThatFollowShareTheNextMessage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, told := gathered(t, 8)
		time.Sleep(time.Second)
		p.add(1)
		time.Sleep(10 * time.Millisecond)
		p.add(2)
		time.Sleep(10 * time.Millisecond)
		p.add(3)
		time.Sleep(time.Second)
		require.Equal(t, []message{
			{time.Second, []domain.ClinicID{1}}, {1025 * time.Millisecond, []domain.ClinicID{2, 3}},
		}, *told)
	})
}

// Where many come, the pause is over as soon as they fill a run: at a thousand events a second nobody waits for it.
func TestAsManyNoticesAsFillARunWaitForNoPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, told := gathered(t, 3)
		p.add(1)
		synctest.Wait()
		for clinic := range domain.ClinicID(3) {
			time.Sleep(time.Millisecond)
			p.add(10 + clinic)
		}
		synctest.Wait()
		p.add(20) // one alone has no run that is full
		time.Sleep(time.Second)
		require.Equal(t, []message{
			{0, []domain.ClinicID{1}},
			{3 * time.Millisecond, []domain.ClinicID{10, 11, 12}},
			{28 * time.Millisecond, []domain.ClinicID{20}},
		}, *told)
	})
}

func TestAClinicThatIsToldOfAgainAndAgainFillsNoRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, told := gathered(t, 3)
		p.add(1)
		synctest.Wait()
		for range 20 {
			time.Sleep(time.Millisecond)
			p.add(2)
		}
		time.Sleep(time.Second)
		require.Equal(t, []message{{0, []domain.ClinicID{1}}, {25 * time.Millisecond, []domain.ClinicID{2}}}, *told)
	})
}

// A process that is told to end has answered deliveries just before: their events would wait for the sweep.
func TestWhatStillGathersIsToldOfBeforeThePublisherEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, end := context.WithCancel(t.Context())
		told := 0
		p := newBatchPublisher(ctx, gathering{25 * time.Millisecond, 8}, func(ctx context.Context, batch []notice) error {
			if ctx.Err() == nil {
				told += len(batch)
			}
			return ctx.Err()
		})
		p.add(1)
		synctest.Wait()
		p.add(2)
		p.add(3)
		end()
		<-p.ended
		require.Equal(t, 3, told)
	})
}

func TestAMessageThatIsUnderWayIsNotCutWhenThePublisherEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, end := context.WithCancel(t.Context())
		told := 0
		p := newBatchPublisher(ctx, gathering{25 * time.Millisecond, 8}, func(ctx context.Context, batch []notice) error {
			select {
			case <-ctx.Done():
			case <-time.After(time.Millisecond):
				told += len(batch)
			}
			return ctx.Err()
		})
		p.add(1)
		synctest.Wait() // it waits for Redis
		end()
		<-p.ended
		require.Equal(t, 1, told)
	})
}
