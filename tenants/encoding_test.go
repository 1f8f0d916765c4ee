package tenants

import (
	"bytes"
	"testing"

	"github.com/jackc/pgx/v5/pgtype"
	"github.com/stretchr/testify/require"
)

// Each batch of deliveries allocated its bodies twice over, in buffers that were outgrown at once.
func TestRoomForAllArgumentsIsMadeWithTheFirst(t *testing.T) {
	t.Parallel()
	types := pgtype.NewMap()
	types.TryWrapEncodePlanFuncs = append([]pgtype.TryWrapEncodePlanFunc{planBlobs}, types.TryWrapEncodePlanFuncs...)
	blobs := Blobs{bytes.Repeat([]byte("a"), 900), nil, {}, bytes.Repeat([]byte("b"), 40_000)}

	sent, err := types.Encode(pgtype.ByteaArrayOID, pgtype.BinaryFormatCode, blobs, make([]byte, 0, 256))
	require.NoError(t, err)
	plain, err := types.Encode(pgtype.ByteaArrayOID, pgtype.BinaryFormatCode, [][]byte(blobs), nil)
	require.NoError(t, err)
	require.Equal(t, plain, sent, "Postgres reads the same")
	require.GreaterOrEqual(t, cap(sent)-len(sent), len(blobs)*besideBlob-100)
}
