package rest

import (
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"strings"

	"patapay/api/problem"
)

// VersionTag returns the strong entity tag of a version (RFC 9110, section 8.8.3).
func VersionTag(version int) string { return `"` + strconv.Itoa(version) + `"` }

// RequireMatch fails with precondition_required without an If-Match, and with
// precondition_failed when it names another version: nobody overwrites what they have
// not seen.
func RequireMatch(ifMatch, etag string) error {
	switch {
	case strings.TrimSpace(ifMatch) == "":
		return &problem.Error{
			Code:   "precondition_required",
			Fields: []problem.Field{{Parameter: "If-Match", Code: "required"}},
		}
	case !hasTag(ifMatch, etag):
		return &problem.Error{Code: "precondition_failed"}
	}
	return nil
}

// hasTag tells whether a list of entity tags holds etag, or is the wildcard.
func hasTag(list, etag string) bool {
	for tag := range strings.SplitSeq(list, ",") {
		if tag = strings.TrimSpace(tag); tag == etag || tag == "*" {
			return true
		}
	}
	return false
}

// sameTag tells whether a list of entity tags holds etag by the weak comparison of If-None-Match
// (RFC 9110, section 13.1.2), or is the wildcard: a proxy that compresses makes strong tags weak.
func sameTag(list, etag string) bool {
	for tag := range strings.SplitSeq(list, ",") {
		tag = strings.TrimSpace(tag)
		if tag == "*" || strings.TrimPrefix(tag, "W/") == strings.TrimPrefix(etag, "W/") {
			return true
		}
	}
	return false
}

// ContentTag returns the entity tag of a text: of what has no version.
func ContentTag(text []byte) string {
	sum := sha256.Sum256(text)
	return `"` + base64.RawURLEncoding.EncodeToString(sum[:9]) + `"`
}
