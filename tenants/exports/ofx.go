package exports

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/unicode/norm"

	"patapay/domain"
	"patapay/domain/asaas"
	"patapay/tenants"
	"patapay/tenants/ledger"
)

// asaasBank is Asaas's number among Brazil's banks (COMPE).
const asaasBank = "461"

// Lengths that OFX 1.02 gives to texts (section 3.2.8, A-32 and A-255).
const (
	ofxName = 32
	ofxMemo = 255
)

// OFX asks for the lines of the balance at Asaas as accounting programs import them.
type OFX struct {
	ledger.BookingFilter
	TaxID string     `json:"taxId"` // of the clinic; stands for its account's number, which Asaas tells nobody
	Today domain.Day `json:"today"` // in São Paulo, when the file was asked for
}

// Of says whose account it is, and when the file was asked for.
func (o *OFX) Of(c tenants.Clinic, now time.Time) {
	o.TaxID, o.Today = c.TaxID, asaas.DayOf(now)
}

// ofxSource has a transaction for each line of the statement, and the balance at its end. The balance is the account's
// also where a filter leaves lines out.
func ofxSource(o OFX) source {
	f := o.BookingFilter
	f.Account = domain.AccountAvailable
	s := statementSource(f)
	s.heading, s.blank = nil, func() document { return &ofxDocument{} }
	s.read = func(tx *tenants.Tx, r reader, place string) (b batch, err error) {
		page, err := statementPage(tx, r, f, place)
		if err != nil {
			return b, err
		}
		b.objects, b.next = len(page.rows), page.next
		if place == "" {
			from := cmp.Or(f.From, o.Today)
			if f.From == "" && len(page.rows) > 0 {
				from = page.rows[0].Day()
			}
			b.heading = []string{cmp.Or(o.TaxID, "0"), ofxDay(o.Today), ofxDay(from), ofxDay(o.last())}
		}
		for i := range page.rows {
			row := &page.rows[i]
			b.lines = append(b.lines, ofxLine(row, page.names[row.Key.Subject]))
		}
		if b.next == "" {
			balance := page.balance
			if !wholeStatement(f) {
				period, err := ledger.PeriodOf(tx, f.Account, f.From, f.To)
				if err != nil {
					return b, err
				}
				balance = period.Closing
			}
			b.ending = []string{balance.String(), ofxDay(o.last())}
		}
		return b, nil
	}
	return s
}

// last returns the day that the balance is of: the file's last one, or the day it was made on.
func (o OFX) last() domain.Day {
	if o.To != "" && o.To < o.Today {
		return o.To
	}
	return o.Today
}

// ofxLine returns the values of ofxTags for a booking.
func ofxLine(b *ledger.Booking, payer string) []string {
	amount, way, number := b.On(domain.AccountAvailable), "CREDIT", b.Key.Subject
	if amount < 0 {
		way = "DEBIT"
	}
	if len(number) > ofxName {
		number = ""
	}
	words := Booked(b.Kind, b.Key)
	memo := words
	for _, more := range []string{payer, b.Key.Subject} {
		if more != "" {
			memo += " - " + more
		}
	}
	return []string{
		way, ofxDay(b.Day()), amount.String(), fitID(b.Key), number, cut(cmp.Or(payer, words), ofxName), cut(memo, ofxMemo),
	}
}

// fitID names a booking for good: a program that imports two files takes what is in both once. It is made of what the
// booking is about and not of its number, which a ledger that was restored and written again may give to another.
func fitID(k domain.FactKey) string {
	sum := sha256.Sum256([]byte(k.Subject + "\x00" + k.Name + "\x00" + strconv.Itoa(k.Cycle)))
	return hex.EncodeToString(sum[:16])
}

// ofxDay writes a day as its noon in São Paulo: without a time it is midnight in Greenwich, the day before here.
func ofxDay(d domain.Day) string { return strings.ReplaceAll(string(d), "-", "") + "120000[-3:BRT]" }

func cut(text string, most int) string {
	if runes := []rune(norm.NFC.String(text)); len(runes) > most {
		return string(runes[:most])
	}
	return text
}

