// Package contract tells which changes of the API's document break a program that was
// written against an older one. Its one rule: what a program may send stays accepted, what
// it may read stays there; everything else may grow (RFC 9457 aside, ux: additive only).
package contract

import (
	"encoding/json"
	"fmt"
	"slices"
	"sort"
)

// node is a value of the document: an object, a list, a word.
type node = map[string]any

// Breaking returns one line for each change from old to new, both OpenAPI 3.1 in JSON, that
// breaks a program written against old; sorted. An answer may gain members and its enums
// words (readers ignore what they do not know); a request may gain what is optional.
func Breaking(old, new []byte) ([]string, error) {
	var c comparison
	for _, side := range []struct {
		raw  []byte
		into *node
	}{{old, &c.old}, {new, &c.new}} {
		if err := json.Unmarshal(side.raw, side.into); err != nil {
			return nil, err
		}
	}
	before, after := child(c.old, "paths"), child(c.new, "paths")
	for path, operations := range before {
		for method, op := range asNode(operations) {
			now, there := child(after, path)[method]
			if !there {
				c.say("%s %s is gone", method, path)
				continue
			}
			c.operation(method+" "+path, asNode(op), asNode(now))
		}
	}
	sort.Strings(c.lines)
	return slices.Compact(c.lines), nil
}

type comparison struct {
	old, new node
	lines    []string
	open     []string // pairs of references that are being compared: schemas may be circular
}

func (c *comparison) say(format string, args ...any) {
	c.lines = append(c.lines, fmt.Sprintf(format, args...))
}

func (c *comparison) operation(at string, old, new node) {
	if old["operationId"] != new["operationId"] {
		c.say("%s: operationId is another, and with it the client's method", at)
	}
	c.security(at, old, new)
	c.parameters(at, old, new)
	c.body(at, old, new)
	for status, was := range child(old, "responses") {
		now, there := child(new, "responses")[status]
		if !there {
			c.say("%s: answer %s is gone", at, status)
			continue
		}
		c.answer(at+" "+status, asNode(was), asNode(now))
	}
}

// security: a token that was enough stays enough.
func (c *comparison) security(at string, old, new node) {
	was := scopes(old)
	for _, scope := range scopes(new) {
		if !slices.Contains(was, scope) {
			c.say("%s: asks for %s", at, scope)
		}
	}
}

func scopes(op node) (list []string) {
	for _, requirement := range asList(op["security"]) {
		for scheme, names := range asNode(requirement) {
			list = append(list, scheme)
			for _, name := range asList(names) {
				list = append(list, fmt.Sprint(name))
			}
		}
	}
	return list
}

func (c *comparison) parameters(at string, old, new node) {
	was, now := named(old), named(new)
	for name, p := range was {
		q, there := now[name]
		if !there {
			c.say("%s: parameter %s is gone", at, name)
			continue
		}
		if q["required"] == true && p["required"] != true {
			c.say("%s: parameter %s is required", at, name)
		}
		c.schema(at+" "+name, child(p, "schema"), child(q, "schema"), sent)
	}
	for name, q := range now {
		if was[name] == nil && q["required"] == true {
			c.say("%s: parameter %s is new and required", at, name)
		}
	}
}

func named(op node) map[string]node {
	all := map[string]node{}
	for _, p := range asList(op["parameters"]) {
		all[fmt.Sprint(asNode(p)["in"], " ", asNode(p)["name"])] = asNode(p)
	}
	return all
}

func (c *comparison) body(at string, old, new node) {
	was, now := child(old, "requestBody"), child(new, "requestBody")
	if now["required"] == true && was["required"] != true {
		c.say("%s: a body is required", at)
	}
	for kind, media := range child(was, "content") {
		next, there := child(now, "content")[kind]
		if !there {
			c.say("%s: a body of %s is no longer taken", at, kind)
			continue
		}
		c.schema(at+" body", child(asNode(media), "schema"), child(asNode(next), "schema"), sent)
	}
}

func (c *comparison) answer(at string, old, new node) {
	for kind, media := range child(old, "content") {
		next, there := child(new, "content")[kind]
		if !there {
			c.say("%s: %s is gone", at, kind)
			continue
		}
		c.schema(at, child(asNode(media), "schema"), child(asNode(next), "schema"), read)
	}
	for name := range child(old, "headers") {
		if _, there := child(new, "headers")[name]; !there {
			c.say("%s: header %s is gone", at, name)
		}
	}
}

func child(n node, name string) node { return asNode(n[name]) }

func asNode(v any) node { n, _ := v.(node); return n }

func asList(v any) []any { l, _ := v.([]any); return l }
