package vault

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	tinkpb "github.com/tink-crypto/tink-go/v2/proto/tink_go_proto"
	"google.golang.org/protobuf/proto"

	"patapay/domain"
)

// Primary returns the id of the master key that seals; the others of the keyset only open.
func (v *Vault) Primary() uint32 { return v.primary }

// Rewrap returns a data key wrapped by the primary master key, and whether it was wrapped by another one
// before. It fails with ErrSealed when no key of the keyset opens it.
func (v *Vault) Rewrap(clinic domain.ClinicID, no int32, wrapped []byte) (fresh []byte, changed bool, err error) {
	var outer tinkpb.EncryptedKeyset
	if err := proto.Unmarshal(wrapped, &outer); err != nil {
		return nil, false, fmt.Errorf("data key %d of clinic %d: %w", no, clinic, ErrSealed)
	}
	if v.ByPrimary(outer.GetEncryptedKeyset()) {
		return wrapped, false, nil
	}
	h, err := keyset.ReadWithAssociatedData(keyset.NewBinaryReader(bytes.NewReader(wrapped)), v.master, keyAD(clinic, no))
	if err != nil {
		return nil, false, fmt.Errorf("data key %d of clinic %d: %w", no, clinic, ErrSealed)
	}
	var b bytes.Buffer
	err = h.WriteWithAssociatedData(keyset.NewBinaryWriter(&b), v.master, keyAD(clinic, no))
	return b.Bytes(), true, err
}

// ByPrimary tells whether the platform's text was sealed by the primary master key: tink writes a 1 and the
// key's id in front.
func (v *Vault) ByPrimary(sealed []byte) bool {
	return len(sealed) > 5 && sealed[0] == 1 && binary.BigEndian.Uint32(sealed[1:5]) == v.primary
}

// AddMasterKey returns the keyset with a fresh primary key, beside the keys it had, which open still.
func AddMasterKey(masterJSON Secret) (Secret, error) {
	h, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(strings.NewReader(masterJSON.Reveal())))
	if err != nil {
		return Secret{}, errors.New("master keyset: not a tink keyset in JSON")
	}
	m := keyset.NewManagerFromHandle(h)
	id, err := m.Add(aead.AES256GCMKeyTemplate())
	if err != nil {
		return Secret{}, err
	}
	if err := m.SetPrimary(id); err != nil {
		return Secret{}, err
	}
	if h, err = m.Handle(); err != nil {
		return Secret{}, err
	}
	var b bytes.Buffer
	err = insecurecleartextkeyset.Write(h, keyset.NewJSONWriter(&b))
	return NewSecret(strings.ReplaceAll(b.String(), "\n", "")), err
}
