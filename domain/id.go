package domain

import (
	"crypto/sha256"
	"encoding/base32"
	"strings"
	"time"
)

// UUID is a 128-bit id. Ours are version 7: they start with the millisecond, so that
// rows made together lie together (RFC 9562, section 5.7).
type UUID [16]byte

// UUIDv7 returns the version 7 UUID of instant t whose 74 free bits come from tail.
func UUIDv7(t time.Time, tail [10]byte) UUID {
	var u UUID
	ms := t.UnixMilli()
	for i := range 6 {
		u[i] = byte(ms >> (40 - 8*i))
	}
	copy(u[6:], tail[:])
	u[6] = u[6]&0x0f | 0x70
	u[8] = u[8]&0x3f | 0x80
	return u
}

// UUIDOf returns the version 7 UUID that always stands for words first seen at t: folding
// the same history again gives the same id.
func UUIDOf(t time.Time, words ...string) UUID {
	sum := sha256.Sum256([]byte(strings.Join(words, "\x00")))
	return UUIDv7(t, [10]byte(sum[:10]))
}

// idText writes ids in base32 with an alphabet that keeps their order.
var idText = base32.NewEncoding("0123456789abcdefghijklmnopqrstuv").WithPadding(base32.NoPadding)

// PublicID returns an id as the world sees it, such as "ivc_06a1…" (docs/architecture.md, identifiers).
func PublicID(prefix string, id []byte) string { return prefix + "_" + idText.EncodeToString(id) }

// ParsePublicID returns the bytes behind a public id with this prefix and length; false
// for any other text.
func ParsePublicID(prefix, text string, length int) ([]byte, bool) {
	rest, ok := strings.CutPrefix(text, prefix+"_")
	if !ok {
		return nil, false
	}
	b, err := idText.DecodeString(rest)
	if err != nil || len(b) != length || idText.EncodeToString(b) != rest {
		return nil, false
	}
	return b, true
}

// Public returns u as the world sees it.
func (u UUID) Public(prefix string) string { return PublicID(prefix, u[:]) }

// ParseUUID returns the UUID behind a public id with this prefix; false for other text.
func ParseUUID(prefix, text string) (UUID, bool) {
	b, ok := ParsePublicID(prefix, text, 16)
	if !ok {
		return UUID{}, false
	}
	return UUID(b), true
}
