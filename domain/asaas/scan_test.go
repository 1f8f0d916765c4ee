package asaas

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// bytewise is plainEnd, one byte after the other.
func bytewise(b []byte, i int) int {
	for i < len(b) && b[i] >= 0x20 && b[i] != '"' && b[i] != '\\' {
		i++
	}
	return i
}

func TestEightBytesAtOnceEndWhereOneByOneDo(t *testing.T) {
	t.Parallel()
	for at := range 24 { // every byte at every place of a word, and behind the last word
		for c := range 256 {
			b := bytes.Repeat([]byte{'a'}, 24)
			b[at] = byte(c)
			if got, want := plainEnd(b, 0), bytewise(b, 0); got != want {
				t.Fatalf("%#x at %d: %d, want %d", c, at, got, want)
			}
		}
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for range 200_000 {
		b := make([]byte, rng.IntN(40))
		for i := range b {
			b[i] = byte(rng.IntN(256))
			if rng.IntN(3) > 0 {
				// what a borrow may take for another
				b[i] = "\x1f\x20\x21\x22\x23\x5b\x5c\x5d\x7f\x80\x9f\xa0\xa2\xdc\xff a"[rng.IntN(17)]
			}
		}
		from := rng.IntN(len(b) + 1)
		if got, want := plainEnd(b, from), bytewise(b, from); got != want {
			t.Fatalf("%q from %d: %d, want %d", b, from, got, want)
		}
	}
}
