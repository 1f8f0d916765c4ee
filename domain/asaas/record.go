package asaas

import (
	"slices"
	"strconv"
	"unicode/utf8"

	"patapay/domain"
)

// Bounds of what a record takes over; a longer member is skipped and named as bad.
const (
	maxMembers = 64
	maxWord    = 500 // bytes
	maxNumber  = 40
	maxProse   = 4 << 10 // bytes of a free text, after which it is cut
)

// badKey is the record's own member: the paths of members that were there but could not
// be taken over.
const badKey = "bad"

// cutKey is the texts' own member: the paths of texts that were cut.
const cutKey = "cut"

// cutMark is the end of a text that was cut.
const cutMark = "…"

// Extract returns the part of a delivery's object that is kept for ever, as compact JSON
// in a fixed order of keys with the gateway's own literals, and its free text in the same
// form, nil when it has none. Of a text of more than 4 KiB the beginning is kept, with cutMark behind it,
// and its path is listed under "cut" of the texts; the body keeps the whole. Ids and references are
// never cut. A member of a wrong type is left out and listed under "bad".
// It fails with Invalid for a body that cannot be read, has no object of this kind or one
// without an id: trying again cannot cure that.
func Extract(kind domain.Kind, body []byte) (record, texts []byte, err error) {
	s := scanner{b: body}
	var raw []byte
	if s.enter('{') {
		for first := true; s.more('}', &first); {
			if k := s.key(); string(k) == string(kind) && raw == nil {
				raw = s.skip()
				continue
			}
			s.skip()
		}
	}
	s.end()
	if s.fault != "" {
		return nil, nil, domain.Errorf(domain.Invalid, "delivery: %s", s.fault)
	}
	if raw == nil {
		return nil, nil, domain.Errorf(domain.Invalid, "delivery without a %s", kind)
	}
	return ExtractObject(kind, raw)
}

// ExtractObject is Extract for the bare object, as a REST answer carries it.
func ExtractObject(kind domain.Kind, body []byte) (record, texts []byte, err error) {
	sh := shapeOf(kind)
	if sh == nil {
		return nil, nil, domain.Errorf(domain.Invalid, "nothing is kept of kind %q", string(kind))
	}
	var spans [maxMembers][]byte
	x := extractor{}
	s := scanner{b: body}
	x.split(&s, sh, &spans, "")
	s.end()
	if s.fault != "" {
		return nil, nil, domain.Errorf(domain.Invalid, "%s: %s", kind, s.fault)
	}
	if id := spans[0]; len(id) < 3 || id[0] != '"' {
		return nil, nil, domain.Errorf(domain.Invalid, "%s without an id", kind)
	}
	return x.record(sh, &spans, len(body)), x.texts(sh, &spans), nil
}

func shapeOf(kind domain.Kind) *shape {
	switch kind {
	case domain.KindPayment:
		return paymentShape
	case domain.KindCheckout:
		return checkoutShape
	case domain.KindAnticipation:
		return anticipationShape
	}
	return nil
}

// extractor copies the members of a shape out of a document.
type extractor struct {
	out   []byte
	part  part
	bad   []string
	cuts  []string // paths of texts that were cut
	found bool     // at least one text
}

// split reads an object and sets the span of each member. Of a repeated key the first
// counts, and its path is bad.
func (x *extractor) split(s *scanner, sh *shape, spans *[maxMembers][]byte, path string) {
	if !s.enter('{') {
		s.fail(faultSyntax)
		return
	}
	for first := true; s.more('}', &first); {
		at, known := sh.index[string(s.key())]
		v := s.skip()
		switch {
		case !known:
		case spans[at] != nil:
			x.spoilt(path + sh.members[at].name)
		default:
			spans[at] = v
		}
	}
}

func (x *extractor) spoilt(path string) {
	if x.part != told && !slices.Contains(x.bad, path) {
		x.bad = append(x.bad, path)
	}
}

func (x *extractor) record(sh *shape, spans *[maxMembers][]byte, size int) []byte {
	x.out, x.part = make([]byte, 0, size), kept
	x.members(sh, spans, "")
	x.paths(badKey, x.bad)
	return x.out
}

// paths adds a member of ours that lists paths to the object that was written, unless it is empty.
func (x *extractor) paths(key string, list []string) {
	if len(list) == 0 {
		return
	}
	x.out = append(x.out[:len(x.out)-1], `,"`+key+`":[`...)
	for i, path := range list {
		if i > 0 {
			x.out = append(x.out, ',')
		}
		x.out = appendQuoted(x.out, path)
	}
	x.out = append(x.out, "]}"...)
}

func (x *extractor) texts(sh *shape, spans *[maxMembers][]byte) []byte {
	x.out, x.part, x.found = nil, told, false
	x.members(sh, spans, "")
	if !x.found {
		return nil
	}
	x.paths(cutKey, x.cuts)
	return x.out
}

