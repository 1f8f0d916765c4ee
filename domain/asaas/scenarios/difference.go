package scenarios

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// Differences compares what a scenario expects with what an API showed, both as
// encoding/json decodes them, and returns one readable line for each place that differs.
// Of an object only the members that want names count; lists are compared whole; a number
// in want matches a money object by its amountCents.
func Differences(path string, want, got any) (lines []string) {
	switch w := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok {
			return []string{differ(path, want, got)}
		}
		for _, name := range slices.Sorted(maps.Keys(w)) {
			lines = append(lines, Differences(path+"."+name, w[name], g[name])...)
		}
	case []any:
		g, ok := got.([]any)
		if !ok || len(g) != len(w) {
			return []string{differ(path, want, got)}
		}
		for i := range w {
			lines = append(lines, Differences(fmt.Sprintf("%s[%d]", path, i), w[i], g[i])...)
		}
	case float64:
		if money, ok := got.(map[string]any); ok && money["amountCents"] != nil {
			got = money["amountCents"]
		}
		if got != want {
			lines = []string{differ(path, want, got)}
		}
	default:
		if got != want {
			lines = []string{differ(path, want, got)}
		}
	}
	return lines
}

func differ(path string, want, got any) string {
	return fmt.Sprintf("%s: want %s, got %s", path, jsonText(want), jsonText(got))
}

func jsonText(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(text)
}
