package rest

import (
	"crypto/sha256"
	"encoding/base64"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestACursorOfThePreviousReleaseIsStillRead(t *testing.T) {
	sum := sha256.Sum256([]byte("audit ten_1"))
	old := base64.RawURLEncoding.EncodeToString(append(sum[:6:6], "42"...))
	at, err := PageInput{Cursor: old}.At("audit ten_1")
	require.NoError(t, err)
	require.Equal(t, "42", at)
	_, err = PageInput{Cursor: old}.At("audit ten_2")
	require.ErrorContains(t, err, "cursor_mismatch")
}

func TestACursorIsOfOneListAndItsFilters(t *testing.T) {
	key := func(s string) string { return s }
	in := PageInput{Limit: 2}
	page := Paged(in, "work ten_1 open", []string{"a", "b", "c"}, key)
	require.Equal(t, []string{"a", "b"}, page.Body.Data)
	require.True(t, page.Body.Page.HasMore)
	next := *page.Body.Page.NextCursor
	require.Contains(t, page.Link, "cursor="+next)
	require.LessOrEqual(t, len(next), 300, "the contract takes no longer one")
	at, err := PageInput{Cursor: next}.At("work ten_1 open")
	require.NoError(t, err)
	require.Equal(t, "b", at)
	for _, other := range []string{"work ten_1 all", "work ten_2 open", ""} {
		_, err = PageInput{Cursor: next}.At(other)
		require.ErrorContains(t, err, "cursor_mismatch")
	}
	for _, none := range []string{"x", "\x00", "bm9wZQ", "!"} {
		_, err = PageInput{Cursor: none}.At("work ten_1 open")
		require.ErrorContains(t, err, "cursor_mismatch")
	}
	require.Nil(t, Paged(in, "work ten_1 open", []string{"a", "b"}, key).Body.Page.NextCursor)
}
