package connect

import (
	"context"
	"errors"
	"slices"
	"time"

	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/asaasapi"
	"patapay/tenants/connection"
	"patapay/tenants/vault"
)

// Ensure says how to set our webhook up.
type Ensure struct {
	Email   string // where the gateway writes when deliveries fail; "" the connection's, else the account's
	Renew   bool   // put a fresh token in, whatever it carries: a rotation
	KeepOne bool   // delete further configurations that call our door
	Prove   bool   // a set-up: learn whether the key may write, and name all that it may not do at once
	Precondition
}

// WebhookReport is what stands at the gateway after an ensure.
type WebhookReport struct {
	Webhook asaasapi.Webhook
	Created bool
	Token   bool               // it carries a fresh token; the old ones end in 14 days
	Lines   []Line             // wanted and read back, in the panel's order
	Others  []asaasapi.Webhook // further ones with our URL: each event comes once more by them
	Stale   []asaasapi.Webhook // of our name, with another URL
	Deleted int
}

// OK tells whether everything was read back as it is wanted.
func (r WebhookReport) OK() bool {
	return len(r.Others) == 0 && !slices.ContainsFunc(r.Lines, func(l Line) bool { return !l.OK })
}

const (
	webhookLease = "webhook"
	leaseTime    = 3 * time.Minute
	ensureTime   = 90 * time.Second // well below the lease: nobody works on after it
)

// ensuring is one ensure under way.
type ensuring struct {
	*Connector
	clinic tenants.Clinic
	in     Ensure
	holder string
	conn   connection.Connection
	cred   asaasapi.Credential
	setUp  SetUp

	token  vault.Secret // fresh; empty: the old one stays
	digest vault.Digest
	report WebhookReport
}

// EnsureWebhook adopts the configuration that calls our door, or creates one, puts right
// what is not as wanted, and reads it back. Of two at once one works and the other fails
// with webhook_busy, so that there are never two configurations; repeated, it changes
// nothing more. A token counts before the gateway learns of it, so no delivery meets a
// closed door. It fails with webhook_limit, permission_missing and the other answers of
// the gateway, NotFound for a clinic that is not connected.
func (c *Connector) EnsureWebhook(ctx context.Context, clinic tenants.Clinic, in Ensure) (WebhookReport, error) {
	e := &ensuring{Connector: c, clinic: clinic, in: in, holder: tenants.NewID(c.Now()).Public("hld")}
	if err := c.DB.In(ctx, clinic.ID, e.begin); err != nil {
		return WebhookReport{}, err
	}
	defer e.end(context.WithoutCancel(ctx))
	work, cancel := context.WithTimeout(ctx, ensureTime)
	defer cancel()
	err := e.run(work)
	if in.Prove {
		err = nameAll(work, c.Client, e.cred, err)
	}
	return e.report, err
}

// begin takes the lease and reads what the gateway is asked with.
func (e *ensuring) begin(tx *tenants.Tx) (err error) {
	if e.conn, err = e.connectedNow(tx, e.in.Precondition); err != nil {
		return err
	}
	now := e.Now().UTC()
	taken, err := tx.TakeLease(webhookLease, e.holder, now, now.Add(leaseTime))
	if err == nil && !taken {
		err = &asaasapi.Error{Code: asaasapi.Busy}
	}
	if err != nil {
		return err
	}
	key, err := connection.APIKey(tx, e.Vault)
	e.cred = asaasapi.Credential{Environment: e.conn.Environment, Key: key}
	return err
}

// end gives the lease back. A lease that cannot be given back ends by itself.
func (e *ensuring) end(ctx context.Context) {
	_ = e.DB.In(ctx, e.clinic.ID, func(tx *tenants.Tx) error { return tx.DropLease(webhookLease, e.holder) })
}

func (e *ensuring) run(ctx context.Context) error {
	if err := e.want(ctx); err != nil {
		return err
	}
	all, err := e.Client.Webhooks(ctx, e.cred)
	if err != nil {
		return err
	}
	ours := e.choose(all)
	if err := e.renewToken(ctx, ours); err != nil {
		return err
	}
	id, err := e.put(ctx, ours)
	if err != nil {
		return errors.Join(err, e.takeBack(ctx, err))
	}
	e.deleteOthers(ctx, ours)
	if err := e.keep(ctx, id); err != nil {
		return err
	}
	return e.readBack(ctx, id)
}

// want decides what the configuration is to say.
func (e *ensuring) want(ctx context.Context) error {
	email := e.in.Email
	if email == "" {
		email = e.conn.NotificationEmail
	}
	if email == "" {
		info, err := e.Client.CommercialInfo(ctx, e.cred)
		if err != nil {
			return err
		}
		email = info.Email
	}
	e.conn.NotificationEmail = email
	e.setUp = e.SetUp(e.conn)
	return nil
}

