package domain

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
)

// Bytes returns the key as 26 bytes: environment, seq, hash.
func (k EventKey) Bytes() []byte {
	b := binary.BigEndian.AppendUint16(make([]byte, 0, 26), uint16(k.Environment))
	b = binary.BigEndian.AppendUint64(b, uint64(k.Seq))
	return append(b, k.Hash[:]...)
}

// EventKeyFrom returns the key that Bytes wrote; false for any other length.
func EventKeyFrom(b []byte) (EventKey, bool) {
	if len(b) != 26 {
		return EventKey{}, false
	}
	return EventKey{
		Environment: Environment(binary.BigEndian.Uint16(b)),
		Seq:         int64(binary.BigEndian.Uint64(b[2:])),
		Hash:        [16]byte(b[10:]),
	}, true
}

// Public returns the key as the world sees it, `rev_…`: the event is found without an
// index of its own.
func (k EventKey) Public() string { return PublicID("rev", k.Bytes()) }

// ParseEventKey returns the key behind a public event id; false for other text.
func ParseEventKey(text string) (EventKey, bool) {
	b, ok := ParsePublicID("rev", text, 26)
	if !ok {
		return EventKey{}, false
	}
	return EventKeyFrom(b)
}

// MarshalText writes the key as "environment.seq.hash", hash in hex.
func (k EventKey) MarshalText() ([]byte, error) {
	return fmt.Appendf(nil, "%d.%d.%x", k.Environment, k.Seq, k.Hash), nil
}

// UnmarshalText reads what MarshalText wrote.
func (k *EventKey) UnmarshalText(text []byte) error {
	part := strings.Split(string(text), ".")
	if len(part) != 3 {
		return Errorf(Invalid, "not an event key")
	}
	env, err1 := strconv.ParseInt(part[0], 10, 16)
	seq, err2 := strconv.ParseInt(part[1], 10, 64)
	hash, err3 := hex.DecodeString(part[2])
	if err1 != nil || err2 != nil || err3 != nil || len(hash) != 16 {
		return Errorf(Invalid, "not an event key")
	}
	*k = EventKey{Environment: Environment(env), Seq: seq, Hash: [16]byte(hash)}
	return nil
}
