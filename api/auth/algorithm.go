package auth

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"sync"

	"github.com/golang-jwt/jwt/v5"
)

// believed are the algorithms that a token may be signed by: HMAC and none can never be
// switched on. Ed25519 is RFC 9864's name of what EdDSA is with our keys.
var believed = []string{"EdDSA", "Ed25519", "RS256", "ES256"}

// ed25519Method is EdDSA under the name that RFC 9864 gives it.
type ed25519Method struct{ *jwt.SigningMethodEd25519 }

// Alg returns the name that stands in a token's header.
func (ed25519Method) Alg() string { return "Ed25519" }

// knowEd25519 makes jwt know the second name; its own table has the first alone.
var knowEd25519 = sync.OnceFunc(func() {
	jwt.RegisterSigningMethod("Ed25519", func() jwt.SigningMethod { return ed25519Method{jwt.SigningMethodEdDSA} })
})

// sameAlgorithm tells whether two names stand for one algorithm.
func sameAlgorithm(a, b string) bool {
	plain := func(alg string) string {
		if alg == "Ed25519" {
			return "EdDSA"
		}
		return alg
	}
	return plain(a) == plain(b)
}

// allowed returns the names that tokens of these algorithms may bear.
func allowed(algorithms []string) (names []string) {
	for _, name := range believed {
		for _, alg := range algorithms {
			if sameAlgorithm(name, alg) {
				names = append(names, name)
				break
			}
		}
	}
	return names
}

// fits tells whether key is a strong public key of the algorithm: an RSA key read as an
// HMAC secret is the oldest trick.
func fits(alg string, key any) bool {
	switch k := key.(type) {
	case ed25519.PublicKey:
		return sameAlgorithm(alg, "EdDSA") && len(k) == ed25519.PublicKeySize
	case *rsa.PublicKey:
		return alg == "RS256" && k.N.BitLen() >= 2048
	case *ecdsa.PublicKey:
		return alg == "ES256" && k.Curve == elliptic.P256()
	}
	return false
}
