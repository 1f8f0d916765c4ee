package v1

import (
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"patapay/api/problem"
	"patapay/domain"
)

// filtered sets the filters of a list's input as its address would: names and texts are the
// query's, and so is what is refused. Orders and pages belong to lists alone. It fails with
// Invalid, naming every filter that is wrong, never its value.
func filtered(input any, filter map[string]string) error {
	v := reflect.ValueOf(input).Elem()
	var wrong []problem.Field
	for name, text := range filter {
		code := "unknown_property"
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.Tag.Get("query") == name && name != "sort" && !f.Anonymous {
				code = set(v.Field(i).Addr().Interface(), f.Tag, text)
			}
		}
		if code != "" {
			wrong = append(wrong, problem.Field{Pointer: "/filter/" + shownName(name), Code: code})
		}
	}
	if wrong == nil {
		return nil
	}
	slices.SortFunc(wrong, func(a, b problem.Field) int { return strings.Compare(a.Pointer, b.Pointer) })
	return &problem.Error{Code: string(domain.Invalid), Fields: wrong}
}

// set reads text into one filter and returns what is wrong with it, "" when nothing is.
func set(into any, tag reflect.StructTag, text string) string {
	most, _ := strconv.Atoi(tag.Get("maxLength"))
	switch {
	case most > 0 && len([]rune(text)) > most:
		return "wrong_length"
	case text == "" || strings.ContainsRune(text, 0):
		return "wrong_format"
	}
	var err error
	switch into := into.(type) {
	case *string:
		*into = text
	case *[]string:
		*into = strings.Split(text, ",")
		if allowed := tag.Get("enum"); allowed != "" && slices.ContainsFunc(*into, func(one string) bool { return !slices.Contains(strings.Split(allowed, ","), one) }) {
			return "not_one_of_allowed"
		}
	case *int:
		*into, err = strconv.Atoi(text)
	case *given[int64]:
		into.V, err = strconv.ParseInt(text, 10, 64)
		into.OK = true
	case *given[time.Time]:
		into.V, err = time.Parse(time.RFC3339Nano, text)
		into.OK = true
	case *given[day]:
		_, err = time.Parse(time.DateOnly, text)
		into.V, into.OK = day(text), true
	default:
		return "unknown_property"
	}
	if err != nil {
		return "wrong_format"
	}
	return ""
}