// choose returns the configurations that call our door, the one to keep first: the known
// one, else one that is not paused.
func (e *ensuring) choose(all []asaasapi.Webhook) []asaasapi.Webhook {
	var ours []asaasapi.Webhook
	for _, w := range all {
		if sameURL(w.URL, e.WebhookURL) {
			ours = append(ours, w)
		}
	}
	slices.SortStableFunc(ours, func(a, b asaasapi.Webhook) int { return e.rank(a) - e.rank(b) })
	return ours
}

func (e *ensuring) rank(w asaasapi.Webhook) int {
	switch {
	case outdated(w): // a remake that broke off has made the better one already
		return 3
	case w.ID == e.conn.WebhookID:
		return 0
	case w.Enabled && !w.Interrupted:
		return 1
	}
	return 2
}

// renewToken draws a token unless the configuration carries one of ours. It counts from
// this commit on: before the gateway knows it.
func (e *ensuring) renewToken(ctx context.Context, ours []asaasapi.Webhook) error {
	return e.DB.In(ctx, e.clinic.ID, func(tx *tenants.Tx) error {
		if len(ours) > 0 && !e.in.Renew && !outdated(ours[0]) && (ours[0].HasAuthToken == nil || *ours[0].HasAuthToken) {
			carries, err := connection.CarriesToken(tx, ours[0].ID)
			if err != nil || carries {
				return err
			}
		}
		token, err := e.newToken(tx, e.conn.Environment, e.Now().UTC())
		e.token, e.digest = token, e.Peppers.Digest(token.Reveal())
		return err
	})
}

// put creates the configuration, or changes what is not as wanted.
func (e *ensuring) put(ctx context.Context, ours []asaasapi.Webhook) (id string, err error) {
	e.report.Token = e.token.Reveal() != ""
	if len(ours) == 0 {
		return e.create(ctx, nil)
	}
	if outdated(ours[0]) {
		return e.remake(ctx, ours[0])
	}
	if !e.report.Token && repaired(e.setUp.Lines(ours[0])) {
		return ours[0].ID, e.proveWriting(ctx, ours[0])
	}
	yes, no := true, false
	change := asaasapi.WebhookChange{
		Name: &e.setUp.Name, URL: &e.setUp.URL, SendType: &e.setUp.SendType, Enabled: &yes, Interrupted: &no,
		Events: union(e.setUp.Events, ours[0].Events),
	}
	if e.report.Token {
		change.Token = &e.token
	}
	_, err = e.Client.UpdateWebhook(ctx, e.cred, ours[0].ID, change)
	return ours[0].ID, err
}

// proveWriting puts the configuration back as it was read: a key that may not write is found in the set-up, and not in
// the night in which the queue must be resumed.
func (e *ensuring) proveWriting(ctx context.Context, w asaasapi.Webhook) error {
	if !e.in.Prove {
		return nil
	}
	_, err := e.Client.UpdateWebhook(ctx, e.cred, w.ID, asaasapi.WebhookChange{
		Name: &w.Name, URL: &w.URL, SendType: &w.SendType, Enabled: &w.Enabled, Interrupted: &w.Interrupted, Events: w.Events,
	})
	return err
}

// create makes a configuration, with the events that somebody chose beside ours.
func (e *ensuring) create(ctx context.Context, chosen []string) (string, error) {
	made, err := e.Client.CreateWebhook(ctx, e.cred, asaasapi.NewWebhook{
		Name: e.setUp.Name, URL: e.setUp.URL, Email: e.setUp.Email,
		Token: e.token, SendType: e.setUp.SendType, Events: union(e.setUp.Events, chosen),
	})
	e.report.Created = err == nil
	return made.ID, err
}

// remake makes a new configuration in place of one that no PUT can put right, and deletes
// that one afterwards, so that no event falls between them. An account that has all ten loses
// the old one first. What waited in its queue is lost either way: the next health check sees
// another configuration, and opens the gap.
func (e *ensuring) remake(ctx context.Context, old asaasapi.Webhook) (string, error) {
	id, err := e.create(ctx, old.Events)
	var failed *asaasapi.Error
	if full := errors.As(err, &failed) && failed.Code == asaasapi.WebhookLimit; !full {
		if err != nil {
			return "", err
		}
		if e.Client.DeleteWebhook(ctx, e.cred, old.ID) == nil {
			e.report.Deleted++
		}
		return id, nil // one that the gateway keeps is reported by the reading back
	}
	if err := e.Client.DeleteWebhook(ctx, e.cred, old.ID); err != nil {
		return "", err
	}
	e.report.Deleted++
	return e.create(ctx, old.Events)
}

