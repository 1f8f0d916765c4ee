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
	names := payerNames{o.Connector, o.clinic.ID}
	for page := range most {
		got, err := o.Client.Page(
			asaasapi.For(ctx, asaasapi.Names), o.cred, "/customers", url.Values{}, asaasapi.ReadCustomers, page,
		)
		if err != nil {
			return names.refused(ctx, err)
		}
		list, err := asaasapi.Each[asaasapi.Payer](*got.Data)
		if err != nil {
			return names.refused(ctx, err)
		}
		fresh, err := names.keep(ctx, list)
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

// payerNames asks for the names of a clinic's payers.
type payerNames struct {
	*Connector
	clinic domain.ClinicID
}

// keep stores what the gateway told of the payers, and returns how many said something new.
func (n payerNames) keep(ctx context.Context, list []asaasapi.Payer) (fresh int, err error) {
	var told []payers.Payer
	for _, p := range list {
		if p.ID != "" {
			told = append(told, payers.Payer{ID: p.ID, Name: p.Name})
		}
	}
	err = n.DB.In(ctx, n.clinic, func(tx *tenants.Tx) (err error) {
		fresh, err = payers.KeepPayers(tx, n.Vault, told, n.Now().UTC())
		return err
	})
	return fresh, err
}

// refused puts off the reads of the payers for what the gateway said; any other error passes.
func (n payerNames) refused(ctx context.Context, cause error) error {
	var refusal *asaasapi.Error
	if !errors.As(cause, &refusal) {
		return cause
	}
	pause := refusal.RetryAfter
	if slices.Contains([]asaasapi.Code{asaasapi.KeyRefused, asaasapi.PermissionLacks, asaasapi.IPBlocked}, refusal.Code) {
		pause = max(pause, payerGivenUp)
	}
	return n.DB.In(ctx, n.clinic, func(tx *tenants.Tx) error { return payers.PayersRefused(tx, pause, n.Now().UTC()) })
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
			if err := (payerNames{c, clinic}).read(asaasapi.For(ctx, asaasapi.Names)); err != nil {
				failures[i] = fmt.Errorf("clinic %d: %w", clinic, err)
			}
		})
	}
	group.Wait()
	return errors.Join(append(failures, err)...)
}

// read reads some of the payers, one after the other. One that the gateway
// does not have, or tells nonsense of, has no name; a refusal ends the round.
func (n payerNames) read(ctx context.Context) error {
	var ids []string
	var cred asaasapi.Credential
	err := n.DB.In(ctx, n.clinic, func(tx *tenants.Tx) error {
		conn, err := connection.Load(tx)
		if err != nil {
			return err
		}
		key, err := connection.APIKey(tx, n.Vault)
		if err != nil {
			return err
		}
		cred = asaasapi.Credential{Environment: conn.Environment, Key: key}
		ids, err = payers.TakePayers(tx, n.Now().UTC(), payerBatch)
		return err
	})
	for i := 0; i < len(ids) && err == nil; i++ {
		err = n.one(ctx, cred, ids[i])
	}
	if err != nil {
		return n.refused(ctx, err)
	}
	return n.DB.In(ctx, n.clinic, func(tx *tenants.Tx) error { return payers.PayersRead(tx, n.Now().UTC()) })
}

// one reads one payer and keeps its name.
func (n payerNames) one(ctx context.Context, cred asaasapi.Credential, id string) error {
	p, err := n.Client.Customer(ctx, cred, id)
	var refusal *asaasapi.Error
	if errors.As(err, &refusal) &&
		slices.Contains([]asaasapi.Code{asaasapi.NotFound, asaasapi.InvalidID, asaasapi.Unexpected}, refusal.Code) {
		p, err = asaasapi.Payer{}, nil
	}
	if err != nil {
		return err
	}
	_, err = n.keep(ctx, []asaasapi.Payer{{ID: id, Name: p.Name}})
	return err
}
