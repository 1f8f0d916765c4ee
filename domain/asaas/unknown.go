package asaas

import (
	"regexp"

	"patapay/domain"
)

// UnknownKind says what of a delivery or an answer was not known.
type UnknownKind string

// The kinds of what is not known, by what they are called in the database and under /v1.
const (
	UnknownEvent   UnknownKind = "event"   // the name of an event
	UnknownMember  UnknownKind = "member"  // a member that no list has
	UnknownType    UnknownKind = "type"    // a member that is other JSON than it was
	UnknownWord    UnknownKind = "word"    // a word of an enumeration
	UnknownID      UnknownKind = "id"      // an id of another form
	UnknownAddress UnknownKind = "address" // an address of another form
	UnknownNumber  UnknownKind = "number"  // an amount of another form
	UnknownDate    UnknownKind = "date"    // a date of another form
)

// Unknown is one thing that the gateway said and that no list of ours has: where it stood and what it looked like. It
// holds no value: a word only where an enumeration stands, names of members only where they look like one, and of ids,
// addresses, amounts and dates no more than which kinds of characters they are made of.
type Unknown struct {
	Kind UnknownKind
	Path string // of names, with dots; "[]" behind a list; "{key}" for a name that may be a value
	Form string // the word, the form, or the JSON type
}

// Bounds of one document.
const (
	unknownDepth    = 8  // levels that are looked at
	unknownSiblings = 50 // members of one object, more of which are values under keys and no names
	unknownMost     = 40 // things of one document, the first ones
)

// UnknownInDelivery returns what of a delivery no list has, each thing once and the first forty. Of families that are
// not folded it tells the name of the event alone, but for those of an account's status; of a body that cannot be read,
// nothing.
func UnknownInDelivery(kind domain.Kind, event string, body []byte) []Unknown {
	var u unknowns
	if !Known(event) {
		u.tell(UnknownEvent, "event", wordForm(event))
	}
	if body == nil || kind == domain.KindOther && !TellsOfWords(event) {
		return u.found
	}
	return u.read(body, knownEnvelope, "")
}

// UnknownInAnswer returns the same of an object as the gateway's API answers it.
func UnknownInAnswer(kind domain.Kind, object []byte) []Unknown {
	known := knownEnvelope[string(kind)].in
	if known == nil {
		return nil
	}
	var u unknowns
	return u.read(object, known, string(kind))
}

// unknowns gathers what is not known.
type unknowns struct {
	scanner
	found []Unknown
}

func (u *unknowns) read(body []byte, known knownMembers, path string) []Unknown {
	u.scanner = scanner{b: body}
	u.object(known, path, 1)
	u.end()
	if u.fault != "" {
		return nil
	}
	return u.found
}

func (u *unknowns) tell(kind UnknownKind, path, form string) {
	one := Unknown{kind, path, form}
	for _, other := range u.found {
		if other == one {
			return
		}
	}
	if len(u.found) < unknownMost {
		u.found = append(u.found, one)
	}
}

// object reads the object that follows. A known member costs no allocation.
func (u *unknowns) object(known knownMembers, path string, depth int) {
	if !u.enter('{') {
		u.skip()
		return
	}
	begin, counted, many := u.scanner, false, false
	for first := true; u.more('}', &first); {
		name := u.key()
		if depth > unknownDepth {
			u.skip()
			continue
		}
		if member, has := known[string(name)]; has {
			u.member(member, path, name, depth)
			continue
		}
		if !counted { // only for a stranger, for it reads the object a second time
			counted, many = true, countMembers(begin) > unknownSiblings
		}
		u.stranger(joined(path, memberName(name, many)), depth)
	}
}

// countMembers counts the members of the object that begins at s, which is a copy.
func countMembers(s scanner) (n int) {
	for first := true; s.more('}', &first) && n <= unknownSiblings; n++ {
		s.key()
		s.skip()
	}
	return n
}

// stranger tells of a member that no list has, and of those in it.
func (u *unknowns) stranger(path string, depth int) {
	is := jsonType(u.peek())
	u.tell(UnknownMember, path, is)
	switch is {
	case "object":
		u.object(nil, path, depth+1)
	case "list":
		u.elements(nil, path, depth)
	default:
		u.skip()
	}
}

// elements reads a list whose objects have known members.
func (u *unknowns) elements(known knownMembers, path string, depth int) {
	u.enter('[')
	for first := true; u.more(']', &first); {
		if u.peek() == '{' {
			u.object(known, path+"[]", depth+1)
		} else {
			u.skip()
		}
	}
}

// member checks a member that is known.
func (u *unknowns) member(m knownMember, path string, name []byte, depth int) {
	is := jsonType(u.peek())
	switch {
	case is == "null":
		u.skip()
	case !m.is.takes(is):
		u.skip()
		u.tell(UnknownType, joined(path, string(name)), is)
	case m.is == expectObject:
		u.object(m.in, joined(path, string(name)), depth+1)
	case m.is == expectList:
		u.elements(m.in, joined(path, string(name)), depth)
	case m.is == expectStrings:
		u.enter('[')
		for first := true; u.more(']', &first); {
			u.text(m, path, name, u.skip())
		}
	default:
		u.text(m, path, name, u.skip())
	}
}

// text checks the literal of a member that is no object and no list.
func (u *unknowns) text(m knownMember, path string, name, literal []byte) {
	text := literal
	if len(text) > 1 && text[0] == '"' {
		text = text[1 : len(text)-1]
	}
	switch m.is {
	case expectWord, expectStrings:
		if len(text) > 0 && !m.words[string(text)] {
			u.tell(UnknownWord, joined(path, string(name)), wordForm(string(text)))
		}
	case expectIdentifier:
		if !knownIdentifier(text) {
			u.tell(UnknownID, joined(path, string(name)), identifierForm(text))
		}
	case expectAddress:
		if isAddress(text) {
			return
		}
		if form := addressForm(text); len(text) > 0 && !addresses.MatchString(form) {
			u.tell(UnknownAddress, joined(path, string(name)), form)
		}
	case expectDate:
		if !isDay(text) && !isStamp(text) && !knownDates[dateForm(text)] {
			u.tell(UnknownDate, joined(path, string(name)), dateForm(text))
		}
	case expectAmount:
		if !isAmount(literal) && !knownAmounts.MatchString(numberForm(literal)) {
			u.tell(UnknownNumber, joined(path, string(name)), numberForm(literal))
		}
	}
}

// takes tells whether a member may be JSON of a type. Texts were numbers in older payloads, and amounts texts.
func (e expectation) takes(is string) bool {
	switch e {
	case expectText:
		return is == "string" || is == "number"
	case expectAmount, expectNumber:
		return is == "number" || is == "string" && e == expectAmount
	case expectFlag:
		return is == "boolean"
	case expectObject:
		return is == "object"
	case expectList, expectStrings:
		return is == "list"
	}
	return is == "string"
}

func jsonType(c byte) string {
	switch c {
	case '{':
		return "object"
	case '[':
		return "list"
	case '"':
		return "string"
	case 't', 'f':
		return "boolean"
	case 'n':
		return "null"
	}
	return "number"
}

var nameLike = regexp.MustCompile(`^[a-z][A-Za-z0-9]{0,39}$`)

// memberName returns the name of a member, or that it may be a value.
func memberName(name []byte, many bool) string {
	if many || !nameLike.Match(name) {
		return "{key}"
	}
	return string(name)
}

func joined(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
