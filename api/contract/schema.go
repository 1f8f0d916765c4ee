package contract

import (
	"fmt"
	"slices"
	"strings"
)

// direction is who writes a value: what is a promise in one is a demand in the other.
type direction bool

const (
	sent direction = false // by the program, to us
	read direction = true  // by the program, from us
)

// schema compares the schemas of one value.
func (c *comparison) schema(at string, old, new node, d direction) {
	pair := fmt.Sprint(old["$ref"], " ", new["$ref"], d)
	if old["$ref"] != nil && slices.Contains(c.open, pair) {
		return
	}
	c.open = append(c.open, pair)
	defer func() { c.open = c.open[:len(c.open)-1] }()
	old, oldNull := resolve(c.old, old)
	new, newNull := resolve(c.new, new)
	c.types(at, old, new, oldNull, newNull, d)
	c.enum(at, old, new, d)
	if d == sent {
		c.bounds(at, old, new)
	}
	c.members(at, old, new, d)
	if old["items"] != nil {
		c.schema(at+"[]", child(old, "items"), child(new, "items"), d)
	}
	c.choices(at, old, new, d)
}

// resolve follows references, and opens a choice between one schema and null.
func resolve(doc, s node) (node, bool) {
	null := false
	for range 20 {
		if ref, is := s["$ref"].(string); is {
			s = child(child(child(doc, "components"), "schemas"), strings.TrimPrefix(ref, "#/components/schemas/"))
			continue
		}
		options := asList(s["anyOf"])
		if len(options) != 2 || !slices.ContainsFunc(options, isNull) {
			break
		}
		null = true
		s = asNode(options[slices.IndexFunc(options, func(o any) bool { return !isNull(o) })])
	}
	return s, null || slices.Contains(typesOf(s), "null")
}

func isNull(o any) bool { return asNode(o)["type"] == "null" }

func typesOf(s node) (list []string) {
	if one, is := s["type"].(string); is {
		return []string{one}
	}
	for _, t := range asList(s["type"]) {
		list = append(list, fmt.Sprint(t))
	}
	return list
}

// types: what is read keeps its type and does not become null; what is sent may become more.
func (c *comparison) types(at string, old, new node, oldNull, newNull bool, d direction) {
	isNullWord := func(t string) bool { return t == "null" }
	was, now := slices.DeleteFunc(typesOf(old), isNullWord), slices.DeleteFunc(typesOf(new), isNullWord)
	slices.Sort(was)
	slices.Sort(now)
	if !slices.Equal(was, now) && len(was) > 0 {
		c.say("%s: type %s became %s", at, strings.Join(was, "|"), strings.Join(now, "|"))
	}
	if old["format"] != new["format"] && (d == read || new["format"] != nil) {
		c.say("%s: format %v became %v", at, old["format"], new["format"])
	}
	if d == read && newNull && !oldNull {
		c.say("%s: may be null", at)
	}
	if d == sent && oldNull && !newNull {
		c.say("%s: may no longer be null", at)
	}
}

// enum: words that may be sent stay; answers may know more words, and fewer only at the cost
// of code that waits for one in vain.
func (c *comparison) enum(at string, old, new node, d direction) {
	was, now := asList(old["enum"]), asList(new["enum"])
	if was == nil && now != nil && d == sent {
		c.say("%s: only some words are taken", at)
	}
	for _, word := range was {
		if now != nil && !slices.Contains(now, word) {
			c.say("%s: the word %v is gone", at, word)
		}
	}
}

// bounds: what was within them stays within.
func (c *comparison) bounds(at string, old, new node) {
	for _, name := range []string{"minimum", "exclusiveMinimum", "minLength", "minItems"} {
		if is, was := number(new[name]), number(old[name]); new[name] != nil && (old[name] == nil || is > was) {
			c.say("%s: %s is %v", at, name, is)
		}
	}
	for _, name := range []string{"maximum", "exclusiveMaximum", "maxLength", "maxItems"} {
		if is, was := number(new[name]), number(old[name]); new[name] != nil && (old[name] == nil || is < was) {
			c.say("%s: %s is %v", at, name, is)
		}
	}
	if new["pattern"] != nil && new["pattern"] != old["pattern"] {
		c.say("%s: another pattern", at)
	}
	if old["default"] != nil && fmt.Sprint(old["default"]) != fmt.Sprint(new["default"]) {
		c.say("%s: another default", at)
	}
}

func number(v any) float64 { f, _ := v.(float64); return f }

func (c *comparison) members(at string, old, new node, d direction) {
	was, now := child(old, "properties"), child(new, "properties")
	for name, s := range was {
		next, there := now[name]
		if !there {
			c.say("%s.%s is gone", at, name)
			continue
		}
		if d == read && required(old, name) && !required(new, name) {
			c.say("%s.%s may be absent", at, name)
		}
		c.schema(at+"."+name, asNode(s), asNode(next), d)
	}
	for name := range now {
		if d == sent && required(new, name) && !required(old, name) {
			c.say("%s.%s is required", at, name)
		}
	}
}

func required(s node, name string) bool { return slices.Contains(asList(s["required"]), any(name)) }

// choices: a choice between several schemas keeps each of them.
func (c *comparison) choices(at string, old, new node, d direction) {
	was, now := asList(old["anyOf"]), asList(new["anyOf"])
	if len(was) == 0 {
		return
	}
	for _, option := range was {
		ref := asNode(option)["$ref"]
		i := slices.IndexFunc(now, func(o any) bool { return asNode(o)["$ref"] == ref })
		if ref == nil || i < 0 {
			c.say("%s: one of its forms is gone: %v", at, ref)
			continue
		}
		c.schema(at, asNode(option), asNode(now[i]), d)
	}
}
