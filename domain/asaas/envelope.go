package asaas

import (
	"bytes"
	"unicode/utf8"

	"patapay/domain"
)

// Envelope is what the door reads of a delivery. Every text in it is valid UTF-8 without
// NUL and of bounded length, so that Postgres takes it.
type Envelope struct {
	ID         string           // the event's id; "" when the body has none
	Event      string           // its name
	Created    domain.LocalTime // its dateCreated; "" when malformed
	Account    string           // the root account's id
	HasAccount bool             // whether the body names an account
	Kind       domain.Kind      // by event name and object; KindOther for all that is not folded
	Entity     string           // the object's id; "" when it has none
	Status     string           // the object's status, the gateway's word
	Seq        int64            // the counter inside ID, 0 when there is none
	Ambiguous  string           // why the body has more than one meaning, or ""
	Malformed  string           // why the body cannot be read, or ""
	// Withdrawal is the type of a withdrawal that asks for our approval, which is no event
	// (docs/gateway.md, the request); "" for anything else.
	Withdrawal string
}

// Bounds of the texts of an envelope, in bytes.
const (
	maxID     = 200
	maxEvent  = 100
	maxEntity = 100
	maxStatus = 60
)

// faultText marks a body that reads well but for an identity that is no clean text. All
// its other members stand.
const faultText = "unclean_text:"

// Peek reads a delivery strictly and case-sensitively, the whole document but only what
// the door needs. It never fails: a body that is not one JSON object has Malformed and
// nothing else, so that nothing is taken from half a document; a duplicate or case-variant
// key among those that decide whose event it is has Ambiguous.
func Peek(body []byte) Envelope {
	p := peeker{scanner: scanner{b: body}}
	p.root()
	p.end()
	if p.fault != "" {
		return Envelope{Malformed: p.fault}
	}
	p.finish()
	return p.env
}

// The keys of the root that decide, by bit.
var rootKeys = [...]string{"id", "event", "dateCreated", "account", "payment", "checkout", "anticipation"}

const firstEntity = 4 // rootKeys from here on are objects of ours

// entity is an object of ours as the root shows it.
type entity struct {
	object     bool
	id, status string
}

type peeker struct {
	scanner
	env      Envelope
	entities [len(rootKeys) - firstEntity]entity
	named    bool   // there is an event member, whatever it says
	typ      string // the root's type; "" none
}

func (p *peeker) root() {
	if !p.enter('{') {
		if p.skip(); p.fault == "" {
			p.fail("not_an_object")
		}
		return
	}
	var seen uint
	for first := true; p.more('}', &first); {
		k := p.key()
		at := p.know(k, rootKeys[:], &seen, "")
		switch at {
		case 0:
			p.env.ID = p.identity("id", maxID)
		case 1:
			p.named = true
			p.env.Event = p.event()
		case 2:
			p.env.Created = p.created()
		case 3:
			p.account()
		case -1:
			if string(k) != "type" {
				p.skip()
				continue
			}
			p.typ = p.status()
		default:
			p.object(at)
		}
	}
}

// know returns the index of key k in keys, -1 for another. A key seen before, and a key
// that is one of keys but for its case, makes the body ambiguous.
func (p *peeker) know(k []byte, keys []string, seen *uint, prefix string) int {
	for i, name := range keys {
		if string(k) == name {
			if *seen&(1<<i) != 0 {
				p.ambiguous("duplicate:" + prefix + name)
			}
			*seen |= 1 << i
			return i
		}
	}
	for _, name := range keys {
		if mayFold(k, name) && bytes.EqualFold(k, []byte(name)) {
			p.ambiguous("case:" + prefix + bounded(clean(k), maxStatus))
		}
	}
	return -1
}

// mayFold is a quick no for a key that cannot be name in another case. Letters outside
// ASCII fold into ASCII ones too (ſ is s), so they are let through.
func mayFold(k []byte, name string) bool {
	if len(k) < len(name) || len(k) > 3*len(name) {
		return false
	}
	return k[0]|0x20 == name[0]|0x20 || k[0] >= utf8.RuneSelf
}

func (p *peeker) ambiguous(why string) {
	if p.env.Ambiguous == "" {
		p.env.Ambiguous = why
	}
}

// identity reads a string that names something; any other type reads as "".
func (p *peeker) identity(what string, limit int) string {
	if p.peek() != '"' {
		p.skip()
		return ""
	}
	s, ok := text(p.str())
	if !ok && p.env.Malformed == "" {
		p.env.Malformed = faultText + what
	}
	return bounded(s, limit)
}

// event reads the event's name, without allocation when it is a known one.
func (p *peeker) event() string {
	if p.peek() != '"' {
		return p.identity("event", maxEvent)
	}
	at := p.i
	raw, _ := p.str()
	if n, ok := names[string(raw)]; ok {
		return n.text
	}
	p.i = at
	return p.identity("event", maxEvent)
}

// account reads the root account. One that is there but names nobody is ambiguous, not
// absent: absent means that the token alone decides.
func (p *peeker) account() {
	if !p.enter('{') {
		if v := p.skip(); string(v) != "null" {
			p.ambiguous("unreadable:account")
		}
		return
	}
	var seen uint
	for first := true; p.more('}', &first); {
		k := p.key()
		if p.know(k, []string{"id"}, &seen, "account.") == 0 {
			p.env.Account = p.identity("account.id", maxEntity)
			continue
		}
		p.skip()
	}
	if p.env.HasAccount = p.env.Account != ""; !p.env.HasAccount {
		p.ambiguous("unreadable:account.id")
	}
}

var entityKeys = []string{"id", "status"}

// object reads id and status of an object of ours.
func (p *peeker) object(at int) {
	if !p.enter('{') {
		p.skip()
		return
	}
	e := &p.entities[at-firstEntity]
	*e = entity{object: true}
	prefix := rootKeys[at] + "."
	var seen uint
	for first := true; p.more('}', &first); {
		k := p.key()
		switch p.know(k, entityKeys, &seen, prefix) {
		case 0:
			e.id = p.identity(prefix+"id", maxEntity)
		case 1:
			e.status = p.status()
		default:
			p.skip()
		}
	}
}

func (p *peeker) status() string {
	if p.peek() != '"' {
		p.skip()
		return ""
	}
	s, _ := text(p.str())
	return bounded(s, maxStatus)
}

// finish decides kind and entity, which need the whole root: the order of keys is not
// fixed. A documented event is of its family, whatever else it carries; one that we do not
// know is of the only object of ours that it carries.
func (p *peeker) finish() {
	p.env.Seq = seqOf(p.env.ID)
	if !p.named && p.typ != "" { // whatever object it carries
		p.env.Withdrawal, p.env.Kind = p.typ, domain.KindOther
		return
	}
	kinds := Kinds()
	if Known(p.env.Event) {
		p.env.Kind = KindOf(FamilyOf(p.env.Event))
	} else {
		for i, e := range p.entities {
			if !e.object {
				continue
			}
			if p.env.Kind != domain.KindOther {
				p.ambiguous("kinds:" + string(p.env.Kind) + "," + string(kinds[i]))
			}
			p.env.Kind = kinds[i]
		}
	}
	for i, e := range p.entities {
		if kinds[i] == p.env.Kind {
			p.env.Entity, p.env.Status = e.id, e.status
		}
	}
}
