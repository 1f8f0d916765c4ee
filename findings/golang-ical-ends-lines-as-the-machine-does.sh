#!/bin/sh
# What: github.com/arran4/golang-ical v0.3.4 ends the lines of a calendar as the machine does that writes it: on Linux
# with a bare LF. RFC 5545, section 3.1, has every content line end with CRLF.
# Why it surprises: the same program makes a calendar by the standard on Windows alone; readers that split lines at CRLF
# see one long line. The option WithNewLineWindows writes what the RFC asks for.
# Seen: 2026-11-29, on Linux. The script fails when the behaviour changes. It needs Go and its registry, and nothing of
# PataPay.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
cat > go.mod <<'EOF'
module finding

go 1.24

require github.com/arran4/golang-ical v0.3.4
EOF
cat > main.go <<'EOF'
package main

import (
	"fmt"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"
)

func main() {
	calendar := ics.NewCalendar()
	event := calendar.AddEvent("deadline-1@clinic.example")
	event.SetDtStampTime(time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC))
	event.SetAllDayStartAt(time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC))
	event.SetSummary("Dispute: documents")
	for name, text := range map[string]string{
		"as it comes":            calendar.Serialize(),
		"with WithNewLineWindows": calendar.Serialize(ics.WithNewLineWindows),
	} {
		fmt.Printf("%s: %d lines, %d end with CRLF\n", name, strings.Count(text, "\n"), strings.Count(text, "\r\n"))
	}
}
EOF
go mod tidy >/dev/null 2>&1
cat > want <<'EOF'
as it comes: 10 lines, 0 end with CRLF
with WithNewLineWindows: 10 lines, 10 end with CRLF
EOF
go run . | LC_ALL=C sort | tee got
cmp want got
