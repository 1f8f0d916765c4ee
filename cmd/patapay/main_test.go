package main

import (
	"context"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/stretchr/testify/require"
)

// An exported field that is no flag makes kong refuse the whole program, whatever the command.
func TestTheProgramReadsItsCommandLine(t *testing.T) {
	parser, err := kong.New(&commands, kong.BindTo(t.Context(), (*context.Context)(nil)))
	require.NoError(t, err)
	_, err = parser.Parse([]string{"ledger", "verify", "ext:vida"})
	require.NoError(t, err)
	_, err = parser.Parse([]string{"events", "list", "--pause", "1s"})
	require.Error(t, err, "what tests set is no flag")
}
