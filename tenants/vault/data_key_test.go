package vault

import (
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/keyset"
)

// What the ring of one key sealed is opened by the key alone, and the reverse: programs of before and of now share
// rows.
func TestADataKeySealsAsTheRingOfOneDoes(t *testing.T) {
	h, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	require.NoError(t, err)
	ring, err := aead.New(h)
	require.NoError(t, err)
	key, err := aeadOf(h)
	require.NoError(t, err)
	require.NotEqual(t, ring, key)
	sealed, err := ring.Encrypt([]byte("corpo"), []byte("de quem"))
	require.NoError(t, err)
	plain, err := key.Decrypt(sealed, []byte("de quem"))
	require.NoError(t, err)
	require.Equal(t, "corpo", string(plain))
	sealed, err = key.Encrypt([]byte("corpo"), []byte("de quem"))
	require.NoError(t, err)
	plain, err = ring.Decrypt(sealed, []byte("de quem"))
	require.NoError(t, err)
	require.Equal(t, "corpo", string(plain))
	_, err = key.Decrypt(sealed, []byte("de outro"))
	require.Error(t, err)
}

// A keyset that somebody made with several keys is a ring still.
func TestADataKeysetOfSeveralKeysOpensWithEach(t *testing.T) {
	m := keyset.NewManager()
	var last uint32
	for range 2 {
		id, err := m.Add(aead.AES256GCMKeyTemplate())
		require.NoError(t, err)
		require.NoError(t, m.SetPrimary(id))
		last = id
	}
	h, err := m.Handle()
	require.NoError(t, err)
	require.Equal(t, last, h.KeysetInfo().GetPrimaryKeyId())
	both, err := aeadOf(h)
	require.NoError(t, err)
	first, err := h.Entry(0)
	require.NoError(t, err)
	require.False(t, first.IsPrimary())
	older := keyset.NewManager()
	id, err := older.AddKey(first.Key())
	require.NoError(t, err)
	require.NoError(t, older.SetPrimary(id))
	alone, err := older.Handle()
	require.NoError(t, err)
	key, err := aeadOf(alone)
	require.NoError(t, err)
	sealed, err := key.Encrypt([]byte("corpo"), nil)
	require.NoError(t, err)
	plain, err := both.Decrypt(sealed, nil)
	require.NoError(t, err)
	require.Equal(t, "corpo", string(plain))
}
