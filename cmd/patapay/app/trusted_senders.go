package app

import (
	"log/slog"
	"net/netip"
	"os"
	"strings"
	"sync"
	"time"
)

// TrustedSenders is the set of trusted senders, which may change while the program runs: the
// gateway changes its list by e-mail, not by our deployments (it did in October 2024).
type TrustedSenders struct {
	Fixed Addresses
	File  string // "" none
	Log   *slog.Logger

	mu        sync.Mutex
	CheckedAt time.Time
	changed   time.Time
	listed    Addresses
}

// sendersAge is how long the file is not looked at again.
const sendersAge = 5 * time.Second

// Contains tells whether addr is trusted, by the setting or by the file as it is now.
func (s *TrustedSenders) Contains(addr netip.Addr) bool {
	return s.Fixed.Contains(addr) || s.File != "" && s.current().Contains(addr)
}

// current returns the file's addresses, read again when it changed. A file that cannot be
// read or understood changes nothing, and is told once a change.
func (s *TrustedSenders) current() Addresses {
	s.mu.Lock()
	defer s.mu.Unlock()
	if time.Since(s.CheckedAt) < sendersAge {
		return s.listed
	}
	s.CheckedAt = time.Now()
	info, err := os.Stat(s.File)
	if err != nil || info.ModTime().Equal(s.changed) {
		return s.listed
	}
	s.changed = info.ModTime()
	raw, err := os.ReadFile(s.File)
	var list Addresses
	if err == nil {
		err = list.UnmarshalText([]byte(strings.Join(strings.Fields(string(raw)), ",")))
	}
	if err != nil {
		s.Log.Warn("TRUSTED_SENDERS_FILE not understood; the list before it stays", "err", err)
		return s.listed
	}
	s.listed = list
	s.Log.Info("trusted senders read", "ranges", len(list))
	return s.listed
}
