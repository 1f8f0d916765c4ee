package app

import (
	"context"
	"log/slog"
	"strings"

	"patapay/api/webhook"
	"patapay/domain"
	"patapay/jobs"
	"patapay/tenants/asaasapi"
	"patapay/tenants/connect"
	"patapay/tenants/ledger"
)

// MakeConnector returns the one Connector of the process, which serve and work share.
func (a *App) MakeConnector() (*connect.Connector, error) {
	if a.Connector != nil {
		return a.Connector, nil
	}
	client, err := asaasapi.New(asaasapi.Config{Simulator: a.Config.AsaasSimulatorURL, Version: Version(), Now: a.Now})
	if err != nil {
		return nil, err
	}
	if a.redis != nil {
		client.ShareQuota(asaasapi.RedisCounter{Redis: a.redis})
	}
	a.closers = append(a.closers, client.Close)
	a.Connector = &connect.Connector{
		Client:     client,
		DB:         a.APIDB,
		Worker:     a.WorkerDB,
		Vault:      a.Vault,
		Peppers:    a.Config.Peppers,
		Ledger:     ledger.ChainOf(a.Chains),
		WebhookURL: strings.TrimSuffix(a.Config.PublicURL, "/") + webhook.Path,
		Now:        a.Now,
		Notify:     a.notifier(),
		Crash:      a.crash,
	}
	a.Connector.After = a.Connector.MatchAfter
	return a.Connector, nil
}

// notifier returns what tells the workers that an operation waits; nil with NOTIFICATIONS=off:
// their sweep finds it.
func (a *App) notifier() func(domain.ClinicID, domain.UUID) {
	if a.redis == nil {
		return nil
	}
	return jobs.NewOperationQueue(a.redis, a.log).Notify
}

// sender returns who sends e-mails: the server of SMTP_URL; without one, development
// writes them to the log, and production keeps them for three days.
func (a *App) sender() jobs.Sender {
	switch {
	case a.Config.SMTP != nil:
		return a.Config.SMTP
	case a.Config.Development():
		return loggedMail{a.log}
	}
	a.log.Warn("SMTP_URL is empty: e-mails about incidents wait in the outbox")
	return nil
}

// loggedMail writes e-mails to the log in place of sending them.
type loggedMail struct{ log *slog.Logger }

// Send logs the subject, and not to whom.
func (l loggedMail) Send(ctx context.Context, id string, to []string, subject, _ string) error {
	l.log.WarnContext(
		ctx, "e-mail recorded, not sent: SMTP_URL is empty", "id", id, "subject", subject, "readers", len(to),
	)
	return nil
}
