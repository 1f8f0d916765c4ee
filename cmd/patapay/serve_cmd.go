package main

import "context"

type serveCmd struct{}

// Run serves until ctx ends, then finishes what was accepted.
func (serveCmd) Run(ctx context.Context) error {
	return run(ctx, true, false)
}

type workCmd struct{}

// Run works until ctx ends, then finishes the jobs it has begun.
func (workCmd) Run(ctx context.Context) error {
	return run(ctx, false, true)
}
