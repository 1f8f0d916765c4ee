package webhooks

import (
	"strings"
	"unicode"
)

// weakness says why the gateway refuses a token (docs/gateway.md, webhook configurations); "" for a
// good one.
func weakness(token string) string {
	switch {
	case len(token) < 32 || len(token) > 255:
		return "O token de autenticação deve ter entre 32 e 255 caracteres."
	case strings.ContainsFunc(token, unicode.IsSpace):
		return "O token de autenticação não pode conter espaços."
	case strings.HasPrefix(token, "$aact_"):
		return "O token de autenticação não pode ser uma chave de API."
	case run(token, 5, 1), run(token, 5, -1):
		return "O token de autenticação não pode conter sequências numéricas."
	case run(token, 4, 0):
		return "O token de autenticação não pode conter caracteres repetidos."
	}
	return ""
}

// run reports whether token has n characters in a row that each differ from the one
// before by step; a step other than 0 counts digits only.
func run(token string, n, step int) bool {
	length := 1
	for i := 1; i < len(token); i++ {
		digits := token[i] >= '0' && token[i] <= '9' && token[i-1] >= '0' && token[i-1] <= '9'
		if int(token[i])-int(token[i-1]) == step && (step == 0 || digits) {
			length++
		} else {
			length = 1
		}
		if length >= n {
			return true
		}
	}
	return false
}
