package domain

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestANameIsReadAsPeopleLookForIt(t *testing.T) {
	for name, want := range map[string]string{
		"Maria da Silva":                                   "maria da silva",
		"  JOSÉ   Antônio ":                                "jose antonio",
		"D'Ávila":                                          "davila",
		"D’Ávila d`ávila":                                  "davila",
		"Jose\u0301 Gonc\u0327alves":                       "jose goncalves", // the accents as letters of their own
		"Ana-Clara / Pet & Cia.":                           "ana clara pet cia",
		"🐶 Thaís ❤️ Müller":                                "thais muller",
		"Ma\u200bria\u202e Souza":                          "maria souza", // nobody sees these
		"Straße Æon":                                       "strasse aeon",
		"Nakamura 中村":                                      "nakamura 中村",
		"Clínica 24h":                                      "clinica 24h",
		"'; DROP TABLE payers; --":                         "drop table payers",
		"<script>alert(1)</script>":                        "script alert 1",
		"\xff\xfeRui\x00Sá":                                "rui sa",
		strings.Repeat("Wolfeschlegel", 9):                 "wolfeschlegelwolfesc",
		strings.Repeat("a b c d e f g h i j k l m n ", 50): "a b c d e f g h i j k l",
		"": "", "!!!": "",
	} {
		require.Equal(t, want, strings.Join(NameWords(name), " "), "%q", name)
	}
}

func TestANameIsFiledUnderEveryBeginningOfThreeLettersAndMore(t *testing.T) {
	for name, want := range map[string]string{
		"Ana Sá":       "ana",
		"Ana Ana":      "ana",
		"João":         "joa joao",
		"Rita D'Ávila": "avi avil avila dav davi davil davila rit rita",
		"Li":           "",
		"🐶":            "",
	} {
		require.Equal(t, want, strings.Join(NameKeys(name), " "), "%q", name)
	}
	require.LessOrEqual(
		t,
		len(NameKeys(strings.Repeat("Abcdefghijklmnopqrstuvwxyz D'Zyxwvutsrqponmlkjihg ", 1000))),
		2*mostNameWords*mostNameLetters,
		"a hostile name costs little",
	)
}

func TestWhatIsTypedFindsANameByItsWordsInAnyOrder(t *testing.T) {
	finds := func(typed, name string) bool {
		keys := strings.Join(NameKeys(name), " ")
		for _, key := range SearchedName(typed) {
			if !strings.Contains(" "+keys+" ", " "+key+" ") {
				return false
			}
		}
		return SearchedName(typed) != nil
	}
	for _, row := range []struct {
		typed, name string
		want        bool
	}{
		{"maria", "Maria da Silva", true},
		{"SILVA maria", "Maria da Silva", true},
		{"maria da sil", "Maria da Silva", true},
		{"mar", "Maria da Silva", true},
		{"ma", "Maria da Silva", false},
		{"aria", "Maria da Silva", false},
		{"maria souza", "Maria da Silva", false},
		{"marias", "Maria da Silva", false},
		{"avila", "Rita D'Ávila", true},
		{"d'avila", "Rita D’Ávila", true},
		{"davila", "Rita D'Ávila", true},
		{"jose", "José", true},
		{"josé", "Jose", true},
		{"da", "Maria da Silva", false},
		{"", "Maria", false},
		{"%%%", "Maria", false},
		{strings.Repeat("w", 50), strings.Repeat("W", 60), true},
	} {
		require.Equal(t, row.want, finds(row.typed, row.name), "%q finds %q", row.typed, row.name)
	}
}
