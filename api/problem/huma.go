package problem

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
)

// Configure makes huma answer errors as problems: it sets huma's error constructors, which
// are global to the process, and adds a transformer to cfg that fills language, request
// id and path. It also drops huma's $schema field, which is made of the Host header. Call
// it before humagin.New.
func Configure(cfg *huma.Config) {
	install()
	cfg.CreateHooks = nil
	cfg.Transformers = append(cfg.Transformers, fill)
}

// install sets huma's globals, once: a second router may be made while the first one answers.
var install = sync.OnceFunc(func() {
	huma.ValidateStrictCasing = true // what is read is matched letter by letter: so is what is checked
	huma.NewError = func(status int, _ string, errs ...error) huma.StatusError {
		return fromHuma(status, errs)
	}
	huma.NewErrorWithContext = func(_ huma.Context, status int, _ string, errs ...error) huma.StatusError {
		return fromHuma(status, errs)
	}
})

// fromHuma takes status and places from huma and none of its words: they repeat values.
func fromHuma(status int, errs []error) *Problem {
	if status >= 500 || status == 0 { // a handler's own error, or none: the example for the schema
		return From(errors.Join(errs...))
	}
	p := kindOfStatus(status).problem(errors.Join(errs...), "")
	for _, err := range errs {
		if err != nil {
			p.Errors = append(p.Errors, fieldOf(err))
		}
	}
	return p.in(portuguese, "", "")
}

// fill completes a problem with what the request says and notes its cause for the log.
func fill(ctx huma.Context, _ string, body any) (any, error) {
	p, ok := body.(*Problem)
	if !ok {
		return body, nil
	}
	accept, url := ctx.Header("Accept-Language"), ctx.URL()
	if p.cause != nil {
		_ = humagin.Unwrap(ctx).Error(p.cause)
	}
	if p.Status == 401 {
		ctx.SetHeader("WWW-Authenticate", "Bearer")
	}
	ctx.SetHeader("Content-Language", p.language(accept))
	return p.in(languageOf(accept), url.Path, RequestID(ctx.Context())), nil
}

// fieldTexts are the sentences of the codes that validation gives.
var fieldTexts = map[string]texts{
	"required":           {"Informe este campo.", "This field is required."},
	"unknown_property":   {"Este campo não existe aqui.", "This field does not exist here."},
	"unknown_parameter":  {"Este parâmetro não existe aqui.", "This parameter does not exist here."},
	"wrong_type":         {"O tipo do valor não é o esperado.", "The value is not of the expected type."},
	"wrong_format":       {"O valor não tem o formato esperado.", "The value does not have the expected format."},
	"wrong_length":       {"O tamanho está fora do permitido.", "The length is out of range."},
	"out_of_range":       {"O número está fora do permitido.", "The number is out of range."},
	"not_one_of_allowed": {"O valor não é um dos permitidos.", "The value is not one of those allowed."},
	"invalid":            {"O valor não é válido.", "The value is not valid."},
}

// fieldCodes maps the beginnings of huma's messages (package huma/validation) to ours;
// the first that fits counts.
var fieldCodes = []struct{ message, code string }{
	{"unexpected property", "unknown_property"},
	{"expected required property", "required"},
	{"expected property", "required"},
	{"required", "required"},
	{"expected value to be one of", "not_one_of_allowed"},
	{"expected number ", "out_of_range"},
	{"expected length", "wrong_length"},
	{"expected array length", "wrong_length"},
	{"expected object with", "wrong_length"},
	{"expected string to", "wrong_format"},
	{"expected duration", "wrong_format"},
	{"expected array items", "invalid"},
	{"expected value", "invalid"},
	{"expected ", "wrong_type"},
	{"invalid character", "invalid"}, // of JSON
	{"invalid date/time", "wrong_format"},
	{"invalid ", "wrong_type"},
}

// plainName is a property name we repeat; anything else might be a pasted secret.
var plainName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_.-]{0,39}$`)

// fieldOf returns the place and our code of one validation error, never its value.
func fieldOf(err error) Field {
	var ours *Field
	if errors.As(err, &ours) {
		return *ours
	}
	var detailer huma.ErrorDetailer
	if !errors.As(err, &detailer) {
		return Field{Code: "invalid"}
	}
	d := detailer.ErrorDetail()
	location := d.Location
	var name string
	if n, _ := fmt.Sscanf(d.Message, "expected required property %s to be present", &name); n == 1 {
		location += "." + name // huma names the object that lacks it
	}
	f := place(location, codeOf(d.Message))
	f.Allowed, f.form = allowedOf(d.Message)
	return f
}

// allowedOf returns what the schema allows, in the words of one of huma's messages: a list of
// values, or the bound or form of one. They are the contract's own words, never the caller's.
func allowedOf(message string) (list []string, form string) {
	if words, is := strings.CutPrefix(message, `expected value to be one of "`); is {
		return strings.Split(strings.TrimSuffix(words, `"`), ", "), ""
	}
	if strings.HasPrefix(message, "invalid date/time") || strings.Contains(message, "RFC 3339 date-time") {
		return nil, "2026-11-01T00:00:00-03:00"
	}
	if strings.HasSuffix(message, "RFC 3339 date") {
		return nil, "2026-11-01"
	}
	for _, begin := range []string{"expected number ", "expected length ", "expected array length "} {
		if bound, is := strings.CutPrefix(message, begin); is && len(bound) < 40 {
			return nil, bound
		}
	}
	return nil, ""
}

func codeOf(message string) string {
	for _, row := range fieldCodes {
		if strings.HasPrefix(message, row.message) {
			return row.code
		}
	}
	return "invalid"
}

// place turns huma's location, body.items[3].name or query.limit, into a JSON pointer or
// a parameter's name, and stops at the first name that is not plain.
func place(location, code string) Field {
	parts := strings.FieldsFunc(location, func(r rune) bool { return r == '.' || r == '[' || r == ']' })
	if len(parts) == 0 {
		return Field{Code: code}
	}
	if parts[0] != "body" {
		name := strings.Join(parts[1:], ".")
		if !plainName.MatchString(name) {
			name = ""
		}
		return Field{Parameter: name, Code: code}
	}
	var pointer strings.Builder
	for _, part := range parts[1:] {
		if !plainName.MatchString(part) && !isIndex(part) {
			break
		}
		pointer.WriteString("/" + part)
	}
	return Field{Pointer: pointer.String(), Code: code}
}

func isIndex(s string) bool {
	return s != "" && len(s) <= 6 && strings.Trim(s, "0123456789") == ""
}
