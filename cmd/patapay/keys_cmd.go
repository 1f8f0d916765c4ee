package main

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/alecthomas/kong"
	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"

	"patapay/tenants/vault"
)

// keysCmd makes key material for a deployment.
type keysCmd struct {
	New    keysNewCmd    `cmd:"" help:"Print fresh TOKEN_PEPPER, MASTER_KEYSET and JWT_SIGNING_KEY lines for a .env file."`
	Add    keysAddCmd    `cmd:"" help:"Print MASTER_KEYSET with a fresh key in front of those of the environment, which open still."`
	Rotate keysRotateCmd `cmd:"" help:"Retire a key: move what it holds to its successor, and prove that nothing is left."`
}

type keysAddCmd struct{}

// Run prints the line to standard output; nothing is stored.
func (keysAddCmd) Run(ctx *kong.Context) error {
	line, err := vault.AddMasterKey(vault.NewSecret(os.Getenv("MASTER_KEYSET")))
	if err == nil {
		_, err = fmt.Fprintf(ctx.Stdout, "MASTER_KEYSET='%s'\n", line.Reveal())
	}
	return err
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
	_, err = fmt.Fprintf(
		w, "TOKEN_PEPPER='%s'\nMASTER_KEYSET='%s'\nJWT_SIGNING_KEY='%s'\n", randomKey(), line.String(), randomKey(),
	)
	return err
}

func randomKey() string {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails (crypto/rand)
	return base64.StdEncoding.EncodeToString(key)
}
