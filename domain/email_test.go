package domain

import "testing"

func TestAnEMailIsABareAddress(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"ana@clinica.com.br":       "ana@clinica.com.br",
		" Ana@Clinica.COM.br ":     "ana@clinica.com.br",
		"a.b+c@x.example":          "a.b+c@x.example",
		"Ana <ana@clinica.com.br>": "", "<ana@clinica.com.br>": "",
		`"a b"@x.example`: "", "ana@x.example (Ana)": "", "ana": "", "": "",
		"ana@x.example\r\nBcc: all@x.example": "", "ana@x.example,bia@x.example": "", "ana@": "", "@x.example": "",
	} {
		if got, ok := ParseEmail(text); got != want || ok != (want != "") {
			t.Errorf("%q: %q, %t", text, got, ok)
		}
	}
}
