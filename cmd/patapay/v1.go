package main

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

// v1 builds the public API. The platform's keys are read again in the background until ctx
// ends.
func (a *app) v1(ctx context.Context) (*v1.Server, error) {
	verifier, err := a.verifier(ctx)
	if err != nil {
		return nil, err
	}
	connector, err := a.connect()
	if err != nil {
		return nil, err
	}
	url, people := strings.TrimSuffix(a.cfg.PublicURL, "/"), v1people.Accounts{DB: a.api}
	return &v1.Server{
		DB: a.api, Vault: a.vault, Chain: tenants.NewChain(a.cfg.Pepper), Ledger: ledger.NewChain(a.cfg.Pepper), PublicURL: url, Now: a.now, Log: a.log,
		Authenticator: &auth.Authenticator{Verifier: verifier, Standing: people, Now: a.wall},
		Logins:        &auth.Logins{Users: people, PerAccount: auth.NewLimiter(a.redis, 5, 20*time.Second), PerAddress: auth.NewLimiter(a.redis, 30, 2*time.Second)},
		Issuer:        auth.NewIssuer(a.cfg.SigningKey, a.wall),
		Limit:         rest.NewRateLimit(600, 100*time.Millisecond),
		Connector:     connector,
		Notify:        connector.Notify,
		Applier:       &apply.Applier{DB: a.worker, Vault: a.vault, Ledger: ledger.NewChain(a.cfg.Pepper), Now: a.now},
		Outgoing:      a.cfg.OutgoingIPs,
		Changes:       jobs.NewChanges(ctx, a.redis),
		Closing:       a.closing,
	}, nil
}

// verifier believes our own tokens and, when it is set up, the platform's.
func (a *app) verifier(ctx context.Context) (*auth.Verifier, error) {
	trusts := []auth.Trust{auth.Ours(a.cfg.SigningKey.Public().(ed25519.PublicKey), a.cfg.OldKey)}
	if a.cfg.PlatformIssuer != "" {
		keys, err := a.platformKeys(ctx)
		if err != nil {
			return nil, err
		}
		trusts = append(trusts, auth.Platform(a.cfg.PlatformIssuer, a.cfg.PlatformAlgorithms, keys))
	}
	return auth.NewVerifier(a.wall, trusts...), nil
}

func (a *app) platformKeys(ctx context.Context) (auth.Keys, error) {
	if a.cfg.PlatformJWKSBytes != nil {
		return auth.JWKSFile(ctx, a.cfg.PlatformJWKS, auth.JWKSFileEvery, a.log)
	}
	return auth.JWKSURL(ctx, a.cfg.PlatformJWKS, auth.JWKSURLEvery, a.log)
}
