package main

import (
	"fmt"
	"io"
	"os"
	"runtime"

	"patapay/cmd/patapay/app"
	"patapay/migrations"
)

// versionCmd tells which program this is: what a report of a fault begins with.
type versionCmd struct {
	out io.Writer // nil: standard output
}

// Run prints it on one line.
func (c versionCmd) Run() error {
	out := c.out
	if out == nil {
		out = os.Stdout
	}
	_, err := fmt.Fprintln(out, versionLine())
	return err
}

// versionLine names the program's version, the schema that it needs, and what built it.
func versionLine() string {
	return fmt.Sprintf(
		"patapay %s, schema %d, %s %s/%s", app.Version(), migrations.Newest(), runtime.Version(), runtime.GOOS,
		runtime.GOARCH,
	)
}
