package accounts

import (
	"strings"
	"time"

	"patapay/domain/asaas"
	"patapay/domain/asaas/jsonobject"
)

// Event is what a world tells of: the body of a delivery.
type Event struct {
	ID, Kind string
	Body     []byte
	Told     time.Time // when the queues get to know
}

// emit builds the event of one entity, dated at the scene's present, and puts it in the
// queues of the account's webhooks that listen to it. The caller holds the lock.
func (v *Scene) emit(name, entity string, snapshot *jsonobject.Object) {
	v.emitWith(name, entity, snapshot, nil)
}

// emitWith is emit with what the envelope says beside the object; nil: nothing.
func (v *Scene) emitWith(name, entity string, snapshot, more *jsonobject.Object) {
	w, a := v.World, v.Books
	w.counters[a.Environment]++
	body := jsonobject.Of("id", asaas.EventID(name, w.counters[a.Environment]), "event", name,
		"dateCreated", Stamp(v.Now))
	if !a.Switches.OmitAccount {
		id := a.ID
		if a.Switches.ForeignAccount != "" {
			id = a.Switches.ForeignAccount
		}
		body.Set("account", jsonobject.Of("id", id, "ownerId", TextOrNull(a.OwnerID)))
	}
	body.Set(entity, snapshot)
	if more != nil {
		body.Set("additionalInfo", more)
	}
	if a.Switches.UnknownAttributes {
		snapshot.Set("brandNewAttribute", jsonobject.Of("nested", []any{1, 2}))
		body.Set("newTopLevel", "x")
	}
	if a.Switches.PadBytes > 0 {
		snapshot.Set("padding", strings.Repeat("x", a.Switches.PadBytes))
	}
	if a.Switches.PlainNumbers {
		snapshot.PlainNumbers()
	}
	w.tell(a, Event{ID: body.Text("id"), Kind: name, Body: body.Bytes(), Told: v.told})
}
