package feed

import (
	"context"
	"encoding/json"

	"patapay/api/rest"
	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/query"
	"patapay/tenants/vault"
)

// Bodies tells what entries say to who is sent them, so that what is pushed and what is read can never
// be different things.
type Bodies struct {
	DB    *tenants.DB // of the api role
	Vault *vault.Vault
}

// thinView is an entry without its object.
type thinView struct {
	entryView
	Object *struct{} `json:"object,omitempty"` // takes the place of the embedded one
}

// Bodies returns the entries of one clinic that have these numbers, in JSON, by number; those that are
// no longer kept are left out. places are the entries' cursors in the platform's feed, "" none. whole:
// with the object; personal: with names and documents of people.
func (b *Bodies) Bodies(
	ctx context.Context, clinic domain.ClinicID, seqs []int64, places []string, whole, personal bool,
) (map[int64][]byte, error) {
	cursor := map[int64]string{}
	for i, seq := range seqs {
		cursor[seq] = places[i]
	}
	bodies := map[int64][]byte{}
	err := b.DB.In(ctx, clinic, func(tx *tenants.Tx) error {
		c, err := tx.Self()
		if err != nil {
			return err
		}
		entries, err := query.EntriesOf(tx, seqs)
		if err != nil {
			return err
		}
		view, err := (&rest.Service{DB: b.DB, Vault: b.Vault}).ClinicView(ctx, tx, c)
		if err != nil {
			return err
		}
		view.Visibility = rest.Visibility{Personal: personal, Texts: c.State != "deleted"}
		for _, e := range entries {
			e.Place = cursor[e.Seq]
			if bodies[e.Seq], err = bodyOf(view, e, whole); err != nil {
				return err
			}
		}
		return nil
	})
	return bodies, err
}

func bodyOf(view rest.ClinicView, e query.Entry, whole bool) ([]byte, error) {
	shown, err := entryOf(view, e)
	if err != nil {
		return nil, err
	}
	if !whole {
		return json.Marshal(thinView{entryView: shown})
	}
	return json.Marshal(shown)
}