// ofxDocument writes OFX 1.02 as Brazil's banks do: SGML, Windows-1252.
type ofxDocument struct{ out bytes.Buffer }

// ofxTags are what is told of a transaction, in the order of the standard (11.4.3).
var ofxTags = []string{"TRNTYPE", "DTPOSTED", "TRNAMT", "FITID", "REFNUM", "NAME", "MEMO"}

// Begin writes everything before the transactions. The heading is the account, the day the file was made on, and its
// first and last days.
func (d *ofxDocument) Begin(heading []string) {
	for _, line := range []string{
		"OFXHEADER:100", "DATA:OFXSGML", "VERSION:102", "SECURITY:NONE", "ENCODING:USASCII", "CHARSET:1252",
		"COMPRESSION:NONE", "OLDFILEUID:NONE", "NEWFILEUID:NONE", "",
	} {
		d.line(line)
	}
	d.line("<OFX>")
	d.line("<SIGNONMSGSRSV1><SONRS>")
	d.succeeded()
	d.tag("DTSERVER", heading[1])
	d.tag("LANGUAGE", "POR")
	d.line("<FI>")
	d.tag("ORG", "Asaas")
	d.tag("FID", asaasBank)
	d.line("</FI>")
	d.line("</SONRS></SIGNONMSGSRSV1>")
	d.line("<BANKMSGSRSV1><STMTTRNRS>")
	d.tag("TRNUID", "0")
	d.succeeded()
	d.line("<STMTRS>")
	d.tag("CURDEF", "BRL")
	d.line("<BANKACCTFROM>")
	d.tag("BANKID", asaasBank)
	d.tag("ACCTID", heading[0])
	d.tag("ACCTTYPE", "CHECKING")
	d.line("</BANKACCTFROM>")
	d.line("<BANKTRANLIST>")
	d.tag("DTSTART", heading[2])
	d.tag("DTEND", heading[3])
}

// Add writes transactions: each line has a value for each of ofxTags, "" where there is none.
func (d *ofxDocument) Add(lines [][]string) {
	for _, line := range lines {
		d.line("<STMTTRN>")
		for i, value := range line {
			if value != "" {
				d.tag(ofxTags[i], value)
			}
		}
		d.line("</STMTTRN>")
	}
}

// Finish writes what follows the transactions. The ending is the balance and its day.
func (d *ofxDocument) Finish(ending []string) {
	d.line("</BANKTRANLIST>")
	d.line("<LEDGERBAL>")
	d.tag("BALAMT", ending[0])
	d.tag("DTASOF", ending[1])
	d.line("</LEDGERBAL>")
	d.line("</STMTRS></STMTTRNRS></BANKMSGSRSV1>")
	d.line("</OFX>")
}

// End returns what was written.
func (d *ofxDocument) End() []byte { return d.out.Bytes() }

func (d *ofxDocument) succeeded() {
	d.line("<STATUS>")
	d.tag("CODE", "0")
	d.tag("SEVERITY", "INFO")
	d.line("</STATUS>")
}

func (d *ofxDocument) line(text string) { d.out.WriteString(text + "\r\n") }

// unmarked replaces what OFX would have escaped: readers undo an escape in different ways, and some not at all
// (findings/npm-ofx-readers-differ-on-valid-statements.sh).
var unmarked = strings.NewReplacer("&", " e ", "<", "‹", ">", "›")

// tag writes a value, which ends with its line. What Windows-1252 does not have becomes a question mark; nothing in it
// is markup or breaks the line.
func (d *ofxDocument) tag(name, value string) {
	d.out.WriteString("<" + name + ">")
	for _, r := range norm.NFC.String(strings.Join(strings.Fields(unmarked.Replace(value)), " ")) {
		b, known := charmap.Windows1252.EncodeRune(r)
		if !known || b < ' ' || b >= 0x7f && b < 0xa0 && r < 0xa0 {
			b = '?'
		}
		d.out.WriteByte(b)
	}
	d.out.WriteString("\r\n")
}
