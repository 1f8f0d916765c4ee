package docs

import (
	"encoding/json"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"patapay/domain/asaas"
)

var update = flag.Bool("update", false, "write the pages' copy of the events' names")

// eventNamesFile is the pages' copy of the names.
const eventNamesFile = "../../web/src/lib/event-names.json"

func TestThePagesCallEachEventAsTheDocumentationDoes(t *testing.T) {
	var b strings.Builder
	for i, n := range eventNames {
		key, err := json.Marshal(n.kind)
		require.NoError(t, err)
		text, err := json.Marshal(n.text)
		require.NoError(t, err)
		b.WriteString(map[bool]string{true: "{\n", false: ",\n"}[i == 0] + "  " + string(key) + ": " + string(text))
	}
	want := b.String() + "\n}\n"
	if *update {
		require.NoError(t, os.WriteFile(eventNamesFile, []byte(want), 0o644))
	}
	have, err := os.ReadFile(eventNamesFile)
	require.NoError(t, err)
	require.Equal(t, want, string(have), "go test ./api/docs -update writes the pages' copy")
}

func TestEveryNamedEventIsOfTheCatalogueAndNamedOnce(t *testing.T) {
	seen := map[string]bool{}
	for _, n := range eventNames {
		require.True(t, asaas.Known(n.kind), n.kind)
		require.False(t, seen[n.kind], n.kind)
		require.NotEmpty(t, n.text)
		seen[n.kind] = true
	}
	require.Equal(t, "Evento do Asaas", nameOf("BALANCE_VALUE_BLESSED"))
}

// Money that moved between two accounts was called “Evento do Asaas”, as everything was that nobody had named.
func TestEveryEventOfTheCatalogueHasAName(t *testing.T) {
	for _, kind := range asaas.Events() {
		require.NotEqual(t, nameOf("BALANCE_VALUE_BLESSED"), nameOf(kind), kind)
	}
}
