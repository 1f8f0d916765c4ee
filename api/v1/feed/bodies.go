package feed

import (
	"context"
	"encoding/json"
	"sync"
	"time"

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
	opening map[domain.ClinicID]chan struct{} // closed when who opens the view is done
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
	for {
		b.mu.Lock()
		view, known := b.kept.find(clinic, b.Now())
		busy := b.opening[clinic]
		if !known && busy == nil {
			break
		}
		b.mu.Unlock()
		if known {
			return view, nil
		}
		<-busy
	}
	if b.opening == nil {
		b.opening = map[domain.ClinicID]chan struct{}{}
	}
	opened := make(chan struct{})
	b.opening[clinic] = opened
	b.mu.Unlock()
	defer close(opened)

	view, err := viewOf(ctx, &rest.Service{DB: b.DB, Vault: b.Vault}, clinic)
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.opening, clinic)
	if err == nil {
		b.kept.open[clinic] = view
	}
	return view, err
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
