package tenants

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"patapay/domain"
)

// encode tells a connection how values of ours are sent. 16 bytes are a uuid: the modes of pgx that ask Postgres for no
// types cannot know it otherwise, and a mode is chosen by a setting.
func encode(_ context.Context, conn *pgx.Conn) error {
	types := conn.TypeMap()
	for _, one := range []any{[16]byte{}, domain.UUID{}} {
		types.RegisterDefaultPgType(one, "uuid")
	}
	for _, many := range []any{[][16]byte{}, []domain.UUID{}} {
		types.RegisterDefaultPgType(many, "_uuid")
	}
	types.RegisterDefaultPgType(Blobs{}, "_bytea")
	types.TryWrapEncodePlanFuncs = append([]pgtype.TryWrapEncodePlanFunc{planBlobs}, types.TryWrapEncodePlanFuncs...)
	return nil
}

// Blobs is an array of bytea that is by far the longest argument of its statement, and its first one. Room for all
// arguments is made at once: pgx begins each statement with 256 bytes and doubles them, so that half of what it
// allocated for a batch of deliveries was thrown away on the way.
type Blobs [][]byte

// besideBlob is how many bytes the other arguments have for each blob, about.
const besideBlob = 384

// blobPlan encodes Blobs as what they are to pgx, into a buffer with room enough.
type blobPlan struct{ next pgtype.EncodePlan }

func planBlobs(value any) (pgtype.WrappedEncodePlanNextSetter, any, bool) {
	if blobs, ok := value.(Blobs); ok {
		return &blobPlan{}, [][]byte(blobs), true
	}
	return nil, nil, false
}

// SetNext is told by pgx what encodes the value itself.
func (p *blobPlan) SetNext(next pgtype.EncodePlan) { p.next = next }

// Encode appends the blobs in Postgres's binary form.
func (p *blobPlan) Encode(value any, buf []byte) ([]byte, error) {
	blobs := value.(Blobs)
	room := 0
	for _, one := range blobs {
		room += len(one) + besideBlob
	}
	return p.next.Encode([][]byte(blobs), slices.Grow(buf, room))
}
