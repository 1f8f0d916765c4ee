// Package vault seals what must not be read from the database alone: API keys, bodies and
// free text. Each clinic has a data key of its own; a master key, which lives outside the
// database, wraps it. One rule: what is sealed for one clinic, kind and subject opens for
// no other (the three are associated data of AES-256-GCM).
package vault

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/aead/aesgcm"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"

	"patapay/domain"
)

// Vault holds the master key and the data keys opened so far. It is safe for concurrent use.
type Vault struct {
	master  tink.AEAD
	primary uint32   // id of the master key that seals; the others of the keyset open still
	keys    sync.Map // keyName → *Key
}

type keyName struct {
	clinic domain.ClinicID
	no     int32
}

// Key seals and opens for one clinic.
type Key struct {
	clinic domain.ClinicID
	no     int32
	aead   tink.AEAD
}

// ErrSealed says that a blob cannot be opened: another clinic, kind, subject or key, or a changed byte.
var ErrSealed = errors.New("sealed: cannot be opened")

// New returns a vault on the master keyset, tink's JSON form. It fails on anything else,
// without repeating what it was given.
func New(masterJSON Secret) (*Vault, error) {
	h, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(strings.NewReader(masterJSON.Reveal())))
	if err != nil {
		return nil, errors.New("master keyset: not a tink keyset in JSON")
	}
	a, err := aead.New(h)
	if err != nil {
		return nil, errors.New("master keyset: not an AEAD keyset")
	}
	return &Vault{master: a, primary: h.KeysetInfo().GetPrimaryKeyId()}, nil
}

// NewMaster returns a fresh master keyset in tink's JSON form, for `patapay keys` and development.
func NewMaster() (Secret, error) {
	h, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		return Secret{}, err
	}
	var b bytes.Buffer
	err = insecurecleartextkeyset.Write(h, keyset.NewJSONWriter(&b))
	return NewSecret(b.String()), err
}

// NewKey returns a fresh data key for a clinic, wrapped for the database.
func (v *Vault) NewKey(clinic domain.ClinicID, no int32) (wrapped []byte, err error) {
	h, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := h.WriteWithAssociatedData(keyset.NewBinaryWriter(&b), v.master, keyAD(clinic, no)); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// Key returns the clinic's data key number no, unwrapping it once and keeping it. It fails
// when the master key is not the one that wrapped it.
func (v *Vault) Key(clinic domain.ClinicID, no int32, wrapped []byte) (*Key, error) {
	name := keyName{clinic, no}
	if k, ok := v.keys.Load(name); ok {
		return k.(*Key), nil
	}
	h, err := keyset.ReadWithAssociatedData(keyset.NewBinaryReader(bytes.NewReader(wrapped)), v.master, keyAD(clinic, no))
	if err != nil {
		return nil, fmt.Errorf("data key %d of clinic %d: %w", no, clinic, ErrSealed)
	}
	a, err := aeadOf(h)
	if err != nil {
		return nil, err
	}
	k, _ := v.keys.LoadOrStore(name, &Key{clinic: clinic, no: no, aead: a})
	return k.(*Key), nil
}

// aeadOf returns what seals with a data key. It is the key's own, for the one that stands for any number of keys of any
// kind takes half as much memory again, and a process holds one for each clinic.
func aeadOf(h *keyset.Handle) (tink.AEAD, error) {
	if primary, err := h.Primary(); err == nil && h.Len() == 1 {
		if key, is := primary.Key().(*aesgcm.Key); is {
			return aesgcm.NewAEAD(key)
		}
	}
	return aead.New(h)
}

// SealUnclaimed seals a body that belongs to no clinic, under the platform's own key.
func (v *Vault) SealUnclaimed(plain []byte) ([]byte, error) {
	return v.master.Encrypt(plain, []byte("patapay stray"))
}

// SealPlatform returns plain sealed for (kind, subject) of the platform itself, which has no
// data key: what is kept for long is lost with the master key that sealed it, so that one has to stay in
// the keyset until it was sealed anew.
func (v *Vault) SealPlatform(kind, subject string, plain []byte) ([]byte, error) {
	return v.master.Encrypt(plain, platformAD(kind, subject))
}

// OpenPlatform returns what SealPlatform sealed for (kind, subject), or ErrSealed.
func (v *Vault) OpenPlatform(kind, subject string, sealed []byte) ([]byte, error) {
	p, err := v.master.Decrypt(sealed, platformAD(kind, subject))
	if err != nil {
		return nil, ErrSealed
	}
	return p, nil
}

func platformAD(kind, subject string) []byte {
	return []byte("patapay platform " + kind + " " + subject)
}

// Seal returns plain sealed for (clinic, kind, subject). The number of the key stands in
// front, so that blobs outlive a rotation.
func (k *Key) Seal(kind, subject string, plain []byte) ([]byte, error) {
	c, err := k.aead.Encrypt(plain, k.ad(kind, subject))
	if err != nil {
		return nil, err
	}
	out := make([]byte, 2, 2+len(c))
	binary.BigEndian.PutUint16(out, uint16(k.no))
	return append(out, c...), nil
}

// Open returns what was sealed for (clinic, kind, subject) with this key, or ErrSealed.
func (k *Key) Open(kind, subject string, sealed []byte) ([]byte, error) {
	if len(sealed) < 2 || KeyNo(sealed) != k.no {
		return nil, ErrSealed
	}
	p, err := k.aead.Decrypt(sealed[2:], k.ad(kind, subject))
	if err != nil {
		return nil, ErrSealed
	}
	return p, nil
}

// KeyNo returns the number of the data key that a blob was sealed with; 0 for none.
func KeyNo(sealed []byte) int32 {
	if len(sealed) < 2 {
		return 0
	}
	return int32(binary.BigEndian.Uint16(sealed))
}

func (k *Key) ad(kind, subject string) []byte {
	b := make([]byte, 0, 8+len(kind)+len(subject))
	b = binary.BigEndian.AppendUint32(b, uint32(k.clinic))
	b = append(b, 1) // version of this layout
	b = append(append(b, kind...), 0)
	return append(b, subject...)
}

func keyAD(clinic domain.ClinicID, no int32) []byte {
	return fmt.Appendf(nil, "patapay data key %d %d", clinic, no)
}
