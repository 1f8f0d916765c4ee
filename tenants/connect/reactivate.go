package connect

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/alarm"
	"patapay/tenants/asaasapi"
	"patapay/tenants/connection"
)

const (
	backlogQuiet = 5 * time.Second // without a new event: the backlog is in
	backlogLimit = 2 * time.Minute // after this the rest comes by itself
	selfToken    = time.Minute     // life of the token of a self-check
)

// reactivate resumes a paused queue: only when our own door takes an event, because a
// queue that meets a broken door is paused again (docs/gateway.md, pause). Then it lifts the
// pause, drops the penalty, watches what waited come in, and asks for what may be gone.
func (o *operating) reactivate(ctx context.Context) error {
	if o.done.ResumedAt == nil {
		if err := o.resumeQueue(ctx); err != nil {
			return err
		}
	}
	o.leave(3)
	if err := o.backlog(ctx, *o.done.ResumedAt); err != nil {
		return err
	}
	return o.catchUp(ctx)
}

// resumeQueue lifts the pause; done twice it changes nothing more.
func (o *operating) resumeQueue(ctx context.Context) error {
	o.leave(0)
	if err := o.step(ctx, "self_check"); err != nil {
		return err
	}
	if err := o.selfCheck(ctx); err != nil {
		return err
	}
	if err := o.step(ctx, "resume_queue"); err != nil {
		return err
	}
	since := o.begun
	all, err := o.Client.Webhooks(ctx, o.cred)
	if err != nil {
		return err
	}
	ours := (&ensuring{Connector: o.Connector, conn: o.conn}).choose(all)
	if len(ours) == 0 {
		return &stopped{string(asaasapi.NotFound), "Não há webhook com nosso endereço no Asaas."}
	}
	yes, no := true, false
	if _, err := o.Client.UpdateWebhook(
		ctx, o.cred, ours[0].ID, asaasapi.WebhookChange{Enabled: &yes, Interrupted: &no},
	); err != nil {
		return err
	}
	if err := o.step(ctx, "remove_penalties"); err != nil {
		return err
	}
	if err := o.Client.RemoveBackoff(ctx, o.cred, ours[0].ID); err != nil {
		return err
	}
	o.endStep("done", "")
	o.done.ResumedAt = &since
	return o.remember(ctx, true)
}

// selfCheck posts a test event to our own public address, as the gateway would, with a
// token that lives a minute, and expects the answer of a commit.
func (o *operating) selfCheck(ctx context.Context) error {
	token := asaasapi.NewWebhookToken()
	now := o.Now().UTC()
	err := o.DB.In(ctx, o.clinic.ID, func(tx *tenants.Tx) error {
		if err := connection.AddToken(
			tx, o.Peppers.Digest(token.Reveal()), o.conn.Environment, "test", now,
		); err != nil {
			return err
		}
		return connection.EndToken(tx, o.Peppers.Digest(token.Reveal()), now.Add(selfToken))
	})
	if err != nil {
		return err
	}
	body, err := json.Marshal(
		map[string]any{
			"id":      "evt_" + o.op.ID.Public("selfcheck"),
			"event":   domain.SelfCheck,
			"account": map[string]any{"id": o.conn.Account},
		},
	)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second) // as long as the gateway waits
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, o.WebhookURL, strings.NewReader(string(body)))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("asaas-access-token", token.Reveal())
	r.Header.Set("User-Agent", o.Client.Agent)
	return o.answered(r)
}

// answered expects exactly what the gateway takes for delivered, and our own words in it.
func (o *operating) answered(r *http.Request) error {
	ours := &stopped{
		"self_check_failed",
		"O problema é do nosso lado; já avisamos a equipe. Reativar agora pausaria de novo.",
	}
	client := &http.Client{CheckRedirect: asaasapi.NoRedirect}
	defer client.CloseIdleConnections()
	resp, err := client.Do(r)
	if err == nil {
		defer resp.Body.Close()
		var raw []byte
		raw, err = io.ReadAll(io.LimitReader(resp.Body, 1<<10))
		if err == nil && resp.StatusCode == http.StatusOK && strings.TrimSpace(string(raw)) == `{"received":true}` {
			return o.DB.Platform(
				r.Context(),
				func(tx *tenants.Tx) error { return alarm.CloseAlarm(tx, domain.AlarmSelfCheck, o.Now().UTC()) },
			)
		}
	}
	if err := alarm.Raise(o.DB, context.WithoutCancel(r.Context()), 0, domain.AlarmSelfCheck, o.Now().UTC()); err != nil {
		return err
	}
	return ours
}

