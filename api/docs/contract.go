package docs

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// contract is the document as the pages show it.
type contract struct {
	groups  []group
	schemas map[string]*schema
}

// group is the operations of one tag.
type group struct {
	Tag        string
	Name       string // in Portuguese
	Operations []operation
}

// operation is one route.
type operation struct {
	ID, Method, Path, Summary string
	Secured                   bool   // asks for a token
	Scope                     string // that the token needs; "" any token
	Parameters                []parameter
	Request                   []member // of the body
	Answers                   []answer
	Examples                  []example
}

// parameter is of the path, the query or a header.
type parameter struct {
	Name, In, Type, Text string
	Required             bool
}

// answer is a status with the members of its body.
type answer struct {
	Status, Text, ContentType string
	Members                   []member
	Sample                    string // made of the members
}

// member is a property of a body, named with all that is above it.
type member struct {
	Name, Type, Text string
	Required         bool
}

// document is what we read of OpenAPI 3.1.
type document struct {
	Paths      map[string]map[string]rawOperation
	Components struct{ Schemas map[string]*schema }
}

type rawOperation struct {
	OperationID, Summary string
	Tags                 []string
	Security             []map[string][]string
	Parameters           []struct {
		Name, In, Description string
		Required              bool
		Schema                *schema
	}
	RequestBody struct{ Content map[string]media }
	Responses   map[string]struct {
		Description string
		Content     map[string]media
	}
}

type media struct{ Schema *schema }

// schema is a JSON schema, as far as huma writes them.
type schema struct {
	Ref                       string `json:"$ref"`
	Type                      types
	Format, Description       string
	Enum, Examples            []any
	Default, Minimum, Maximum any
	Properties                map[string]*schema
	Required                  []string
	Items                     *schema
	AnyOf                     []*schema
	MinLength, MaxLength      *int
}

// types is `"string"` or `["string","null"]`.
type types []string

// UnmarshalJSON reads either form.
func (t *types) UnmarshalJSON(raw []byte) error {
	var one string
	if json.Unmarshal(raw, &one) == nil {
		*t = types{one}
		return nil
	}
	return json.Unmarshal(raw, (*[]string)(t))
}

// methods is the order in which a path's operations are shown.
var methods = []string{"get", "post", "put", "patch", "delete"}

func parse(raw []byte) (c contract, err error) {
	var doc document
	if err := json.Unmarshal(raw, &doc); err != nil {
		return c, err
	}
	c.schemas = doc.Components.Schemas
	paths := make([]string, 0, len(doc.Paths))
	for path := range doc.Paths {
		paths = append(paths, path)
	}
	slices.Sort(paths)
	for _, path := range paths {
		for _, method := range methods {
			if op, there := doc.Paths[path][method]; there {
				c.add(op, c.operation(path, strings.ToUpper(method), op))
			}
		}
	}
	slices.SortFunc(c.groups, func(a, b group) int { return strings.Compare(a.Tag, b.Tag) })
	return c, nil
}

func (c *contract) add(raw rawOperation, op operation) {
	tag := "API"
	if len(raw.Tags) > 0 {
		tag = raw.Tags[0]
	}
	i := slices.IndexFunc(c.groups, func(g group) bool { return g.Tag == tag })
	if i < 0 {
		c.groups = append(c.groups, group{Tag: tag, Name: tagNames[tag]})
		i = len(c.groups) - 1
	}
	c.groups[i].Operations = append(c.groups[i].Operations, op)
}

func (c *contract) operation(path, method string, raw rawOperation) operation {
	op := operation{ID: raw.OperationID, Method: method, Path: path, Summary: raw.Summary}
	if len(raw.Security) > 0 {
		op.Secured = true
		for _, scopes := range raw.Security[0] {
			op.Scope = strings.Join(scopes, " ")
		}
	}
	for _, p := range raw.Parameters {
		op.Parameters = append(op.Parameters, parameter{p.Name, p.In, c.typeOf(p.Schema), p.Description, p.Required})
	}
	body := raw.RequestBody.Content["application/json"].Schema
	op.Request = c.members(body, "", nil)
	statuses := make([]string, 0, len(raw.Responses))
	for status := range raw.Responses {
		statuses = append(statuses, status)
	}
	slices.Sort(statuses)
	for _, status := range statuses {
		r := raw.Responses[status]
		a := answer{Status: status, Text: r.Description}
		for contentType, m := range r.Content {
			a.ContentType, a.Members = contentType, c.members(m.Schema, "", nil)
			if strings.Contains(contentType, "json") {
				a.Sample = c.text(m.Schema)
			}
		}
		op.Answers = append(op.Answers, a)
	}
	op.Examples = c.examples(op, body)
	return op
}

// resolve follows a reference, and of a choice with null takes what is not null.
func (c *contract) resolve(s *schema) *schema {
	for s != nil {
		if name, is := strings.CutPrefix(s.Ref, "#/components/schemas/"); is {
			s = c.schemas[name]
			continue
		}
		if i := slices.IndexFunc(s.AnyOf, func(o *schema) bool { return !slices.Equal(o.Type, types{"null"}) }); i >= 0 {
			s = s.AnyOf[i]
			continue
		}
		return s
	}
	return &schema{}
}

// typeOf names what a value may be.
func (c *contract) typeOf(s *schema) string {
	if s == nil {
		return ""
	}
	null := slices.Contains(s.Type, "null") ||
		slices.ContainsFunc(s.AnyOf, func(o *schema) bool { return slices.Contains(o.Type, "null") })
	r := c.resolve(s)
	text := strings.Join(slices.DeleteFunc(slices.Clone(r.Type), func(t string) bool { return t == "null" }), "|")
	switch {
	case text == "array":
		text = c.typeOf(r.Items) + "[]"
	case r.Format != "" && r.Format != "int64":
		text += " " + r.Format
	}
	for i, v := range r.Enum {
		text += map[bool]string{true: ": ", false: " · "}[i == 0] + fmt.Sprint(v)
	}
	if null {
		text += " | null"
	}
	return text
}

// deepest is how far into a body the tables go.
const deepest = 4

// members lists the properties of a body, each under its whole name.
func (c *contract) members(s *schema, prefix string, above []*schema) (list []member) {
	if s == nil || len(above) > deepest {
		return nil
	}
	r := c.resolve(s)
	if len(r.Type) > 0 && r.Type[0] == "array" {
		return c.members(r.Items, prefix+"[]", above)
	}
	if slices.Contains(above, r) {
		return nil
	}
	names := make([]string, 0, len(r.Properties))
	for name := range r.Properties {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		p := r.Properties[name]
		full := strings.TrimPrefix(prefix+"."+name, ".")
		text := p.Description
		if text == "" && p.Ref == "" {
			text = c.resolve(p).Description
		}
		list = append(list, member{full, c.typeOf(p), text, slices.Contains(r.Required, name)})
		list = append(list, c.members(p, full, append(slices.Clone(above), r))...)
	}
	return list
}
