package vault

import (
	"crypto/hmac"
	"crypto/sha256"
	"slices"
)

// Peppers are the keys of the digests of webhook tokens, 32 bytes or more each: the newest, which makes digests, and
// while that one is being retired the one before, which is still tried.
type Peppers [][]byte

// PepperID names a pepper and tells nothing of it: it is a MAC under it, so that it needs no bookkeeping.
type PepperID [8]byte

// Digest is what is kept of a webhook token: its HMAC-SHA-256 under the newest pepper.
type Digest struct {
	Sum    [32]byte
	Pepper PepperID
	Old    []byte // the same under the pepper before; nil: there is none
}

// Digest returns what is kept of a token.
func (p Peppers) Digest(token string) Digest {
	d := Digest{Sum: keyed(p[0], token), Pepper: p.Newest()}
	if len(p) > 1 {
		old := keyed(p[1], token)
		d.Old = old[:]
	}
	return d
}

// Newest returns the name of the pepper that makes digests.
func (p Peppers) Newest() PepperID { return p.ids()[0] }

// Oldest returns the pepper that came before the others.
func (p Peppers) Oldest() []byte { return p[len(p)-1] }

// Has tells whether the pepper of this name is among them.
func (p Peppers) Has(id PepperID) bool { return slices.Contains(p.ids(), id) }

// IDs returns the names of the peppers, the oldest first.
func (p Peppers) IDs() []PepperID {
	list := p.ids()
	slices.Reverse(list)
	return list
}

func (p Peppers) ids() (list []PepperID) {
	for _, pepper := range p {
		sum := keyed(pepper, "patapay pepper 1")
		list = append(list, PepperID(sum[:8]))
	}
	return list
}

func keyed(pepper []byte, text string) [32]byte {
	m := hmac.New(sha256.New, pepper)
	m.Write([]byte(text))
	return [32]byte(m.Sum(nil))
}
