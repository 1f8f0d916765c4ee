package exports

import (
	"bytes"
	"encoding/csv"
	"regexp"
	"strings"
	"time"

	"patapay/domain"
	"patapay/domain/asaas"
)

// Table writes rows as the spreadsheets of Brazil read them: semicolons between cells, UTF-8
// with a byte order mark. Cells never act as formulas.
type Table struct {
	out  bytes.Buffer
	rows *csv.Writer
}

// NewTable returns an empty table.
func NewTable() *Table {
	t := &Table{}
	t.rows = csv.NewWriter(&t.out)
	t.rows.Comma, t.rows.UseCRLF = ';', true
	return t
}

// Begin writes the byte order mark and the heading.
func (t *Table) Begin(heading []string) {
	t.out.WriteString("\ufeff")
	_ = t.rows.Write(heading) // into memory
}

// Add writes rows.
func (t *Table) Add(lines [][]string) {
	for _, line := range lines {
		for i := range line {
			line[i] = Inert(line[i])
		}
		_ = t.rows.Write(line)
	}
}

// Finish does nothing: a table ends with its last row.
func (t *Table) Finish([]string) {}

// End returns what was written.
func (t *Table) End() []byte {
	t.rows.Flush()
	return t.out.Bytes()
}

// number is a cell that a spreadsheet reads as a number: it is no formula, and with a quote in front
// of it every sum would leave it out.
var number = regexp.MustCompile(`^-[0-9]+(?:,[0-9]+)?$`)

// Inert keeps a cell from acting as a formula; numbers stay numbers.
func Inert(text string) string {
	if text != "" && !number.MatchString(text) && strings.ContainsRune("=+-@\t\r", rune(text[0])) {
		return "'" + text
	}
	return text
}

// Reais writes centavos as "1234,56".
func Reais(m domain.Money) string { return strings.Replace(m.String(), ".", ",", 1) }

// Day writes the day of t as dd/mm/aaaa; "" when it is unknown.
func Day(t domain.LocalTime) string {
	if len(t) < 10 {
		return ""
	}
	return string(t[8:10] + "/" + t[5:7] + "/" + t[:4])
}

// amountCell writes an amount; "" when the gateway told none.
func amountCell(m domain.Opt[domain.Money]) string {
	v, ok := m.Get()
	if !ok {
		return ""
	}
	return Reais(v)
}

// timeCell writes an instant as it was in São Paulo.
func timeCell(t time.Time) string { return t.In(asaas.SaoPaulo).Format("02/01/2006 15:04:05") }

// instantCell writes a time of the gateway's; "" when it is unknown.
func instantCell(t domain.LocalTime) string {
	at, ok := asaas.TimeOf(t)
	if !ok {
		return ""
	}
	return timeCell(at)
}
