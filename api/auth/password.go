package auth

import (
	"context"
	"sync"

	"github.com/alexedwards/argon2id"

	"patapay/domain"
)

// hashing is OWASP's first choice for argon2id: 19 MiB, two passes, one lane.
var hashing = &argon2id.Params{Memory: 19 * 1024, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}

const (
	minPassword = 8    // bytes
	maxPassword = 1024 // bytes
)

// HashPassword returns the argon2id hash of a password, with its parameters and salt. It
// fails with Invalid below 8 or above 1,024 bytes, and with ctx's error when the wait for
// one of two slots is too long.
func HashPassword(ctx context.Context, password string) (string, error) {
	if len(password) < minPassword || len(password) > maxPassword {
		return "", domain.Errorf(domain.Invalid, "A senha precisa ter de %d a %d caracteres.", minPassword, maxPassword)
	}
	if err := hashes.take(ctx, true); err != nil {
		return "", err
	}
	defer hashes.give()
	return argon2id.CreateHash(password, hashing)
}

// CheckPassword tells whether password has this hash. For hash "", a user who does not
// exist, it does the same work and says no. Who is known waits for no stranger; it fails when too many strangers
// wait, and with ctx's error.
func CheckPassword(ctx context.Context, password, hash string, known bool) (bool, error) {
	if len(password) > maxPassword {
		password = "" // as wrong as before, and no longer
	}
	if err := hashes.take(ctx, known); err != nil {
		return false, err
	}
	defer hashes.give()
	if hash == "" {
		_, err := argon2id.ComparePasswordAndHash(password, nobody())
		return false, err
	}
	return argon2id.ComparePasswordAndHash(password, hash)
}

// nobody is the hash that unknown users are compared with.
var nobody = sync.OnceValue(func() string {
	hash, err := argon2id.CreateHash("nobody's password", hashing)
	if err != nil {
		panic(err) // the parameters are constants
	}
	return hash
})
