package docs

import "strings"

// release is one state of the contract and what it changed.
type release struct {
	Title string
	Lines []string
}

// releases reads changelog.md: "## " begins a release, "- " a change.
func releases(text string) (list []release) {
	for _, line := range strings.Split(text, "\n") {
		if title, is := strings.CutPrefix(line, "## "); is {
			list = append(list, release{Title: title})
		}
		if change, is := strings.CutPrefix(line, "- "); is && len(list) > 0 {
			last := &list[len(list)-1]
			last.Lines = append(last.Lines, change)
		}
	}
	return list
}
