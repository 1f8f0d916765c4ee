package connect

import (
	"context"
	"errors"
	"net/url"
	"path"
	"strings"

	"patapay/domain"
	"patapay/domain/asaas"
	"patapay/tenants"
	"patapay/tenants/alarm"
	"patapay/tenants/asaasapi"
	"patapay/tenants/connection"
	"patapay/tenants/people"
)

// Removal says what became of our webhook at the gateway.
type Removal struct {
	Deleted int             // configurations that we deleted
	Problem *asaasapi.Error // why one may be left; nil: none is
}

// Disconnect forgets the clinic's key, lets its tokens end in 14 days and deletes our
// webhook at the gateway, the known one or those with our URL. The clinic is disconnected
// even when the gateway refuses: then the Removal says that somebody must delete the
// webhook by hand. It fails with NotFound for a clinic that is not connected.
func (c *Connector) Disconnect(ctx context.Context, clinic tenants.Clinic, g Precondition) (Removal, error) {
	var cred asaasapi.Credential
	var webhook string
	err := c.DB.In(ctx, clinic.ID, func(tx *tenants.Tx) error {
		conn, err := c.connectedNow(tx, g)
		if err != nil {
			return err
		}
		if cred, webhook, err = c.last(tx); err != nil {
			return err
		}
		now := c.Now().UTC()
		if err := errors.Join(connection.Disconnect(tx, now), alarm.CloseAll(tx, false, now)); err != nil {
			return err
		}
		return g.Audit(tx, conn)
	})
	if err != nil {
		return Removal{}, err
	}
	return c.remove(ctx, cred, webhook), nil
}

// last returns the clinic's credential and webhook, for a last call after its key is gone;
// the zero Credential when it is not connected.
func (c *Connector) last(tx *tenants.Tx) (cred asaasapi.Credential, webhook string, err error) {
	conn, err := connectionOrZero(tx)
	if err != nil || !conn.State.Connected() {
		return cred, "", err
	}
	key, err := connection.APIKey(tx, c.Vault)
	if domain.CodeOf(err) == domain.NotFound {
		return cred, "", nil
	}
	return asaasapi.Credential{Environment: conn.Environment, Key: key}, conn.WebhookID, err
}

// Delete ends a clinic: disconnected, its tokens ending in 14 days, its people locked out,
// its data keys destroyed, so that nobody can open what was sealed for it; then our
// webhook goes. Only audit says that it was there.
func (c *Connector) Delete(
	ctx context.Context, clinic tenants.Clinic, match func(tenants.Clinic) error, audit func(*tenants.Tx) error,
) (Removal, error) {
	var cred asaasapi.Credential
	var webhook string
	err := c.DB.In(ctx, clinic.ID, func(tx *tenants.Tx) (err error) {
		if err = tx.Lock(); err != nil {
			return err
		}
		self, err := tx.Self()
		if err == nil && self.State == "deleted" { // somebody was faster
			err = domain.Errorf(domain.NotFound, "")
		}
		if err != nil {
			return err
		}
		if err = match(self); err != nil {
			return err
		}
		if cred, webhook, err = c.last(tx); err != nil {
			return err
		}
		if err = c.end(tx); err != nil {
			return err
		}
		return audit(tx)
	})
	if err != nil {
		return Removal{}, err
	}
	return c.remove(ctx, cred, webhook), nil
}

// end is what a deleted clinic loses. Tokens end even when it is not connected now.
func (c *Connector) end(tx *tenants.Tx) error {
	now := c.Now().UTC()
	for _, step := range []func() error{
		func() error { return connection.Disconnect(tx, now) },
		func() error { return alarm.CloseAll(tx, true, now) },
		func() error { return people.DisableUsers(tx, now) },
		tx.DestroyKeys,
		func() error { return tx.SetClinicState("deleted", now) },
		tx.ReleaseExternalID,
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// remove deletes the webhook with this id, or those with our URL when none is known.
func (c *Connector) remove(ctx context.Context, cred asaasapi.Credential, id string) (out Removal) {
	if cred.Key.Reveal() == "" {
		return out
	}
	ids := []string{id}
	if id == "" {
		all, err := c.Client.Webhooks(ctx, cred)
		if err != nil {
			return Removal{Problem: asError(err)}
		}
		ids = c.ours(all)
	}
	for _, id := range ids {
		if err := c.Client.DeleteWebhook(ctx, cred, id); err != nil {
			out.Problem = asError(err)
			continue
		}
		out.Deleted++
	}
	return out
}

func asError(err error) *asaasapi.Error {
	var known *asaasapi.Error
	if errors.As(err, &known) {
		return known
	}
	return &asaasapi.Error{Code: asaasapi.Unexpected, Err: err}
}

// ours returns the ids of the webhooks that call our door, however its URL is spelled.
func (c *Connector) ours(all []asaasapi.Webhook) (ids []string) {
	for _, w := range all {
		if sameURL(w.URL, c.WebhookURL) {
			ids = append(ids, w.ID)
		}
	}
	return ids
}

func sameURL(a, b string) bool {
	x, errX := url.Parse(a)
	y, errY := url.Parse(b)
	return errX == nil && errY == nil && strings.EqualFold(x.Host, y.Host) &&
		strings.EqualFold(path.Clean(x.Path), path.Clean(y.Path))
}

// SetUp is what a person types into the gateway's panel when they set the webhook up by
// hand, in the panel's order; the token is shown apart, once.
type SetUp struct {
	Name, URL, Email, APIVersion, SendType string
	Events                                 []string
}

// SetUp returns the values for a connection.
func (c *Connector) SetUp(conn connection.Connection) SetUp {
	return SetUp{
		Name:       "PataPay – Faturas",
		URL:        c.WebhookURL,
		Email:      conn.NotificationEmail,
		APIVersion: "v3",
		SendType:   asaasapi.Sequentially,
		Events: union(
			asaas.Events(asaas.FamilyPayment, asaas.FamilyCheckout, asaas.FamilyAnticipation, asaas.FamilyAccessToken),
			[]string{"ACCOUNT_STATUS_COMMERCIAL_INFO_EXPIRED", "ACCOUNT_STATUS_COMMERCIAL_INFO_EXPIRING_SOON"},
		),
	}
}
