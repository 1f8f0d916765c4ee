package exports

import (
	"errors"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"patapay/api/problem"
	"patapay/api/rest"
	"patapay/api/v1/events"
	"patapay/api/v1/invoices"
	v1ledger "patapay/api/v1/ledger"
	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/exports"
)

// narrowing makes a request of a list's filter: names in it are looked up.
type narrowing func(*tenants.Tx, rest.ClinicView) (exports.Request, error)

// narrowed reads the filter of a kind of file. It fails with Invalid for a filter that the
// list of the kind does not have.
func narrowed(kind, format string, filter map[string]string) (narrowing, error) {
	if format == "ofx" {
		return narrowedOFX(kind, filter)
	}
	switch kind {
	case "invoices":
		in := &invoices.InvoiceQuery{}
		return func(tx *tenants.Tx, l rest.ClinicView) (exports.Request, error) {
			f, err := in.Filter(tx, l)
			return exports.Request{Invoices: exports.InvoicesOf(f)}, inFilter(err)
		}, filtered(in, filter)
	case "checkouts":
		in := &invoices.CheckoutQuery{}
		return func(tx *tenants.Tx, _ rest.ClinicView) (exports.Request, error) {
			f, err := in.Filter(tx)
			return exports.Request{Checkouts: &f}, inFilter(err)
		}, filtered(in, filter)
	case "anticipations":
		in := &invoices.AnticipationQuery{}
		return func(tx *tenants.Tx, _ rest.ClinicView) (exports.Request, error) {
			f, err := in.Filter(tx)
			return exports.Request{Anticipations: &f}, inFilter(err)
		}, filtered(in, filter)
	case "events":
		in := &events.EventQuery{}
		return func(tx *tenants.Tx, l rest.ClinicView) (exports.Request, error) {
			f, err := in.Filter(tx, l)
			return exports.Request{Events: exports.EventsOf(f)}, inFilter(err)
		}, filtered(in, filter)
	case "ledger":
		in := &v1ledger.ListLedgerInput{}
		return func(*tenants.Tx, rest.ClinicView) (exports.Request, error) {
			return exports.Request{Ledger: new(in.Filter())}, nil
		}, filtered(in, filter)
	case "statement":
		in := &v1ledger.ListLedgerInput{}
		return func(*tenants.Tx, rest.ClinicView) (exports.Request, error) {
			return exports.Request{Statement: new(in.Filter())}, nil
		}, filtered(in, filter)
	}
	return nil, &problem.Error{
		Code:   string(domain.Invalid),
		Fields: []problem.Field{{Pointer: "/kind", Code: "not_one_of_allowed"}},
	}
}

// narrowedOFX reads the filter of a file for accounting programs: only the balance at Asaas is an account of a bank.
func narrowedOFX(kind string, filter map[string]string) (narrowing, error) {
	wrong := func(pointer, detail string) error {
		field := problem.Field{Pointer: pointer, Code: "not_one_of_allowed", Detail: detail}
		return &problem.Error{Code: string(domain.Invalid), Fields: []problem.Field{field}}
	}
	if kind != "statement" {
		return nil, wrong("/format", "Só o extrato sai em OFX.")
	}
	in := &v1ledger.ListLedgerInput{}
	if err := filtered(in, filter); err != nil {
		return nil, err
	}
	if in.Account != "" && in.Account != string(domain.AccountAvailable) {
		return nil, wrong("/filter/account", "Só o saldo no Asaas (asaas_available) sai em OFX.")
	}
	return func(*tenants.Tx, rest.ClinicView) (exports.Request, error) {
		return exports.Request{OFX: &exports.OFX{BookingFilter: in.Filter()}}, nil
	}, nil
}

// inFilter names the filter of a file where a list would name its parameter.
func inFilter(err error) error {
	var told *problem.Error
	if errors.As(err, &told) {
		for i := range told.Fields {
			told.Fields[i] = problem.Field{
				Pointer: "/filter/" + told.Fields[i].Parameter,
				Code:    told.Fields[i].Code,
				Detail:  told.Fields[i].Detail,
			}
		}
	}
	return err
}

// filtered sets the filters of a list's input as its address would: names and texts are the
// query's, and so is what is refused. Orders and pages belong to lists alone. It fails with
// Invalid, naming every filter that is wrong, never its value.
func filtered(input any, filter map[string]string) error {
	v := reflect.ValueOf(input).Elem()
	var wrong []problem.Field
	for name, text := range filter {
		if code := fill(v, name, text); code != "" {
			wrong = append(wrong, problem.Field{Pointer: "/filter/" + rest.PrintableName(name), Code: code})
		}
	}
	if wrong == nil {
		return nil
	}
	slices.SortFunc(wrong, func(a, b problem.Field) int { return strings.Compare(a.Pointer, b.Pointer) })
	return &problem.Error{Code: string(domain.Invalid), Fields: wrong}
}

// fill finds the filter of a name among an input's fields and sets it; it returns what is
// wrong with it. Inputs share their filters by embedding them, as they do the parts of a
// list that no file has: places, orders, members.
func fill(v reflect.Value, name, text string) string {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if !f.IsExported() {
			continue
		}
		switch v.Field(i).Interface().(type) {
		case rest.TenantPath, rest.ListInput, rest.PageInput:
			continue
		}
		if f.Anonymous {
			if code := fill(v.Field(i), name, text); code != "unknown_property" {
				return code
			}
		}
		if f.Tag.Get("query") == name && name != "sort" {
			return set(v.Field(i).Addr().Interface(), f.Tag, text)
		}
	}
	return "unknown_property"
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
	words := []string{text}
	switch into := into.(type) {
	case *string:
		*into = text
	case *[]string:
		words = strings.Split(text, ",")
		*into = words
	case *int:
		*into, err = strconv.Atoi(text)
		least, _ := strconv.Atoi(tag.Get("minimum"))
		if greatest, _ := strconv.Atoi(tag.Get("maximum")); err == nil && (*into < least || *into > greatest) {
			return "out_of_range"
		}
	case *rest.Given[int64]:
		into.V, err = strconv.ParseInt(text, 10, 64)
		into.OK = true
	case *rest.Given[time.Time]:
		into.V, err = time.Parse(time.RFC3339Nano, text)
		into.OK = true
	case *rest.Given[rest.DayText]:
		_, err = time.Parse(time.DateOnly, text)
		into.V, into.OK = rest.DayText(text), true
	default:
		return "unknown_property"
	}
	if err != nil {
		return "wrong_format"
	}
	if allowed := tag.Get("enum"); allowed != "" &&
		slices.ContainsFunc(words, func(one string) bool { return !slices.Contains(strings.Split(allowed, ","), one) }) {
		return "not_one_of_allowed"
	}
	return ""
}
