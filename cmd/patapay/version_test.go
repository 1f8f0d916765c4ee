package main

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/stretchr/testify/require"

	"patapay/cmd/patapay/app"
	"patapay/migrations"
)

func TestTheVersionIsACommandAndAFlag(t *testing.T) {
	want := fmt.Sprintf("patapay %s, schema %d, go1.", app.Version(), migrations.Newest())
	var command, flag bytes.Buffer
	require.NoError(t, versionCmd{out: &command}.Run())
	require.Contains(t, command.String(), want)

	left := -1
	parser, err := newParser(kong.Writers(&flag, &flag), kong.Exit(func(code int) { left = code; panic("left") }))
	require.NoError(t, err)
	require.PanicsWithValue(t, "left", func() { _, _ = parser.Parse([]string{"--version"}) })
	require.Zero(t, left)
	require.Equal(t, command.String(), flag.String())
	parsed, err := parser.Parse([]string{"version"})
	require.NoError(t, err)
	require.Equal(t, "version", parsed.Command())
}
