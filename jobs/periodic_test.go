package jobs

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestSomethingPeriodicIsDoneAtOnceAndAfterEachPauseUntilItsContextEnds(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	pauses, over := make(chan time.Duration), make(chan time.Time)
	early := make(chan struct{})
	p := Periodic{
		Name: "counting", Every: time.Hour, Log: slog.New(slog.NewTextHandler(&log, nil)), Early: early,
		After: func(d time.Duration) <-chan time.Time { pauses <- d; return over },
	}
	ctx, end := context.WithCancel(t.Context())
	times := 0
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		p.Run(ctx, func(context.Context) error { times++; return errors.New("once more") })
	}()
	for range 3 {
		pause := <-pauses
		require.GreaterOrEqual(t, pause, time.Hour)
		require.LessOrEqual(t, pause, time.Hour+6*time.Minute, "a tenth more at most")
		over <- time.Time{}
	}
	<-pauses
	early <- struct{}{} // somebody cannot wait
	<-pauses
	end()
	<-ended
	require.Equal(t, 5, times)
	require.Equal(
		t,
		5,
		bytes.Count(log.Bytes(), []byte(`msg="counting failed" err="once more"`)),
		"what goes wrong is told",
	)
}

func TestWhatComesLaterIsDoneFirstAfterAPause(t *testing.T) {
	t.Parallel()
	pauses, over := make(chan time.Duration), make(chan time.Time)
	p := Periodic{
		Name: "counting", Every: time.Hour, Log: slog.New(slog.DiscardHandler), Later: true,
		After: func(d time.Duration) <-chan time.Time { pauses <- d; return over },
	}
	ctx, end := context.WithCancel(t.Context())
	times := 0
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		p.Run(ctx, func(context.Context) error { times++; return nil })
	}()
	<-pauses
	over <- time.Time{}
	<-pauses
	end()
	<-ended
	require.Equal(t, 1, times)
}

func TestWhatFailsBecauseItsContextEndedIsNotTold(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	ctx, end := context.WithCancel(t.Context())
	Periodic{
		Name:  "ending",
		Every: time.Hour,
		Log:   slog.New(slog.NewTextHandler(&log, nil)),
	}.Run(
		ctx,
		func(ctx context.Context) error {
			end()
			return ctx.Err()
		},
	)
	require.Empty(t, log.String())
}
