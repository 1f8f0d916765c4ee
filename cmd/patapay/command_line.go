package main

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/alecthomas/kong"
)

// decimal are options of the command line's parser that read whole numbers as people write them:
// 010 is ten. By itself the parser takes a leading zero for the octal number eight.
func decimal() []kong.Option {
	var all []kong.Option
	for _, kind := range []reflect.Kind{
		reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64,
	} {
		all = append(all, kong.KindMapper(kind, kong.MapperFunc(decodeDecimal)))
	}
	return all
}

func decodeDecimal(ctx *kong.DecodeContext, target reflect.Value) error {
	t, err := ctx.Scan.PopValue("number")
	if err != nil {
		return err
	}
	text := fmt.Sprint(t.Value)
	if target.CanInt() {
		n, err := strconv.ParseInt(text, 10, target.Type().Bits())
		if err != nil {
			return fmt.Errorf("expected a whole number but got %q", text)
		}
		target.SetInt(n)
		return nil
	}
	n, err := strconv.ParseUint(text, 10, target.Type().Bits())
	if err != nil {
		return fmt.Errorf("expected a whole number of 0 or more but got %q", text)
	}
	target.SetUint(n)
	return nil
}

// withEquals writes -o=json as -o json, for every short flag that takes a value: by itself the
// parser takes the equals sign for a part of the value. Nothing is changed behind --.
func withEquals(model *kong.Application, args []string) []string {
	values := shortValues(model.Node)
	out := make([]string, 0, len(args))
	for i, arg := range args {
		if arg == "--" {
			return append(out, args[i:]...)
		}
		flag, value, has := strings.Cut(arg, "=")
		if has && len(flag) == 2 && flag[0] == '-' && values[rune(flag[1])] {
			out = append(out, flag, value)
			continue
		}
		out = append(out, arg)
	}
	return out
}

// shortValues are the letters of the short flags, of a command and all below it, that take a value.
func shortValues(n *kong.Node) map[rune]bool {
	all := map[rune]bool{}
	for _, f := range n.Flags {
		if f.Short != 0 && !f.IsBool() && !f.IsCounter() {
			all[f.Short] = true
		}
	}
	for _, child := range n.Children {
		for letter := range shortValues(child) {
			all[letter] = true
		}
	}
	return all
}
