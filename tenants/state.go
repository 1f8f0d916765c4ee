package tenants

import (
	"bytes"
	"encoding/json"
	"reflect"

	"patapay/domain"
)

// EncodeState returns v, a projection, as compact JSON: members in the order of the
// struct, under their Go names, zero ones left out. The same value gives the same bytes,
// so bytes tell whether a projection changed; decodeState reads it back.
func EncodeState(v any) ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	if err := encodeFields(&b, reflect.ValueOf(v)); err != nil {
		return nil, err
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

func encodeFields(b *bytes.Buffer, v reflect.Value) error {
	for i := range v.NumField() {
		f, t := v.Field(i), v.Type().Field(i)
		if f.IsZero() {
			continue
		}
		if t.Anonymous {
			if err := encodeFields(b, f); err != nil {
				return err
			}
			continue
		}
		value, err := json.Marshal(f.Interface())
		if err != nil {
			return err
		}
		if b.Len() > 1 {
			b.WriteByte(',')
		}
		b.WriteString(`"` + t.Name + `":`)
		b.Write(value)
	}
	return nil
}

// DecodeState reads into v what encodeState wrote; members that v no longer has are ignored.
func DecodeState(state []byte, v any) error { return json.Unmarshal(state, v) }

// Table returns where projections of a kind are kept.
func Table(kind domain.Kind) string {
	switch kind {
	case domain.KindPayment:
		return "invoices"
	case domain.KindCheckout:
		return "checkouts"
	}
	return "anticipations"
}

// EventKeyRows is the SQL of a table u of event keys, made of the parameters $2 to $4.
const EventKeyRows = `unnest($2::smallint[], $3::bigint[], $4::uuid[]) u(environment, seq, id_hash)`

// EntityRef names an object of the gateway.
type EntityRef struct {
	Kind domain.Kind
	ID   string
}
