// Package contract tells which changes of the API's document break a program that was
// written against an older one. Its one rule: what a program may send stays accepted, what
// it may read stays there; everything else may grow (docs/api-guide.md). Only tests use it.
package contract

import (
	"fmt"
	"slices"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/oasdiff/oasdiff/checker"
	"github.com/oasdiff/oasdiff/diff"
	"github.com/oasdiff/oasdiff/load"
)

// severities are where this contract judges otherwise than oasdiff, which asks whether an
// answer stays valid under the older schema. Ours promises more in some places, for a
// program waits for what it knows; and less in others, for readers ignore what they do not.
var severities = map[string]checker.Level{
	// A client's method is named after the operation.
	checker.APIOperationIdRemovedId: checker.ERR,
	// A program that waits for a word, a form, a header or an optional member waits in vain.
	checker.ResponsePropertyEnumValueRemovedId:  checker.ERR,
	checker.ResponseMediaTypeEnumValueRemovedId: checker.ERR,
	checker.ResponseBodyAnyOfRemovedId:          checker.ERR,
	checker.ResponsePropertyAnyOfRemovedId:      checker.ERR,
	checker.OptionalResponseHeaderRemovedId:     checker.ERR,
	checker.ResponseOptionalPropertyRemovedId:   checker.ERR,
	// What is left out means something else.
	checker.RequestBodyDefaultValueChangedId:      checker.ERR,
	checker.RequestBodyDefaultValueRemovedId:      checker.ERR,
	checker.RequestPropertyDefaultValueChangedId:  checker.ERR,
	checker.RequestPropertyDefaultValueRemovedId:  checker.ERR,
	checker.RequestParameterDefaultValueChangedId: checker.ERR,
	checker.RequestParameterDefaultValueRemovedId: checker.ERR,
	// An answer may know more words and more forms.
	checker.ResponsePropertyEnumValueAddedId:  checker.INFO,
	checker.ResponseMediaTypeEnumValueAddedId: checker.INFO,
	checker.ResponseBodyAnyOfAddedId:          checker.INFO,
	checker.ResponsePropertyAnyOfAddedId:      checker.INFO,
}

// Breaking returns one line for each change from old to new, both OpenAPI 3.1 in JSON, that
// breaks a program written against old; sorted. An answer may gain members and its enums
// words (readers ignore what they do not know); a request may gain what is optional.
func Breaking(old, new []byte) ([]string, error) {
	var documents [2]*load.SpecInfo
	for i, raw := range [][]byte{old, new} {
		document, err := openapi3.NewLoader().LoadFromData(raw)
		if err != nil {
			return nil, err
		}
		documents[i] = &load.SpecInfo{Spec: document}
	}
	found, sources, err := diff.GetWithOperationsSourcesMap(diff.NewConfig(), documents[0], documents[1])
	if err != nil {
		return nil, err
	}
	lines, words := answersGone(found), checker.NewDefaultLocalizer()
	config := checker.NewConfig(checker.GetAllChecks(), checker.WithSeverityLevels(severities))
	for _, change := range checker.CheckBackwardCompatibility(config, found, sources) {
		text := change.GetUncolorizedText(words)
		lines = append(lines, fmt.Sprintf("%s %s: %s (%s)", change.GetOperation(), change.GetPath(), text, change.GetId()))
	}
	slices.Sort(lines)
	return slices.Compact(lines), nil
}

// answersGone is a rule of our own: oasdiff passes over an answer that has no number, as
// `default` has none, in which every operation promises how its errors look; and what stands
// under a number for an error may go, if it is asked.
func answersGone(found *diff.Diff) (lines []string) {
	if found == nil || found.PathsDiff == nil {
		return nil
	}
	for path, item := range found.PathsDiff.Modified {
		if item.OperationsDiff == nil {
			continue
		}
		for method, operation := range item.OperationsDiff.Modified {
			if operation.ResponsesDiff == nil {
				continue
			}
			for _, status := range operation.ResponsesDiff.Deleted {
				lines = append(lines, fmt.Sprintf("%s %s: answer %s is gone", method, path, status))
			}
		}
	}
	return lines
}
