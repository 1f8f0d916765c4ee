package app

import (
	"context"
	"crypto/ed25519"
	"strings"
	"time"

	"patapay/api/auth"
	"patapay/api/rest"
	v1 "patapay/api/v1"
	v1people "patapay/api/v1/people"
	"patapay/jobs"
	"patapay/tenants"
	"patapay/tenants/apply"
	"patapay/tenants/ledger"
)

// APIServer builds the public API. The platform's keys are read again in the background until ctx
// ends.
func (a *App) APIServer(ctx context.Context) (*v1.Server, error) {
	verifier, err := a.verifier(ctx)
	if err != nil {
		return nil, err
	}
	connector, err := a.MakeConnector()
	if err != nil {
		return nil, err
	}
	fromOneAddress := 30
	if a.Config.Development() { // everybody there has one address: a suite of tests logs in more often than an office
		fromOneAddress = 1000
	}
	url := strings.TrimSuffix(a.Config.PublicURL, "/")
	people := v1people.Accounts{DB: a.APIDB, Vault: a.Vault, Now: a.Now, Wall: a.wall}
	server := &v1.Server{
		DB:            a.APIDB,
		Vault:         a.Vault,
		Chain:         tenants.ChainOf(a.Chains),
		Ledger:        ledger.ChainOf(a.Chains),
		PublicURL:     url,
		Endpoints:     a.endpointRule(),
		Now:           a.Now,
		Wall:          a.wall,
		Log:           a.log,
		Authenticator: &auth.Authenticator{Verifier: verifier, RevocationCheck: people, Now: a.wall},
		Logins: &auth.Logins{
			Users:      people,
			PerAddress: auth.NewLimiter(a.redis, fromOneAddress, 2*time.Second),
			PerBrowser: auth.NewLimiter(a.redis, 5, 20*time.Second),
			PerAccount: auth.NewLimiter(a.redis, 30, 2*time.Minute),
			PerFactor:  auth.NewLimiter(a.redis, 30, 30*time.Minute), // 48 codes a day in the long run: one in 7,000 hits
		},
		LinkLimit:  auth.NewLimiter(a.redis, 3, 20*time.Minute),
		SpentLimit: auth.NewLimiter(a.redis, 1, 24*time.Hour),
		Issuer:     auth.NewIssuer(a.Config.SigningKey, a.wall),
		Limit:      rest.NewRateLimit(600, 100*time.Millisecond),
		Connector:  connector,
		Notify:     connector.Notify,
		Applier:    &apply.Applier{DB: a.WorkerDB, Vault: a.Vault, Ledger: ledger.ChainOf(a.Chains), Now: a.Now},
		Outgoing:   a.Config.OutgoingIPs,
		Changes:    jobs.NewChanges(ctx, a.redis),
		Queues:     a.queues(),
		Closing:    a.closing,
	}
	if a.Config.SMTP != nil {
		server.Mailer = a.Config.SMTP
	}
	return server, nil
}

// verifier believes our own tokens and, when it is set up, the platform's.
func (a *App) verifier(ctx context.Context) (*auth.Verifier, error) {
	trusts := []auth.Trust{auth.Ours(a.Config.SigningKey.Public().(ed25519.PublicKey), a.Config.OldKey)}
	if a.Config.PlatformIssuer != "" {
		keys, err := a.platformKeys(ctx)
		if err != nil {
			return nil, err
		}
		trusts = append(trusts, auth.Platform(a.Config.PlatformIssuer, a.Config.PlatformAlgorithms, keys))
	}
	return auth.NewVerifier(a.wall, trusts...), nil
}

func (a *App) platformKeys(ctx context.Context) (auth.Keys, error) {
	if a.Config.PlatformJWKSBytes != nil {
		return auth.JWKSFile(ctx, a.Config.PlatformJWKS, auth.JWKSFileEvery, a.log)
	}
	return auth.JWKSURL(ctx, a.Config.PlatformJWKS, auth.JWKSURLEvery, a.log)
}
