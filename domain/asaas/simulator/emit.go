package simulator

import (
	"strings"
	"time"

	"patapay/domain/asaas"
	"patapay/domain/asaas/jsonobject"
)

// event is what a world tells of: the body of a delivery.
type event struct {
	id, kind string
	body     []byte
	told     time.Time // when the queues get to know
}

// emit builds the event of one entity, dated at the scene's present, and puts it in the
// queues of the account's webhooks that listen to it. The caller holds the lock.
func (v *scene) emit(name, entity string, snapshot *jsonobject.Object) {
	v.emitWith(name, entity, snapshot, nil)
}

// emitWith is emit with what the envelope says beside the object; nil: nothing.
func (v *scene) emitWith(name, entity string, snapshot, more *jsonobject.Object) {
	w, a := v.world, v.books
	w.counters[a.Environment]++
	body := jsonobject.Of("id", asaas.EventID(name, w.counters[a.Environment]), "event", name, "dateCreated", stamp(v.now))
	if !a.switches.OmitAccount {
		id := a.ID
		if a.switches.ForeignAccount != "" {
			id = a.switches.ForeignAccount
		}
		body.Set("account", jsonobject.Of("id", id, "ownerId", textOrNull(a.OwnerID)))
	}
	body.Set(entity, snapshot)
	if more != nil {
		body.Set("additionalInfo", more)
	}
	if a.switches.UnknownAttributes {
		snapshot.Set("brandNewAttribute", jsonobject.Of("nested", []any{1, 2}))
		body.Set("newTopLevel", "x")
	}
	if a.switches.PadBytes > 0 {
		snapshot.Set("padding", strings.Repeat("x", a.switches.PadBytes))
	}
	if a.switches.PlainNumbers {
		snapshot.PlainNumbers()
	}
	w.tell(a, event{id: body.Text("id"), kind: name, body: body.Bytes(), told: v.told})
}
