package auth

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/MicahParks/jwkset"
)

// keySet are the public keys of a JWK set (RFC 7517) that may verify tokens, by kid. One kid
// may stand for several keys, such as one for each algorithm (section 4.5).
type keySet map[string][]setKey

// setKey is a key and the algorithm that its set allows it for; "" is any that it fits.
type setKey struct {
	key any
	alg string
}

// Key returns the key of a kid that fits the algorithm.
func (s keySet) Key(kid, alg string) (any, bool) {
	for _, k := range s[kid] {
		if (k.alg == "" || sameAlgorithm(k.alg, alg)) && fits(alg, k.key) {
			return k.key, true
		}
	}
	return nil, false
}

// readKeySet reads a JWK set, from a file as from a URL. A key that is not understood, that
// is for something else or too weak is left out and said in skipped: it is nobody's reason
// to lock everybody out. It fails when the text is no set, or has no key that may verify.
func readKeySet(raw []byte) (set keySet, skipped []string, err error) {
	var text struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(raw, &text); err != nil {
		return nil, nil, errors.New("not a JWK set")
	}
	set = keySet{}
	for i, one := range text.Keys {
		kid, key, err := readKey(one)
		if err != nil {
			skipped = append(skipped, fmt.Sprintf("key %d (kid %.40q): %v", i+1, kid, err))
			continue
		}
		set[kid] = append(set[kid], key)
	}
	if len(set) == 0 {
		return nil, skipped, errors.New("no key in the set may verify tokens")
	}
	return set, skipped, nil
}

// readKey reads one key of a set. Only the members that make the public key are handed to
// the library: what else stands beside them, such as an X.509 chain, decides nothing here.
func readKey(raw json.RawMessage) (kid string, key setKey, err error) {
	var m jwkset.JWKMarshal
	if err := json.Unmarshal(raw, &m); err != nil {
		return "", key, errors.New("not understood")
	}
	switch {
	case !plainKid.MatchString(m.KID):
		return m.KID, key, errors.New("no plain kid")
	case m.USE != "" && m.USE != jwkset.UseSig:
		return m.KID, key, errors.New("not for signatures")
	case len(m.KEYOPS) > 0 && !slices.Contains(m.KEYOPS, jwkset.KeyOpsVerify):
		return m.KID, key, errors.New("not for verifying")
	}
	public := jwkset.JWKMarshal{KID: m.KID, KTY: m.KTY, CRV: m.CRV, X: m.X, Y: m.Y, N: m.N, E: m.E}
	jwk, err := jwkset.NewJWKFromMarshal(public, jwkset.JWKMarshalOptions{}, jwkset.JWKValidateOptions{SkipAll: true})
	if err != nil {
		return m.KID, key, errors.New("not understood")
	}
	key = setKey{jwk.Key(), string(m.ALG)}
	if !slices.ContainsFunc(believed, func(alg string) bool { _, ok := (keySet{"": {key}}).Key("", alg); return ok }) {
		return m.KID, key, errors.New("of no algorithm that is believed, or too weak")
	}
	return m.KID, key, nil
}
