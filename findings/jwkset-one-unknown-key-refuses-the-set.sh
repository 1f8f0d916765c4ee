#!/bin/sh
# What: a JWK set with one key of a type or curve that the library does not know is refused as a whole, by
# github.com/MicahParks/keyfunc/v3 v3.9.0 with github.com/MicahParks/jwkset v0.11.3, and so is every good key beside it.
# Why it surprises: RFC 7517, section 5, says that keys of a kty that is not understood, or out of the supported range,
# should be ignored. A platform that adds a post-quantum or secp256k1 key for somebody else locks all its clients out.
# Seen: 2026-11-29. The script fails when the behaviour changes. It needs Go and a module proxy, and nothing of PataPay.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
cat > go.mod <<'EOF'
module finding

go 1.24

require (
	github.com/MicahParks/jwkset v0.11.3
	github.com/MicahParks/keyfunc/v3 v3.9.0
)
EOF
cat > main.go <<'EOF'
package main

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"

	"github.com/MicahParks/keyfunc/v3"
)

func main() {
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	text := base64.RawURLEncoding.EncodeToString
	good := map[string]any{"kty": "RSA", "kid": "good", "use": "sig", "n": text(private.N.Bytes()), "e": text(big.NewInt(int64(private.E)).Bytes())}
	coordinate := text(make([]byte, 32))
	for _, other := range []map[string]any{
		nil,
		{"kty": "AKP", "kid": "other", "alg": "ML-DSA-44", "pub": "AA"},
		{"kty": "EC", "crv": "secp256k1", "kid": "other", "x": coordinate, "y": coordinate},
	} {
		keys := []any{good}
		if other != nil {
			keys = append(keys, other)
		}
		raw, _ := json.Marshal(map[string]any{"keys": keys})
		set, err := keyfunc.NewJWKSetJSON(raw)
		if err != nil {
			fmt.Printf("good and %v %v: refused\n", other["kty"], other["crv"])
			continue
		}
		all, _ := set.Storage().KeyReadAll(context.Background())
		fmt.Printf("good and %v %v: %d keys\n", other["kty"], other["crv"], len(all))
	}
}
EOF
GOFLAGS=-mod=mod go mod tidy >/dev/null 2>&1
GOFLAGS=-mod=mod go run . > seen
cat seen
cat > expected <<'EOF'
good and <nil> <nil>: 1 keys
good and AKP <nil>: refused
good and EC secp256k1: refused
EOF
cmp seen expected && echo "as it was on 2026-11-29"
