package remote

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"patapay/domain"
)

// Show prints an answer as it was asked for. json and ndjson are the API's own words; table
// and csv show these columns: of an object one a line, of a list, which is found under
// data, checks, lines or steps, one item a line.
func (r Remote) Show(raw []byte, columns ...string) error {
	var v map[string]any
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	if err := dec.Decode(&v); err != nil {
		return &exit{ExitFailure, "PataPay's answer cannot be read"}
	}
	items, isList := listIn(v)
	switch r.Output {
	case "json":
		var b bytes.Buffer
		_ = json.Indent(&b, raw, "", "  ") // it was decoded
		fmt.Fprintln(r.stdout(), b.String())
		return nil
	case "ndjson":
		if !isList {
			items = []any{v}
		}
		for _, item := range items {
			line, err := json.Marshal(item)
			if err != nil {
				return err
			}
			fmt.Fprintln(r.stdout(), string(line))
		}
		return nil
	case "csv":
		return writeCSV(r.stdout(), rowsOf(v, items, isList, columns))
	}
	return writeTable(r.stdout(), rowsOf(v, items, isList, columns))
}

func listIn(v map[string]any) ([]any, bool) {
	for _, name := range []string{"data", "checks", "lines", "steps"} {
		if list, ok := v[name].([]any); ok {
			return list, true
		}
	}
	return nil, false
}

func rowsOf(v map[string]any, items []any, isList bool, columns []string) (rows [][]string) {
	if !isList {
		for _, name := range columns {
			if value := cell(member(v, name)); value != "" {
				rows = append(rows, []string{name, value})
			}
		}
		return rows
	}
	rows = append(rows, columns)
	for _, item := range items {
		fields, _ := item.(map[string]any)
		var row []string
		for _, name := range columns {
			row = append(row, cell(member(fields, name)))
		}
		rows = append(rows, row)
	}
	return rows
}

// member returns what a column shows: counts.openAlarms is the member openAlarms of the object counts.
func member(v map[string]any, column string) any {
	outer, inner, nested := strings.Cut(column, ".")
	if !nested {
		return v[column]
	}
	object, _ := v[outer].(map[string]any)
	return member(object, inner)
}

// cell returns a value as it stands, without quotes; an amount of money in reais, 1234.56; an object of plain values
// as name=value.
func cell(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case bool, json.Number:
		return fmt.Sprint(v)
	case map[string]any:
		if amount, is := amountIn(v); is {
			return amount
		}
		if pairs, are := pairsIn(v); are {
			return pairs
		}
	case []any:
		if words, are := wordsIn(v); are {
			return words
		}
	}
	raw, _ := json.Marshal(v) // it came from JSON
	return string(raw)
}

// amountIn returns the API's money, {"amountCents":1234,"currency":"BRL"}, as people write it.
func amountIn(v map[string]any) (string, bool) {
	cents, is := v["amountCents"].(json.Number)
	n, err := strconv.ParseInt(cents.String(), 10, 64)
	if !is || err != nil {
		return "", false
	}
	return domain.Money(n).String(), true
}

// pairsIn returns an object's members in order of name; false when one of them is no plain value.
func pairsIn(v map[string]any) (string, bool) {
	var pairs []string
	for _, name := range slices.Sorted(maps.Keys(v)) {
		switch v[name].(type) {
		case string, bool, json.Number:
			pairs = append(pairs, name+"="+cell(v[name]))
		case nil:
		default:
			return "", false
		}
	}
	return strings.Join(pairs, " "), true
}

// wordsIn returns a list of texts, or of objects of plain values, with commas between;
// false for a list of anything else.
func wordsIn(list []any) (string, bool) {
	words := make([]string, len(list))
	for i, one := range list {
		is := false
		switch one := one.(type) {
		case string:
			words[i], is = one, true
		case map[string]any:
			words[i], is = pairsIn(one)
		}
		if !is {
			return "", false
		}
	}
	return strings.Join(words, ", "), true
}

func writeTable(w io.Writer, rows [][]string) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		fmt.Fprintln(t, strings.TrimRight(strings.Join(row, "\t"), "\t"))
	}
	return t.Flush()
}

// writeCSV writes rows for a spreadsheet; a cell that one would take for a formula is text.
func writeCSV(w io.Writer, rows [][]string) error {
	out := csv.NewWriter(w)
	for _, row := range rows {
		for i, value := range row {
			if _, err := strconv.ParseFloat(value, 64); err != nil && value != "" &&
				strings.ContainsRune("=+-@\t\r", rune(value[0])) {
				row[i] = "'" + value
			}
		}
		if err := out.Write(row); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}
