package accounts

import (
	"fmt"
	"hash/fnv"
	"strings"
	"unicode"
)

// Forms says which forms the ids of charges and the public addresses of an account have: those of
// before November 2026 or those of since (docs/gateway.md, identifiers).
type Forms string

// MixedForms is the change half done, as it was in production: each account has one of the forms,
// by its id, about half of them the new one.
const (
	MixedForms Forms = ""
	OldForms   Forms = "old"
	NewForms   Forms = "new"
)

// FormsOf returns the forms that a word stands for; any other than old and new is both, mixed.
func FormsOf(word string) Forms {
	if f := Forms(word); f == OldForms || f == NewForms {
		return f
	}
	return MixedForms
}

// ofAccount returns the forms that one account has.
func (f Forms) ofAccount(id string) Forms {
	if f != MixedForms {
		return f
	}
	if hashOf(id)%2 == 0 {
		return OldForms
	}
	return NewForms
}

// hashOf spreads texts evenly over numbers, the same in every run.
func hashOf(text string) uint32 {
	h := fnv.New32a()
	_, _ = h.Write([]byte(text)) // never fails
	return h.Sum32()>>7 ^ h.Sum32()
}

const anyAlnum = lowerAlnum + "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

// chargeID returns the id of the account's next charge. Every second one of the new form differs
// from the one before in the case of letters alone: a receiver that takes the two for one shows
// the wrong money in every flow.
func (v *Scene) chargeID() string {
	if looks := v.Looks(); looks.ID != "" {
		return looks.id(v.World)
	}
	if v.Books.Forms != NewForms {
		return "pay_" + v.World.RandomID(lowerAlnum, 16)
	}
	if n := len(v.Books.Payments); n%2 == 1 {
		twin := "pay_" + otherCase(strings.TrimPrefix(v.Books.Payments[n-1].ID, "pay_"))
		if v.Books.Payment(twin) == nil {
			return twin
		}
	}
	return NewPaymentID(func(n int) int { return v.World.Rand.IntN(n) })
}

// NewPaymentID returns an id of the form that charges have since November 2026; below returns a
// random number below n.
func NewPaymentID(below func(n int) int) string {
	b := make([]byte, 14)
	for i := range b {
		b[i] = anyAlnum[below(len(anyAlnum))]
	}
	return fmt.Sprintf("pay_%d_%s", 1+below(9), b)
}

// otherCase returns text with the case of every letter turned.
func otherCase(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsUpper(r) {
			return unicode.ToLower(r)
		}
		return unicode.ToUpper(r)
	}, text)
}

// segment is what public addresses have before their path since September 2026: "/000", or
// another number of the kind; "" before.
func (f Forms) segment(account string) string {
	if f != NewForms {
		return ""
	}
	return fmt.Sprintf("/%03d", hashOf(account)/2%3)
}
