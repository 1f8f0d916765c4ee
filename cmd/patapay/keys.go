package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"

	"patapay/tenants/vault"

	"github.com/alecthomas/kong"
	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
)

// The keys of development: the hash of a sentence in this file, so that they are the same
// on every machine and nobody takes them for a secret. Production refuses them.
var (
	developmentPepper  = vault.NewSecret(developmentKey("webhook tokens"))
	developmentSeed    = vault.NewSecret(developmentKey("access tokens"))
	developmentKeyData = base64.StdEncoding.EncodeToString(append([]byte{0x1a, 32}, developmentBytes("master key")...))
	developmentKeyset  = vault.NewSecret(`{"primaryKeyId":1,"key":[{"keyData":{"typeUrl":"type.googleapis.com/google.crypto.tink.AesGcmKey","value":"` +
		developmentKeyData + `","keyMaterialType":"SYMMETRIC"},"status":"ENABLED","keyId":1,"outputPrefixType":"TINK"}]}`)
)

func developmentBytes(use string) []byte {
	sum := sha256.Sum256([]byte("PataPay development key, not a secret: " + use))
	return sum[:]
}

func developmentKey(use string) string {
	return base64.StdEncoding.EncodeToString(developmentBytes(use))
}

func mustSeed(seed vault.Secret) ed25519.PrivateKey {
	key, err := parseEd25519(seed)
	if err != nil {
		panic(err) // the constant above
	}
	return key
}

// keysCmd makes key material for a deployment.
type keysCmd struct {
	New keysNewCmd `cmd:"" help:"Print fresh TOKEN_PEPPER, MASTER_KEYSET and JWT_SIGNING_KEY lines for a .env file."`
}

type keysNewCmd struct{}

// Run prints the lines to standard output; nothing is stored.
func (keysNewCmd) Run(ctx *kong.Context) error { return writeKeys(ctx.Stdout) }

// writeKeys writes one NAME='value' line a key, each 256 random bits.
func writeKeys(w io.Writer) error {
	handle, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		return err
	}
	var master, line bytes.Buffer
	if err := insecurecleartextkeyset.Write(handle, keyset.NewJSONWriter(&master)); err != nil {
		return err
	}
	if err := json.Compact(&line, master.Bytes()); err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "TOKEN_PEPPER='%s'\nMASTER_KEYSET='%s'\nJWT_SIGNING_KEY='%s'\n", randomKey(), line.String(), randomKey())
	return err
}

func randomKey() string {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails (crypto/rand)
	return base64.StdEncoding.EncodeToString(key)
}
