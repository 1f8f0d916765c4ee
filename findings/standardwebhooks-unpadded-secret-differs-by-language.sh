#!/bin/sh
# What: a signing secret whose base64 has no padding is taken by the npm package standardwebhooks 1.0.0 and refused by
# the same project's Go library, github.com/standard-webhooks/standard-webhooks/libraries v0.0.1.
# Why it surprises: one specification, one repository; a sender whose secrets have no "=" works for its JavaScript
# customers and cannot even be set up by those who write Go.
# Seen: 2026-11-29. The script fails when the behaviour changes. It needs Go, Node and their registries, and nothing of
# PataPay.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
cat > package.json <<'EOF'
{"name": "finding", "version": "1.0.0", "private": true, "dependencies": {"standardwebhooks": "1.0.0"}}
EOF
npm install --silent --no-audit --no-fund >/dev/null
cat > secret.js <<'EOF'
const { Webhook } = require('standardwebhooks');
const padded = Buffer.alloc(32, 7).toString('base64');
for (const [name, secret] of [['padded', padded], ['unpadded', padded.replace(/=+$/, '')]]) {
  try {
    new Webhook('whsec_' + secret);
    console.log(`JavaScript, ${name}: taken`);
  } catch {
    console.log(`JavaScript, ${name}: refused`);
  }
}
EOF
cat > go.mod <<'EOF'
module finding

go 1.24

require github.com/standard-webhooks/standard-webhooks/libraries v0.0.1
EOF
cat > main.go <<'EOF'
package main

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"strings"

	webhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

func main() {
	padded := base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{7}, 32))
	for _, c := range [][2]string{{"padded", padded}, {"unpadded", strings.TrimRight(padded, "=")}} {
		said := "taken"
		if _, err := webhooks.NewWebhook("whsec_" + c[1]); err != nil {
			said = "refused"
		}
		fmt.Printf("Go, %s: %s\n", c[0], said)
	}
}
EOF
go mod tidy >/dev/null 2>&1
cat > want <<'EOF'
JavaScript, padded: taken
JavaScript, unpadded: taken
Go, padded: taken
Go, unpadded: refused
EOF
{ node secret.js && go run .; } | tee got
cmp want got
