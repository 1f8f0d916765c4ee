package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"
)

// ShutdownOrder ends the parts of the program in the order they were added, which serve adds
// as: readiness red, keep accepting for DRAIN_FOR, stop the listeners and finish their
// requests, finish the jobs, close the pools. No accepted request is answered badly.
type ShutdownOrder struct {
	Log   *slog.Logger
	Steps []step
}

type step struct {
	name string
	fn   func(context.Context) error
}

// Then adds a step. fn should end when its context does.
func (s *ShutdownOrder) Then(name string, fn func(context.Context) error) {
	s.Steps = append(s.Steps, step{name, fn})
}

// Wait adds a step that only lets time pass.
func (s *ShutdownOrder) Wait(name string, d time.Duration) {
	s.Then(name, func(ctx context.Context) error {
		select {
		case <-time.After(d):
		case <-ctx.Done():
		}
		return nil
	})
}

// Run takes every step, also after one that failed, all within grace: a step that is cut
// off reports its context's error. It returns all errors, each with its step's name.
func (s *ShutdownOrder) Run(grace time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	var faults []error
	for _, step := range s.Steps {
		start := time.Now()
		err := step.fn(ctx)
		if err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", step.name, err))
		}
		s.Log.Info("shutdown", "step", step.name, "durationMs", time.Since(start).Milliseconds(), "err", err)
	}
	return errors.Join(faults...)
}
