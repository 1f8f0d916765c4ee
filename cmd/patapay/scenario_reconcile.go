package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// reconcile has the clinic compared with the gateway and waits for the certificate. It
// fails when something stays unexplained.
func (p *part) reconcile(ctx context.Context) error {
	if err := p.beginReconcile(ctx); err != nil {
		return err
	}
	for end := time.Now().Add(p.within); time.Now().Before(end); {
		var list struct {
			Data []struct{ Read, Repaired, Unexplained int }
		}
		if err := p.call(ctx, http.MethodGet, p.path("certificates"), nil, &list); err != nil {
			return err
		}
		if len(list.Data) > 0 {
			if c := list.Data[0]; c.Unexplained > 0 {
				return fmt.Errorf("the comparison left something unexplained: %+v", c)
			}
			return nil
		}
		if err := pause(ctx, 200*time.Millisecond); err != nil {
			return err
		}
	}
	return errors.New("the comparison does not end")
}

// beginReconcile asks with the connection's present version, and once more when that has
// changed in between.
func (p *part) beginReconcile(ctx context.Context) error {
	for try := 1; ; try++ {
		if err := p.call(ctx, http.MethodGet, p.path("connection"), nil, nil); err != nil {
			return err
		}
		err := p.call(ctx, http.MethodPost, p.path("reconcile"), struct{}{}, nil)
		var status *statusError
		if try == 3 || !errors.As(err, &status) || status.status != http.StatusPreconditionFailed {
			return err
		}
	}
}