// members writes the members of the current part as one object.
func (x *extractor) members(sh *shape, spans *[maxMembers][]byte, path string) {
	x.out = append(x.out, '{')
	first := true
	for i := range sh.members {
		m := &sh.members[i]
		v := spans[i]
		if v == nil || m.part&x.part == 0 {
			continue
		}
		start := len(x.out)
		if !first {
			x.out = append(x.out, ',')
		}
		x.out = append(append(append(x.out, '"'), m.name...), '"', ':')
		if !x.value(m, v, path) {
			x.out = x.out[:start]
			continue
		}
		first = false
	}
	x.out = append(x.out, '}')
}

// value writes one member and tells whether it did. Null is kept in a record, where it
// clears, and left out of the texts, which are replaced as a whole.
func (x *extractor) value(m *member, v []byte, path string) bool {
	if string(v) == "null" {
		x.out = append(x.out, v...)
		return x.part == kept
	}
	ok, before := false, x.found
	x.found = false
	switch m.is {
	case word, prose:
		ok = x.text(v, m.is, path+m.name)
	case number:
		if ok = v[0] == '-' || v[0] >= '0' && v[0] <= '9'; ok && len(v) <= maxNumber {
			x.out = append(x.out, v...)
		} else {
			ok = false
		}
	case flag:
		ok = v[0] == 't' || v[0] == 'f'
		x.out = append(x.out, v...)
	case object:
		ok = v[0] == '{' && x.object(m.in, v, path+m.name+".")
	case list:
		ok = v[0] == '[' && x.list(m, v, path)
	case words:
		ok = v[0] == '[' && x.words(v)
	}
	if !ok {
		x.spoilt(path + m.name)
	}
	ok = ok && (x.part == kept || x.found)
	x.found = x.found && ok || before
	return ok
}

// text writes a string so that Postgres takes it.
func (x *extractor) text(v []byte, is sort, path string) bool {
	if v[0] != '"' || is == word && len(v) > maxWord {
		return false
	}
	x.found = x.found || x.part == told && len(v) > 2
	raw := v[1 : len(v)-1]
	if is == prose && len(raw) > maxProse {
		return x.cut(raw, path)
	}
	if plainText(raw) {
		x.out = append(x.out, v...)
		return true
	}
	s, _ := unescape(raw)
	x.out = appendQuoted(x.out, s)
	return true
}

// cut writes the beginning of a long text, up to a rune's end, and notes that it was cut.
func (x *extractor) cut(raw []byte, path string) bool {
	s, _ := unescapeFirst(raw, maxProse)
	if len(s) > maxProse {
		end := maxProse
		for !utf8.RuneStart(s[end]) {
			end--
		}
		s = s[:end] + cutMark
		if x.part == told && !slices.Contains(x.cuts, path) {
			x.cuts = append(x.cuts, path)
		}
	}
	x.out = appendQuoted(x.out, s)
	return true
}

// plainText tells whether a string needs no rewriting.
func plainText(raw []byte) bool {
	ascii := true
	for _, c := range raw {
		if c == '\\' {
			return false
		}
		ascii = ascii && c < utf8.RuneSelf
	}
	return ascii || utf8.Valid(raw)
}

func (x *extractor) object(sh *shape, v []byte, path string) bool {
	var spans [maxMembers][]byte
	s := scanner{b: v}
	x.split(&s, sh, &spans, path)
	x.members(sh, &spans, path)
	return true
}

// list writes a list of objects. One element of another type spoils the list: part of a
// list of amounts would be another amount.
func (x *extractor) list(m *member, v []byte, path string) bool {
	s := scanner{b: v}
	s.enter('[')
	x.out = append(x.out, '[')
	for first := true; s.more(']', &first); {
		e := s.skip()
		if len(e) == 0 || e[0] != '{' {
			return false
		}
		if x.out[len(x.out)-1] != '[' {
			x.out = append(x.out, ',')
		}
		x.object(m.in, e, path+m.name+".")
	}
	x.out = append(x.out, ']')
	return true
}

func (x *extractor) words(v []byte) bool {
	s := scanner{b: v}
	s.enter('[')
	x.out = append(x.out, '[')
	for first := true; s.more(']', &first); {
		e := s.skip()
		if x.out[len(x.out)-1] != '[' {
			x.out = append(x.out, ',')
		}
		if len(e) == 0 || !x.text(e, word, "") {
			return false
		}
	}
	x.out = append(x.out, ']')
	return true
}

// appendQuoted writes s, which is valid UTF-8 without NUL, as a JSON string.
func appendQuoted(out []byte, s string) []byte {
	out = append(out, '"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			out = append(out, '\\', byte(r))
		case r < 0x20:
			out = append(out, `\u00`...)
			if r < 0x10 {
				out = append(out, '0')
			}
			out = strconv.AppendInt(out, int64(r), 16)
		default:
			out = utf8.AppendRune(out, r)
		}
	}
	return append(out, '"')
}