// backlog watches events come in until none comes for a while.
func (o *operating) backlog(ctx context.Context, since time.Time) error {
	if err := o.step(ctx, "receive_backlog"); err != nil {
		return err
	}
	seen, quiet := 0, time.Now()
	for end := time.Now().Add(backlogLimit); time.Now().Before(end) && time.Since(quiet) < backlogQuiet; {
		var n int
		err := o.DB.In(
			ctx, o.clinic.ID,
			func(tx *tenants.Tx) (err error) { n, _, err = connection.ReceivedSince(tx, since); return err },
		)
		if err != nil {
			return err
		}
		if n != seen {
			seen, quiet = n, time.Now()
			o.tell(fmt.Sprintf("%d avisos recebidos", n))
			if err := o.save(ctx); err != nil {
				return err
			}
		}
		if !asaasapi.Sleep(ctx, eventPoll) {
			return ctx.Err()
		}
	}
	o.tell(fmt.Sprintf("%d avisos recebidos", seen))
	return nil
}

// catchUp looks at the connection again, and compares it with the gateway as far back as
// the pause, and half a month more: the gateway keeps 14 days.
func (o *operating) catchUp(ctx context.Context) error {
	if err := o.step(ctx, "check_invoices"); err != nil {
		return err
	}
	o.days = reconcileBack
	if o.conn.State.Lossy() {
		o.days = gapDays(o.conn.Since, o.Now())
	}
	if _, err := o.Check(ctx, o.clinic); err != nil {
		return err
	}
	o.part = true
	return o.comparison(ctx)
}

// gapDays returns how many days to compare when something may have been missed since.
func gapDays(since, now time.Time) int {
	return min(days(now.Sub(since))+reconcileBack, reconcileMost)
}

// Unpenalize lets the clinic's queue try again at once: it drops the gateway's penalty,
// when our door answers. It fails with self_check_failed as domain.Unavailable when it
// does not, asaasapi.NotFound for a clinic without a connection or a webhook.
func (c *Connector) Unpenalize(ctx context.Context, clinic tenants.Clinic, precondition Precondition) error {
	var conn connection.Connection
	var cred asaasapi.Credential
	err := c.DB.In(ctx, clinic.ID, func(tx *tenants.Tx) (err error) {
		if conn, err = c.connectedNow(tx, precondition); err != nil {
			return err
		}
		if cred, _, err = c.last(tx); err != nil {
			return err
		}
		return precondition.Audit(tx, conn)
	})
	if err != nil {
		return err
	}
	all, err := c.Client.Webhooks(ctx, cred)
	if err != nil {
		return err
	}
	ours := (&ensuring{Connector: c, conn: conn}).choose(all)
	if len(ours) == 0 {
		return &asaasapi.Error{Code: asaasapi.NotFound}
	}
	err = c.liftPenalty(ctx, clinic, conn, cred, ours[0].ID)
	var down *stopped
	if errors.As(err, &down) {
		return &domain.Error{Code: domain.Unavailable, Detail: down.detail, Err: err}
	}
	return err
}

// liftPenalty drops the penalty of a configuration, once our own door was tried.
func (c *Connector) liftPenalty(
	ctx context.Context, clinic tenants.Clinic, conn connection.Connection, cred asaasapi.Credential, id string,
) error {
	o := &operating{
		Connector: c,
		clinic:    clinic,
		conn:      conn,
		cred:      cred,
		op:        &tenants.HeldOperation{Operation: tenants.Operation{ID: tenants.NewID(c.Now().UTC())}},
	}
	if err := o.selfCheck(ctx); err != nil {
		return err
	}
	return c.Client.RemoveBackoff(ctx, cred, id)
}
