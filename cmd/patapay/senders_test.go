package main

import (
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"testing"
	"time"

	"patapay/cmd/patapay/app"

	"github.com/stretchr/testify/require"
)

func TestTrustedSendersChangeWithoutARestart(t *testing.T) {
	file := filepath.Join(t.TempDir(), "senders")
	write := func(text string, at time.Time) {
		require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
		require.NoError(t, os.Chtimes(file, at, at))
	}
	s := &app.TrustedSenders{
		Fixed: app.Addresses{netip.MustParsePrefix("52.67.12.206/32")},
		File:  file,
		Log:   slog.New(slog.DiscardHandler),
	}
	again := func() { s.CheckedAt = time.Time{} } // as if five seconds had passed
	in := func(ip string) bool { return s.Contains(netip.MustParseAddr(ip)) }
	start := time.Now().Add(-time.Hour)

	require.True(t, in("52.67.12.206"))
	require.False(t, in("203.0.113.7"), "no file yet")
	write("203.0.113.7\n198.51.100.0/24\n", start)
	again()
	require.True(t, in("203.0.113.7"))
	require.True(t, in("198.51.100.9"))
	write("not an address", start.Add(time.Minute))
	again()
	require.True(t, in("203.0.113.7"), "a faulty file changes nothing")
	write("198.51.100.9", start.Add(2*time.Minute))
	again()
	require.False(t, in("203.0.113.7"))
	require.True(t, in("52.67.12.206"), "the setting stays")
}
