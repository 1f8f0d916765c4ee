package main

import (
	"fmt"
	"io"
	"reflect"

	"patapay/cmd/patapay/app"
	"patapay/tenants/vault"

	"github.com/alecthomas/kong"
)

// configCmd documents the settings.
type configCmd struct{}

// Run prints every setting, its default and its meaning, as a Markdown table.
func (configCmd) Run(ctx *kong.Context) error { return writeSettings(ctx.Stdout) }

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
