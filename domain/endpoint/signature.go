package endpoint

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"strings"
	"time"
)

// secretPrefix stands in front of the secret's bytes (Standard Webhooks, signature scheme).
const secretPrefix = "whsec_"

// SecretBytes is how many random bytes a secret is made of.
const SecretBytes = 32

// SecretText returns a secret as its receiver gets it: whsec_ and padded base64.
func SecretText(random [SecretBytes]byte) string {
	return secretPrefix + base64.StdEncoding.EncodeToString(random[:])
}

// Signature returns the header webhook-signature of one delivery: a v1 signature by each secret, blanks
// between. It covers id, instant and body, and leaves out a secret that SecretText has not made.
func Signature(secrets []string, id string, at time.Time, body []byte) string {
	said := append(strconv.AppendInt(append([]byte(id), '.'), at.Unix(), 10), '.')
	var all []byte
	for _, secret := range secrets {
		key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, secretPrefix))
		if err != nil || len(key) == 0 {
			continue
		}
		mac := hmac.New(sha256.New, key)
		mac.Write(said)
		mac.Write(body)
		if len(all) > 0 {
			all = append(all, ' ')
		}
		all = base64.StdEncoding.AppendEncode(append(all, "v1,"...), mac.Sum(nil))
	}
	return string(all)
}
