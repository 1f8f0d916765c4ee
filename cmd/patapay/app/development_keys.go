package app

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"

	"patapay/tenants/vault"
)

// The keys of development: the hash of a sentence in this file, so that they are the same
// on every machine and nobody takes them for a secret. Production refuses them.
var (
	DevelopmentPepper  = vault.NewSecret(developmentKey("webhook tokens"))
	DevelopmentSeed    = vault.NewSecret(developmentKey("access tokens"))
	developmentKeyData = base64.StdEncoding.EncodeToString(append([]byte{0x1a, 32}, developmentBytes("master key")...))
	DevelopmentKeyset  = vault.NewSecret(
		`{"primaryKeyId":1,"key":[{"keyData":{"typeUrl":"type.googleapis.com/google.crypto.tink.AesGcmKey","value":"` +
			developmentKeyData + `","keyMaterialType":"SYMMETRIC"},"status":"ENABLED","keyId":1,"outputPrefixType":"TINK"}]}`,
	)
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
