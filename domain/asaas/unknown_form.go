package asaas

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"
)

var wordLike = regexp.MustCompile(`^[A-Z][A-Z0-9_]{1,63}$`)

// wordForm returns a word that looks like one of an enumeration, or that it is none.
func wordForm(word string) string {
	if wordLike.MatchString(word) {
		return word
	}
	return "{text}"
}

// identifiers are the forms of ids: of charges the older ones and that of November 2026, of accounts, checkouts and
// plans, of events (docs/gateway.md, identifiers).
var identifiers = regexp.MustCompile(`^(?:` +
	`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{11,12}` +
	`|pay_(?:[0-9a-z]{8,16}|[1-9]_[0-9A-Za-z]{14})` +
	`|(?:cus|sub|ins|inv)_[0-9A-Za-z]{8,20}` +
	`|evt_[0-9a-f]{32}(?:&[0-9]{1,18})?` +
	`|[0-9]{1,20})$`)

func knownIdentifier(id []byte) bool {
	return len(id) == 0 || isUUID(id) || isNamed(id) || identifiers.Match(id)
}

// isUUID, isNamed, isAddress, isDay, isStamp and isAmount know the usual forms at once; what
// they refuse is asked of the tables.
func isUUID(text []byte) bool {
	if len(text) != 36 {
		return false
	}
	for i, c := range text {
		dash := i == 8 || i == 13 || i == 18 || i == 23
		if dash != (c == '-') || !dash && (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// isNamed knows the ids of charges, payers and events.
func isNamed(id []byte) bool {
	if len(id) < 12 || id[3] != '_' {
		return false
	}
	rest := id[4:]
	switch string(id[:4]) {
	case "pay_":
		if rest[1] == '_' {
			return rest[0] >= '1' && rest[0] <= '9' && len(rest) == 16 && isAll(rest[2:], alnum)
		}
		return len(rest) <= 16 && isAll(rest, small|digit)
	case "cus_":
		return len(rest) <= 20 && isAll(rest, alnum)
	case "evt_":
		return len(rest) > 33 && len(rest) <= 51 && rest[32] == '&' && isHex(rest[:32]) && isAll(rest[33:], digit)
	}
	return false
}

// class is a set of kinds of characters.
type class uint8

const (
	digit class = 1 << iota
	small
	capital
	alnum = digit | small | capital
)

var classes = classTable()

func classTable() (table [256]class) {
	for c := range table {
		switch kindOf(byte(c)) {
		case '9':
			table[c] = digit
		case 'a':
			table[c] = small
		case 'A':
			table[c] = capital
		}
	}
	return table
}

func isAll(text []byte, of class) bool {
	for _, c := range text {
		if classes[c]&of == 0 {
			return false
		}
	}
	return true
}

func isHex(text []byte) bool {
	for _, c := range text {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// publicPaths are the paths of public addresses behind which an id stands.
var publicPaths = []string{"i/", "c/", "b/pdf/", "b/preview/", "comprovantes/h/", "comprovantes/"}

// isAddress knows the public address of a charge, a slip or a receipt.
func isAddress(text []byte) bool {
	rest, host := bytes.CutPrefix(text, []byte("https://www.asaas.com/"))
	if !host {
		rest, host = bytes.CutPrefix(text, []byte("https://sandbox.asaas.com/"))
	}
	if at := bytes.IndexByte(rest, '/'); host && at > 0 && isAll(rest[:at], digit) {
		rest = rest[at+1:]
	}
	for _, path := range publicPaths {
		if len(rest) > len(path) && string(rest[:len(path)]) == path {
			rest = rest[len(path):]
			return host && !segments[string(rest)] && !bytes.ContainsAny(rest, `/?\`)
		}
	}
	return false
}

// isDay knows 2026-11-29, and isStamp 2026-11-29 12:00:00.
func isDay(text []byte) bool {
	return len(text) == 10 && text[4] == '-' && text[7] == '-' && isAll(text[:4], digit) && isAll(text[5:7], digit) &&
		isAll(text[8:], digit)
}

func isStamp(text []byte) bool {
	return len(text) == 19 && isDay(text[:10]) && text[10] == ' ' && text[13] == ':' && text[16] == ':' &&
		isAll(text[11:13], digit) && isAll(text[14:16], digit) && isAll(text[17:], digit)
}

func isAmount(literal []byte) bool {
	point := -1
	for i, c := range literal {
		switch {
		case c == '.' && point < 0 && i > 0:
			point = i
		case kindOf(c) != '9':
			return false
		}
	}
	return point < 0 || len(literal)-point == 2 || len(literal)-point == 3
}

// prefixes are the beginnings of ids that are shown as they are.
var prefixes = []string{"pay_", "cus_", "sub_", "ins_", "inv_", "evt_"}

// identifierForm returns a known beginning of an id, and of what follows the kinds of characters and how many there
// are: "pay_9{1}_x{14}".
func identifierForm(id []byte) string {
	text, form := string(id), ""
	for _, prefix := range prefixes {
		if rest, has := strings.CutPrefix(text, prefix); has {
			text, form = rest, prefix
			break
		}
	}
	for text != "" && len(form) < 80 {
		end := strings.IndexAny(text, "_-&")
		switch {
		case end < 0:
			return form + classOf(text)
		case end > 0:
			form += classOf(text[:end])
		}
		form, text = form+text[end:end+1], text[end+1:]
	}
	return form
}

// classOf returns which kind of characters a text is made of, and how many there are.
func classOf(text string) string {
	class := byte(0)
	for i := range len(text) {
		c := kindOf(text[i])
		if class != 0 && c != class {
			if c = 'x'; class == '?' || kindOf(text[i]) == '?' {
				c = '?'
			}
		}
		class = c
		if class == '?' {
			break
		}
	}
	return string(class) + "{" + strconv.Itoa(min(len(text), 999)) + "}"
}

func kindOf(c byte) byte {
	switch {
	case c >= '0' && c <= '9':
		return '9'
	case c >= 'a' && c <= 'z':
		return 'a'
	case c >= 'A' && c <= 'Z':
		return 'A'
	}
	return '?'
}

// addresses are the forms of public addresses: since September 2026 with one segment of digits more in front.
var addresses = regexp.MustCompile(`^https://(?:www\.|sandbox\.)?asaas\.com(?:/9\{\d{1,3}\})?/` +
	`(?:i|c|b/pdf|b/preview|comprovantes|comprovantes/h|checkoutSession/show|checkoutSession/show\?id=|payment/show)` +
	`(?:/\*|\*)?$`)

// segments are the parts of an address's path that are shown as they are.
var segments = map[string]bool{
	"i": true, "b": true, "c": true, "h": true, "pdf": true,
	"preview": true, "comprovantes": true, "checkoutSession": true,
	"show": true, "payment": true,
}

// addressForm returns an address of Asaas's with its public words, and what else stands in it as its kind alone:
// "https://www.asaas.com/9{3}/i/*".
func addressForm(text []byte) string {
	address, escaped := string(text), strings.ReplaceAll(string(text), `\/`, "/")
	if address != escaped {
		address = escaped
	}
	scheme, rest, has := strings.Cut(address, "://")
	if !has || scheme != "https" && scheme != "http" {
		return "{text}"
	}
	path, query, asked := strings.Cut(rest, "?")
	host, path, _ := strings.Cut(path, "/")
	if host != "asaas.com" && host != "www.asaas.com" && host != "sandbox.asaas.com" {
		host = "{host}"
	}
	form := scheme + "://" + host
	for i, segment := range strings.Split(path, "/") {
		switch {
		case i == 6:
			return form + "/…"
		case segments[segment]:
			form += "/" + segment
		case segment != "" && strings.Trim(segment, "0123456789") == "" && i == 0:
			form += "/" + classOf(segment)
		default:
			form += "/*"
		}
	}
	if asked {
		name, _, _ := strings.Cut(query, "=")
		if name != "id" {
			name = "*"
		}
		form += "?" + name + "=*"
	}
	return form
}

// knownDates are the forms of dates: docs/gateway.md, dates.
var knownDates = map[string]bool{
	"": true, "9999-99-99": true, "9999-99-99 99:99:99": true, "99/99/9999": true, "99/99/9999 99:99": true,
	"99/99/9999 99:99:99": true, "9999-99-99a99:99:99a": true, "9999-99-99a99:99:99+9999": true,
}

// dateForm returns a date with 9 for each digit and a for letters; what else is usual in dates stays.
func dateForm(text []byte) string {
	form := make([]byte, 0, 32)
	for _, c := range text {
		switch k := kindOf(c); {
		case k == '9' || bytes.IndexByte([]byte("-/: .+,"), c) >= 0:
			if k == '9' {
				c = '9'
			}
			form = append(form, c)
		case k == '?':
			c = '?'
			fallthrough
		default:
			if k != '?' {
				c = 'a'
			}
			if len(form) == 0 || form[len(form)-1] != c {
				form = append(form, c)
			}
		}
		if len(form) == 32 {
			return string(form) + "…"
		}
	}
	return string(form)
}

var knownAmounts = regexp.MustCompile(`^(?:-?9(?:\.9{1,2}|\.00)?|"(?:-?9(?:\.9{1,2})?)?")$`)

// numberForm returns an amount with one 9 for its whole part and one for each decimal; within quotes when it is text.
func numberForm(literal []byte) string {
	form, decimals := make([]byte, 0, 16), false
	for _, c := range literal {
		switch k := kindOf(c); {
		case k == '9' && !decimals && len(form) > 0 && form[len(form)-1] == '9':
		case k == '9':
			form = append(form, '9')
		case c == '.' || c == ',':
			form, decimals = append(form, c), true
		case c == '-' || c == '"' || c == '+':
			form = append(form, c)
		case c|0x20 == 'e':
			form, decimals = append(form, 'e'), false
		default:
			if len(form) == 0 || form[len(form)-1] != '?' {
				form = append(form, '?')
			}
		}
		if len(form) == 16 {
			return string(form) + "…"
		}
	}
	return string(form)
}
