package connect

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"sync"
	"time"

	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/asaasapi"
	"patapay/tenants/connection"
	"patapay/tenants/payers"
)

const (
	payerPagesFirst = 100  // of a hundred payers, at the first import
	payerPages      = 10   // at each later comparison
	payersAsked     = 1000 // further payers read by id after a comparison, one call each
	payerBatch      = 20   // payers of one clinic read in one round
	payerClinics    = 20   // clinics in one round
	payersAtOnce    = 4    // clinics asked at once
)

// listPayers keeps the names that the gateway lists, the newest payers first, most pages at
// most. With known it ends at the first page that tells nothing new. That the gateway
// refuses is no failure of a comparison: the next one looks again.
func (o *operating) listPayers(ctx context.Context, most int, known bool) error {
	for page := range most {
		got, err := o.Client.Page(asaasapi.For(ctx, asaasapi.Names), o.cred, "/customers", url.Values{}, asaasapi.ReadCustomers, page)
		if err != nil {
			return o.payersRefused(ctx, o.clinic.ID, err)
		}
		list, err := asaasapi.Each[asaasapi.Payer](*got.Data)
		if err != nil {
			return o.payersRefused(ctx, o.clinic.ID, err)
		}
		fresh, err := o.keepPayers(ctx, o.clinic.ID, list)
		if err != nil || !got.HasMore || known && fresh == 0 {
			return err
		}
	}
	return nil
}

// requestNames asks for the names that the lists did not tell: of payers that were stored by an
// older program, and of those that were read long ago.
func (o *operating) requestNames(ctx context.Context) error {
	return o.DB.In(ctx, o.clinic.ID, func(tx *tenants.Tx) error {
		return payers.RequestNames(tx, o.Vault, payersAsked, o.Now().UTC())
	})
}

// keepPayers stores what the gateway told of a clinic's payers, and returns how many said
// something new.
func (c *Connector) keepPayers(ctx context.Context, clinic domain.ClinicID, list []asaasapi.Payer) (fresh int, err error) {
	var told []payers.Payer
	for _, p := range list {
		if p.ID != "" {
			told = append(told, payers.Payer{ID: p.ID, Name: p.Name})
		}
	}
	err = c.DB.In(ctx, clinic, func(tx *tenants.Tx) (err error) {
		fresh, err = payers.KeepPayers(tx, c.Vault, told, c.Now().UTC())
		return err
	})
	return fresh, err
}

// payersRefused puts off the reads of a clinic's payers for what the gateway said; any other
// error passes.
func (c *Connector) payersRefused(ctx context.Context, clinic domain.ClinicID, cause error) error {
	var refusal *asaasapi.Error
	if !errors.As(cause, &refusal) {
		return cause
	}
	pause := refusal.RetryAfter
	if slices.Contains([]asaasapi.Code{asaasapi.KeyRefused, asaasapi.PermissionLacks, asaasapi.IPBlocked}, refusal.Code) {
		pause = max(pause, payerGivenUp)
	}
	return c.DB.In(ctx, clinic, func(tx *tenants.Tx) error { return payers.PayersRefused(tx, pause, c.Now().UTC()) })
}

// payerGivenUp is how long nobody asks again for what the clinic has to allow first; a new
// key ends it.
const payerGivenUp = 6 * time.Hour

// NamePayers reads the names of payers that are asked for, some of each clinic.
// Several may call it at once, in whatever processes: a payer is read once. A clinic whose
// gateway refuses holds up nobody; one that answers slowly does, for the twenty reads of its
// round. Errors of our own come back joined.
func (c *Connector) NamePayers(ctx context.Context) error {
	due, err := payers.PayersDue(c.DB, ctx, c.Now().UTC(), payerClinics)
	failures := make([]error, len(due))
	slots := make(chan struct{}, payersAtOnce)
	var group sync.WaitGroup
	for i, clinic := range due {
		slots <- struct{}{}
		group.Go(func() {
			defer func() { <-slots }()
			if err := c.namePayersOf(asaasapi.For(ctx, asaasapi.Names), clinic); err != nil {
				failures[i] = fmt.Errorf("clinic %d: %w", clinic, err)
			}
		})
	}
	group.Wait()
	return errors.Join(append(failures, err)...)
}

// namePayersOf reads some of a clinic's payers, one after the other. One that the gateway
// does not have, or tells nonsense of, has no name; a refusal ends the round.
func (c *Connector) namePayersOf(ctx context.Context, clinic domain.ClinicID) error {
	var ids []string
	var cred asaasapi.Credential
	err := c.DB.In(ctx, clinic, func(tx *tenants.Tx) error {
		conn, err := connection.Load(tx)
		if err != nil {
			return err
		}
		key, err := connection.APIKey(tx, c.Vault)
		if err != nil {
			return err
		}
		cred = asaasapi.Credential{Environment: conn.Environment, Key: key}
		ids, err = payers.TakePayers(tx, c.Now().UTC(), payerBatch)
		return err
	})
	for i := 0; i < len(ids) && err == nil; i++ {
		err = c.namePayer(ctx, clinic, cred, ids[i])
	}
	if err != nil {
		return c.payersRefused(ctx, clinic, err)
	}
	return c.DB.In(ctx, clinic, func(tx *tenants.Tx) error { return payers.PayersRead(tx, c.Now().UTC()) })
}

func (c *Connector) namePayer(ctx context.Context, clinic domain.ClinicID, cred asaasapi.Credential, id string) error {
	p, err := c.Client.Customer(ctx, cred, id)
	var refusal *asaasapi.Error
	if errors.As(err, &refusal) && slices.Contains([]asaasapi.Code{asaasapi.NotFound, asaasapi.InvalidID, asaasapi.Unexpected}, refusal.Code) {
		p, err = asaasapi.Payer{}, nil
	}
	if err != nil {
		return err
	}
	_, err = c.keepPayers(ctx, clinic, []asaasapi.Payer{{ID: id, Name: p.Name}})
	return err
}
