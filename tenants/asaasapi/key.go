package asaasapi

import (
	"crypto/rand"
	"strings"
	"unicode"

	"patapay/domain"
	"patapay/tenants/vault"
)

// KeyPrefix is how every API key of Asaas begins.
const KeyPrefix = "$aact_"

// CleanKey makes a usable key of what a person pasted: blanks around it and zero-width
// characters are dropped, a lost `$` is completed (note dollar_completed). The
// environment comes from the prefix, 0 for an older key that names none (note
// unknown_prefix). It fails with required, inner_whitespace, looks_like_wallet or
// not_asaas_key (key messages).
func CleanKey(pasted vault.Secret) (cleaned vault.Secret, env domain.Environment, notes []string, err *Error) {
	key := trim(pasted.Reveal())
	switch {
	case key == "":
		return cleaned, 0, nil, &Error{Code: Required}
	case strings.ContainsFunc(key, unicode.IsSpace):
		return cleaned, 0, nil, &Error{Code: InnerWhitespace}
	case isUUID(key):
		return cleaned, 0, nil, &Error{Code: LooksLikeWallet}
	}
	if strings.HasPrefix(key, KeyPrefix[1:]) {
		key, notes = "$"+key, append(notes, string(DollarCompleted))
	}
	rest, ours := strings.CutPrefix(key, KeyPrefix)
	if !ours || !printable(rest) {
		return cleaned, 0, nil, &Error{Code: NotAsaasKey}
	}
	switch {
	case strings.HasPrefix(rest, "prod_"):
		env = domain.Production
	case strings.HasPrefix(rest, "hmlg_"):
		env = domain.Sandbox
	default:
		notes = append(notes, string(UnknownPrefix))
	}
	return vault.NewSecret(key), env, notes, nil
}

// CheckEnvironment fails with wrong_environment when a key's prefix names another
// environment than the chosen one. A key that names none passes.
func CheckEnvironment(key, chosen domain.Environment) *Error {
	if key == 0 || chosen == 0 || key == chosen {
		return nil
	}
	return &Error{Code: WrongEnvironment, Environment: chosen}
}

// CheckWallet makes a wallet ID of what a person pasted, in lower case. It fails with
// required for nothing and with invalid_wallet for anything without the 36 characters.
func CheckWallet(pasted string) (wallet string, err *Error) {
	wallet = strings.ToLower(trim(pasted))
	switch {
	case wallet == "":
		return "", &Error{Code: Required}
	case !isUUID(wallet):
		return "", &Error{Code: InvalidWallet}
	}
	return wallet, nil
}

// trim drops zero-width characters anywhere and blanks around.
func trim(pasted string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) { // zero-width space and joiners, byte order mark, soft hyphen …
			return -1
		}
		return r
	}, pasted))
}

// isUUID reports whether text has the form 8-4-4-4-12 in hexadecimal.
func isUUID(text string) bool {
	if len(text) != 36 {
		return false
	}
	for i := range len(text) {
		dash := i == 8 || i == 13 || i == 18 || i == 23
		if dash != (text[i] == '-') || !dash && !strings.ContainsRune("0123456789abcdefABCDEF", rune(text[i])) {
			return false
		}
	}
	return true
}

// printable reports whether a key's tail can travel in a header: 1 to 500 visible ASCII
// characters.
func printable(tail string) bool {
	for i := range len(tail) {
		if tail[i] <= ' ' || tail[i] > '~' {
			return false
		}
	}
	return tail != "" && len(tail) <= 500
}

const tokenAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

// NewWebhookToken returns a fresh token for a webhook: 48 characters A–Z a–z 0–9, drawn
// again until no 4 are equal in a row and no 4 digits follow each other (what
// the gateway refuses: docs/gateway.md, webhook configurations).
func NewWebhookToken() vault.Secret {
	for {
		if token := draw(48); !weak(token) {
			return vault.NewSecret(token)
		}
	}
}

// draw returns n characters of the alphabet, each equally likely: bytes from 248 on are
// skipped, because 256 is no multiple of 62.
func draw(n int) string {
	out, pool := make([]byte, 0, n), make([]byte, 2*n)
	for len(out) < n {
		rand.Read(pool) // never fails since Go 1.24
		for _, b := range pool {
			if b < 248 && len(out) < n {
				out = append(out, tokenAlphabet[b%62])
			}
		}
	}
	return string(out)
}

func weak(token string) bool {
	equal, digits := 1, 0
	for i := range len(token) {
		if i > 0 && token[i] == token[i-1] {
			equal++
		} else {
			equal = 1
		}
		digits++
		if token[i] < '0' || token[i] > '9' {
			digits = 0
		}
		if equal >= 4 || digits >= 4 {
			return true
		}
	}
	return false
}
