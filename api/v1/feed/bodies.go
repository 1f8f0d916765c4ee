package feed

import (
	"context"
	"encoding/json"
	"strconv"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"patapay/api/rest"
	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/query"
	"patapay/tenants/vault"
)

// Bodies tells what entries say to who is sent them, so that what is pushed and what is read can never
// be different things. It keeps what opens the clinics' texts for a few seconds.
type Bodies struct {
	DB    *tenants.DB // of the api role
	Vault *vault.Vault
	Now   func() time.Time // how long a view is kept

	mu      sync.Mutex
	kept    keptViews
	opening singleflight.Group // by clinic
}

// wholeView is an entry whose object is written where it stands: by a method of its own it would be read once more.
type wholeView struct {
	entryView
	Object any `json:"object"` // takes the place of the embedded one
}

// thinView is an entry without its object.
type thinView struct {
	entryView
	Object *struct{} `json:"object,omitempty"` // takes the place of the embedded one
}

// Body returns an entry in JSON. whole: with the object; personal: with names and documents of people.
func (b *Bodies) Body(ctx context.Context, e query.Entry, whole, personal bool) ([]byte, error) {
	view, err := b.view(ctx, e.Clinic)
	if err != nil {
		return nil, err
	}
	body, err := bodyOf(view, e, whole, personal)
	if err != nil { // a key may be newer than what is kept
		b.forget(e.Clinic)
		if view, err = b.view(ctx, e.Clinic); err == nil {
			body, err = bodyOf(view, e, whole, personal)
		}
	}
	return body, err
}

// view returns what opens a clinic's texts. One opens it for all who ask meanwhile, and other clinics do not wait for
// it.
func (b *Bodies) view(ctx context.Context, clinic domain.ClinicID) (rest.ClinicView, error) {
	if view, known := b.find(clinic); known {
		return view, nil
	}
	opened, err, _ := b.opening.Do(strconv.Itoa(int(clinic)), func() (any, error) {
		if view, known := b.find(clinic); known { // somebody has just opened it
			return view, nil
		}
		view, err := viewOf(context.WithoutCancel(ctx), &rest.Service{DB: b.DB, Vault: b.Vault}, clinic)
		if err == nil {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.kept.open[clinic] = view
		}
		return view, err
	})
	return opened.(rest.ClinicView), err
}

func (b *Bodies) find(clinic domain.ClinicID) (view rest.ClinicView, known bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.kept.find(clinic, b.Now())
}

func (b *Bodies) forget(clinic domain.ClinicID) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.kept.open, clinic)
}

func bodyOf(view rest.ClinicView, e query.Entry, whole, personal bool) ([]byte, error) {
	view.Personal = personal
	shown, err := entryOf(view, e)
	if err != nil {
		return nil, err
	}
	if !whole {
		return json.Marshal(&thinView{entryView: shown})
	}
	return json.Marshal(&wholeView{entryView: shown, Object: shown.Object.v})
}
