package connect

import (
	"context"
	"errors"
	"slices"
	"strings"

	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/asaasapi"
	"patapay/tenants/connection"
	"patapay/tenants/vault"
)

// examination asks the gateway about what is to be saved of a clinic.
type examination struct {
	*Connector
	clinic tenants.Clinic
	old    state
	in     Connect
}

// examine returns the connection that comes of what is to be saved, with the key to seal, ""
// to keep the stored one.
func (x examination) examine(
	ctx context.Context,
) (next connection.Connection, key vault.Secret, notes []asaasapi.Code, err error) {
	env, old, in := EnvironmentOf(x.clinic), x.old, x.in
	if in.Environment != 0 && in.Environment != env {
		return next, key, nil, &asaasapi.Error{Code: asaasapi.WrongEnvironment, Environment: env}
	}
	next = old.conn
	if in.Email != nil {
		next.NotificationEmail = strings.TrimSpace(*in.Email)
	}
	if in.KeyExpiresOn != nil {
		next.KeyExpiresOn = *in.KeyExpiresOn
	}
	if old.connected() && in.Key == nil && in.Wallet == nil {
		return next, key, nil, nil
	}
	cred, notes, err := x.credential(env)
	if err != nil {
		return next, key, nil, err
	}
	account, err := x.verify(ctx, cred)
	if err != nil {
		return next, key, nil, err
	}
	next = x.fill(next, account)
	if in.Key != nil {
		key = cred.Key
		if next.KeyExpiresOn = ""; in.KeyExpiresOn != nil { // the old key's day is not this one's
			next.KeyExpiresOn = *in.KeyExpiresOn
		}
		next.KeyHint, next.KeySetAt = KeyHint(cred.Key.Reveal()), x.Now().UTC()
	}
	return next, key, notes, nil
}

// verify returns the account of a key, with the wallet that was asked for, else with the
// stored one while it is the account's.
func (x examination) verify(ctx context.Context, cred asaasapi.Credential) (asaasapi.Account, error) {
	var wallet string
	if x.in.Wallet != nil {
		wallet = *x.in.Wallet
	}
	account, err := x.Client.Verify(ctx, cred, wallet)
	var failed *asaasapi.Error
	if errors.As(err, &failed) && failed.Code == asaasapi.PermissionLacks { // name the others too
		if names, other := probeAll(ctx, x.Client, cred); other == nil && names != nil {
			failed.Permission = names
		}
	}
	if err != nil {
		return account, err
	}
	if x.in.Wallet == nil && slices.Contains(account.Wallets, x.old.conn.Wallet) {
		account.WalletID = x.old.conn.Wallet
	}
	if err := acceptable(x.clinic, x.old, account, x.in); err != nil {
		return account, err
	}
	names, err := probeAll(ctx, x.Client, cred)
	if err != nil {
		return account, err
	}
	return account, refuseVital(names)
}

// EnvironmentOf returns the side of the gateway that a clinic's keys are of.
func EnvironmentOf(clinic tenants.Clinic) domain.Environment {
	if clinic.Sandbox {
		return domain.Sandbox
	}
	return domain.Production
}

// credential returns the pasted key, cleaned, or the stored one.
func (x examination) credential(env domain.Environment) (asaasapi.Credential, []asaasapi.Code, error) {
	if x.in.Key == nil {
		if x.old.key.Empty() {
			return asaasapi.Credential{}, nil, &asaasapi.Error{Code: asaasapi.Required}
		}
		return asaasapi.Credential{Environment: env, Key: x.old.key}, nil, nil
	}
	key, of, words, bad := asaasapi.CleanKey(*x.in.Key)
	if bad == nil {
		bad = asaasapi.CheckEnvironment(of, env)
	}
	if bad != nil {
		return asaasapi.Credential{}, nil, bad
	}
	var notes []asaasapi.Code
	for _, word := range words {
		notes = append(notes, asaasapi.Code(word))
	}
	return asaasapi.Credential{Environment: env, Key: key}, notes, nil
}

// acceptable refuses an account that is not the connected one, and one of another CNPJ
// that nobody confirmed.
func acceptable(clinic tenants.Clinic, old state, account asaasapi.Account, in Connect) error {
	if old.connected() && old.conn.Account != "" && old.conn.Account != account.ID {
		return &asaasapi.Error{Code: asaasapi.AccountDiffers}
	}
	known := old.connected() && old.conn.OwnerTaxID == account.TaxID // confirmed once is enough
	if clinic.TaxID != "" && account.TaxID != clinic.TaxID && !in.ConfirmTaxID && !known {
		return &asaasapi.Error{Code: asaasapi.CNPJDiffers}
	}
	return nil
}

// fill puts what the gateway said into the connection. A new one waits for its first
// event; a key that was refused works again.
func (x examination) fill(next connection.Connection, account asaasapi.Account) connection.Connection {
	now, old := x.Now().UTC(), x.old
	if !old.connected() { // of the one before only its id and the count of versions stay
		next = connection.Connection{
			PublicID:          old.conn.PublicID,
			NotificationEmail: next.NotificationEmail,
			Version:           old.conn.Version,
			Confirm:           true,
		}
		if next.PublicID == (domain.UUID{}) {
			next.PublicID = tenants.NewID(now)
		}
	}
	next.Environment, next.Account, next.Wallet = account.Environment, account.ID, account.WalletID
	next.OwnerName, next.OwnerTaxID = account.Name, account.TaxID
	switch {
	case old.connected() && old.conn.State != domain.ConnectionKeyRefused:
	case next.FirstEventAt.IsZero():
		next.State, next.Since, next.Reason, next.NextAction = domain.ConnectionAwaiting, now, "", "wait_for_event"
	default:
		next.State, next.Since, next.Reason, next.NextAction = domain.ConnectionActive, now, "", ""
	}
	return next
}