// takeBack ends a fresh token that the gateway refused for sure. After a time-out it may
// have been taken, so it goes on counting.
func (e *ensuring) takeBack(ctx context.Context, cause error) error {
	var failed *asaasapi.Error
	if e.token.Reveal() == "" || !errors.As(cause, &failed) || failed.Status < 400 || failed.Status >= 500 {
		return nil
	}
	return e.DB.In(
		context.WithoutCancel(ctx), e.clinic.ID,
		func(tx *tenants.Tx) error { return connection.EndToken(tx, e.digest, e.Now().UTC()) },
	)
}

// deleteOthers deletes further configurations of ours when that was asked for, and what a
// remake that broke off left behind; one that the gateway keeps is reported by the reading back.
func (e *ensuring) deleteOthers(ctx context.Context, ours []asaasapi.Webhook) {
	for i, w := range ours {
		if i > 0 && (e.in.KeepOne || outdated(w)) && e.Client.DeleteWebhook(ctx, e.cred, w.ID) == nil {
			e.report.Deleted++
		}
	}
}

// keep writes down which configuration is ours and lets the other tokens end. A clinic
// that was disconnected meanwhile gets no webhook.
func (e *ensuring) keep(ctx context.Context, id string) error {
	err := e.DB.In(ctx, e.clinic.ID, func(tx *tenants.Tx) error {
		conn, err := e.connectedNow(tx, Precondition{Match: anyVersion})
		if err != nil {
			return err
		}
		if held, err := tx.HoldsLease(webhookLease, e.holder); err != nil || !held {
			return errors.Join(err, &asaasapi.Error{Code: asaasapi.Busy})
		}
		now := e.Now().UTC()
		if conn.WebhookID == id && !e.report.Token && conn.NotificationEmail == e.conn.NotificationEmail {
			return nil // nothing changed: no new version
		}
		if err := connection.NoteWebhook(tx, id, e.conn.NotificationEmail, now); err != nil {
			return err
		}
		if e.report.Created && conn.WebhookID != "" { // what the old one had is compared at once
			if err := connection.ScheduleNow(tx, now); err != nil {
				return err
			}
		}
		if e.report.Token {
			if err := connection.ConfirmToken(tx, e.digest, id, now.Add(connection.TokenGrace)); err != nil {
				return err
			}
		}
		return e.in.Audit(tx, conn)
	})
	if domain.CodeOf(err) == domain.NotFound {
		_ = e.Client.DeleteWebhook(context.WithoutCancel(ctx), e.cred, id)
	}
	return err
}

func anyVersion(int) error { return nil }

// readBack asks the gateway what it has now, and compares.
func (e *ensuring) readBack(ctx context.Context, id string) error {
	all, err := e.Client.Webhooks(ctx, e.cred)
	if err != nil {
		return err
	}
	report, err := e.compare(all, id)
	if err == nil {
		e.report = report
	}
	return err
}

// compare tells how the configuration with this id, and those beside it, stand.
func (e *ensuring) compare(all []asaasapi.Webhook, id string) (WebhookReport, error) {
	found := e.report
	for _, w := range all {
		switch {
		case w.ID == id:
			found.Webhook, found.Lines = w, e.setUp.Lines(w)
		case sameURL(w.URL, e.WebhookURL):
			found.Others = append(found.Others, w)
		case w.Name == e.setUp.Name:
			found.Stale = append(found.Stale, w)
		}
	}
	if found.Lines == nil {
		return found, &asaasapi.Error{Code: asaasapi.NotFound}
	}
	return found, nil
}

// ReadWebhook reads what stands at the gateway, as an ensure reads it back, and changes
// nothing. It fails with NotFound for a clinic that is not connected, or without a
// configuration that calls our door.
func (c *Connector) ReadWebhook(ctx context.Context, clinic tenants.Clinic) (WebhookReport, error) {
	e := &ensuring{Connector: c, clinic: clinic}
	err := c.DB.In(ctx, clinic.ID, func(tx *tenants.Tx) (err error) {
		if e.conn, err = connectionOrZero(
			tx,
		); err != nil { // without the clinic's lock: nothing is changed, and apply need not wait
			return err
		}
		if err := connected(e.conn); err != nil {
			return err
		}
		e.cred, _, err = c.last(tx)
		return err
	})
	if err != nil {
		return WebhookReport{}, err
	}
	e.setUp = c.SetUp(e.conn)
	all, err := c.Client.Webhooks(ctx, e.cred)
	if err != nil {
		return WebhookReport{}, err
	}
	ours := e.choose(all)
	if len(ours) == 0 {
		return WebhookReport{}, &asaasapi.Error{Code: asaasapi.NotFound}
	}
	return e.compare(all, ours[0].ID)
}
