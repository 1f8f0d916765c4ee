package dev

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"patapay/cmd/patapay/remote"
)

// reconcile has the clinic compared with the gateway and waits for its report. It
// fails when something stays unexplained.
func (p *Part) reconcile(ctx context.Context) error {
	if err := p.beginReconcile(ctx); err != nil {
		return err
	}
	for end := time.Now().Add(p.Within); time.Now().Before(end); {
		var list struct {
			Data []struct{ Read, Repaired, Unexplained int }
		}
		if err := p.Call(ctx, http.MethodGet, p.Path("certificates"), nil, &list); err != nil {
			return err
		}
		if len(list.Data) > 0 {
			if c := list.Data[0]; c.Unexplained > 0 {
				return fmt.Errorf("the comparison left something unexplained: %+v", c)
			}
			return nil
		}
		if err := remote.Pause(ctx, 200*time.Millisecond); err != nil {
			return err
		}
	}
	return errors.New("the comparison does not end")
}

// beginReconcile asks with the connection's present version, and once more when that has
// changed in between.
func (p *Part) beginReconcile(ctx context.Context) error {
	for try := 1; ; try++ {
		if err := p.Call(ctx, http.MethodGet, p.Path("connection"), nil, nil); err != nil {
			return err
		}
		err := p.Call(ctx, http.MethodPost, p.Path("reconcile"), struct{}{}, nil)
		var status *StatusError
		if try == 3 || !errors.As(err, &status) || status.status != http.StatusPreconditionFailed {
			return err
		}
	}
}
