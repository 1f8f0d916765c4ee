package main

import (
	"context"

	"patapay/cmd/patapay/app"
)

type serveCmd struct{}

// Run serves until ctx ends, then finishes what was accepted.
func (serveCmd) Run(ctx context.Context) error {
	return app.RunProcess(ctx, true, false)
}

type workCmd struct{}

// Run works until ctx ends, then finishes the jobs it has begun.
func (workCmd) Run(ctx context.Context) error {
	return app.RunProcess(ctx, false, true)
}
