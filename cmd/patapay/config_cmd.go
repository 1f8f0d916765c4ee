package main

import (
	"fmt"
	"io"
	"os"
	"reflect"

	"patapay/cmd/patapay/app"
	"patapay/tenants/vault"

	"github.com/alecthomas/kong"
)

// configCmd documents the settings, or examines those that are there.
type configCmd struct {
	Check bool `help:"Examine the settings of this environment in place of listing all: name each fault, and open nothing."`
}

// Run prints every setting, its default and its meaning, as a Markdown table. With Check it fails with every fault of
// the environment's settings, none of whose values it shows.
func (c configCmd) Run(ctx *kong.Context) error {
	if !c.Check {
		return writeSettings(ctx.Stdout)
	}
	cfg, err := app.Load(os.Environ())
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(ctx.Stdout, "settings are good,", cfg.Environment)
	return err
}

func writeSettings(w io.Writer) (err error) {
	row := func(name, fallback, help string) {
		if err == nil {
			_, err = fmt.Fprintf(w, "| %s | %s | %s |\n", name, fallback, help)
		}
	}
	row("setting", "default", "meaning")
	row("---", "---", "---")
	app.EachSetting(func(name string, field reflect.StructField) {
		help, fallback := field.Tag.Get("help"), field.Tag.Get("envDefault")
		if fallback != "" {
			fallback = "`" + fallback + "`"
		}
		if field.Type == reflect.TypeFor[vault.Secret]() {
			help += " Secret; also as `" + name + "_FILE`."
		}
		row("`"+name+"`", fallback, help)
	})
	return err
}
