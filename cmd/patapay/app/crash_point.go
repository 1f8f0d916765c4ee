package app

import (
	"os"
	"syscall"
)

// crashPoint returns a function that kills this process as it passes the point
// that PATAPAY_CRASH_AT names, as kill -9 would; nil when none is named. Fault tests use it
// on the real binary; a production start refuses the variable.
func crashPoint() func(string) {
	at := os.Getenv("PATAPAY_CRASH_AT")
	if at == "" {
		return nil
	}
	return func(point string) {
		if point == at {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {}
		}
	}
}
