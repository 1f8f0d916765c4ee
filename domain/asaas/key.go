package asaas

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"

	"patapay/domain"
)

// EventKeyOf returns the key and the id under which an event is stored: its own id, or
// "body:" and the SHA-256 of the body for one that has none (before March 2024 events had
// no id).
func EventKeyOf(env domain.Environment, id string, body []byte) (domain.EventKey, string) {
	if id == "" {
		sum := sha256.Sum256(body)
		id = "body:" + hex.EncodeToString(sum[:])
	}
	sum := sha256.Sum256([]byte(id))
	key := domain.EventKey{Environment: env, Seq: seqOf(id)}
	copy(key.Hash[:], sum[:])
	return key, id
}

// seqOf returns the number after the last & of an event id, 0 when there is none or it is
// no int64.
func seqOf(id string) int64 {
	at := strings.LastIndexByte(id, '&')
	if at < 0 || at+1 == len(id) {
		return 0
	}
	for _, c := range []byte(id[at+1:]) {
		if c < '0' || c > '9' {
			return 0
		}
	}
	n, err := strconv.ParseInt(id[at+1:], 10, 64)
	if err != nil {
		return 0
	}
	return n
}
