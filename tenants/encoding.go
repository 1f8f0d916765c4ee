package tenants

import (
	"context"
	"database/sql/driver"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

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

// DBUUID is a UUID as a column of a gorm row.
type DBUUID domain.UUID

// Scan reads what the driver returns: text, or the 16 bytes.
func (u *DBUUID) Scan(v any) error {
	switch v := v.(type) {
	case [16]byte:
		*u = v
		return nil
	case string:
		b, err := hex.DecodeString(strings.ReplaceAll(v, "-", ""))
		if err == nil && len(b) == 16 {
			*u = DBUUID(b)
			return nil
		}
	}
	return fmt.Errorf("not a uuid column: %T", v)
}

// Value writes the text form.
func (u DBUUID) Value() (driver.Value, error) {
	h := hex.EncodeToString(u[:])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:], nil
}

// OrZero returns the instant in UTC, or the zero one for null.
func OrZero(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.UTC()
}

// OrNull returns the instant for SQL, null for the zero one.
func OrNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
