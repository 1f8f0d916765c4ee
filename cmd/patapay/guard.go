package main

import (
	"context"
	"log/slog"
	"strings"

	"patapay/api/webhook"
	"patapay/domain"
	"patapay/jobs"
	"patapay/tenants/gateway"
)

// connect returns the one Connector of the process, which serve and work share.
func (a *app) connect() (*gateway.Connector, error) {
	if a.connector != nil {
		return a.connector, nil
	}
	client, err := gateway.New(gateway.Config{Simulator: a.cfg.AsaasSimulatorURL, Version: version(), Now: a.now})
	if err != nil {
		return nil, err
	}
	if a.redis != nil {
		client.ShareQuota(gateway.RedisCounter{Redis: a.redis})
	}
	a.closers = append(a.closers, client.Close)
	a.connector = &gateway.Connector{Client: client, DB: a.api, Worker: a.worker, Vault: a.vault, Pepper: a.cfg.Pepper,
		WebhookURL: strings.TrimSuffix(a.cfg.PublicURL, "/") + webhook.Path, Now: a.now, Notify: a.notifier(), Crash: a.crash}
	a.connector.After = a.connector.MatchAfter
	return a.connector, nil
}

// notifier returns what tells the workers that an operation waits; nil with NOTIFICATIONS=off:
// their sweep finds it.
func (a *app) notifier() func(domain.ClinicID, domain.UUID) {
	if a.redis == nil {
		return nil
	}
	return jobs.NewOperationQueue(a.redis, a.log).Notify
}

// sender returns who sends e-mails: the server of SMTP_URL; without one, development
// writes them to the log, and production keeps them for three days.
func (a *app) sender() jobs.Sender {
	switch {
	case a.cfg.SMTP != nil:
		return a.cfg.SMTP
	case a.cfg.Development():
		return loggedMail{a.log}
	}
	a.log.Warn("SMTP_URL is empty: e-mails about incidents wait in the outbox")
	return nil
}

// loggedMail writes e-mails to the log in place of sending them.
type loggedMail struct{ log *slog.Logger }

// Send logs the subject, and not to whom.
func (l loggedMail) Send(ctx context.Context, id string, to []string, subject, _ string) error {
	l.log.WarnContext(ctx, "e-mail recorded, not sent: SMTP_URL is empty", "id", id, "subject", subject, "readers", len(to))
	return nil
}
