package docs

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// example is how to make a call, in one language.
type example struct{ Name, Code string }

// examples shows an operation in curl, Go and JavaScript. The three ask for the same: the
// path with the contract's own examples in it, and the smallest body that is whole.
func (c *contract) examples(op operation, body *schema) []example {
	path := op.Path
	for _, p := range op.Parameters {
		if p.In == "path" {
			path = strings.ReplaceAll(path, "{"+p.Name+"}", pathSample(p.Name))
		}
	}
	content := ""
	if len(op.Request) > 0 {
		content = c.text(body)
	}
	return []example{
		{"curl", curl(op, path, content)},
		{"Go", goCode(op, path, content)},
		{"JavaScript", javaScript(op, path, content)},
	}
}

// pathSample is what stands in a path in the examples.
func pathSample(name string) string {
	if name == "tenant" {
		return url.PathEscape("ext:minha-clinica")
	}
	return name + "_1"
}

func curl(op operation, path, body string) string {
	var b strings.Builder
	b.WriteString("curl -sS")
	if op.Method != "GET" {
		b.WriteString(" -X " + op.Method)
	}
	fmt.Fprintf(&b, " \"$PATAPAY_URL%s\"", path)
	if op.Secured {
		b.WriteString(" \\\n  -H \"Authorization: Bearer $PATAPAY_TOKEN\"")
	}
	if needsVersion(op) {
		b.WriteString(" \\\n  -H 'If-Match: \"1\"'")
	}
	if needsKey(op) {
		b.WriteString(" \\\n  -H 'Idempotency-Key: pedido-1'")
	}
	if body != "" {
		fmt.Fprintf(&b, " \\\n  -H 'Content-Type: application/json' \\\n  -d '%s'", strings.ReplaceAll(body, "'", `'\''`))
	}
	return b.String()
}

func goCode(op operation, path, body string) string {
	content := "nil"
	if body != "" {
		content = "strings.NewReader(`" + body + "`)"
	}
	lines := []string{
		fmt.Sprintf(
			"req, err := http.NewRequestWithContext(ctx, %q, os.Getenv(\"PATAPAY_URL\")+%q, %s)", op.Method, path,
			content,
		),
		"if err != nil {",
		"\treturn err",
		"}",
	}
	if op.Secured {
		lines = append(lines, `req.Header.Set("Authorization", "Bearer "+os.Getenv("PATAPAY_TOKEN"))`)
	}
	if needsVersion(op) {
		lines = append(lines, "req.Header.Set(\"If-Match\", `\"1\"`)")
	}
	if needsKey(op) {
		lines = append(lines, `req.Header.Set("Idempotency-Key", "pedido-1")`)
	}
	if body != "" {
		lines = append(lines, `req.Header.Set("Content-Type", "application/json")`)
	}
	return strings.Join(
		append(
			lines, "res, err := http.DefaultClient.Do(req)", "if err != nil {", "\treturn err", "}",
			"defer res.Body.Close()",
		),
		"\n",
	)
}

func javaScript(op operation, path, body string) string {
	var headers []string
	if op.Secured {
		headers = append(headers, "Authorization: `Bearer ${process.env.PATAPAY_TOKEN}`")
	}
	if needsVersion(op) {
		headers = append(headers, `'If-Match': '"1"'`)
	}
	if needsKey(op) {
		headers = append(headers, "'Idempotency-Key': 'pedido-1'")
	}
	options := []string{fmt.Sprintf("  method: '%s',", op.Method)}
	if body != "" {
		headers = append(headers, "'Content-Type': 'application/json'")
	}
	if len(headers) > 0 {
		options = append(options, "  headers: { "+strings.Join(headers, ", ")+" },")
	}
	if body != "" {
		options = append(options, "  body: JSON.stringify("+strings.ReplaceAll(body, "\n", "\n  ")+"),")
	}
	return fmt.Sprintf(
		"const res = await fetch(`${process.env.PATAPAY_URL}%s`, {\n%s\n});\n%s", path, strings.Join(options, "\n"),
		reading(op),
	)
}

// reading is how JavaScript reads the answer of an operation's success.
func reading(op operation) string {
	for _, a := range op.Answers {
		switch {
		case !strings.HasPrefix(a.Status, "2"):
		case strings.Contains(a.ContentType, "event-stream"):
			return "for await (const chunk of res.body.pipeThrough(new TextDecoderStream())) console.log(chunk);"
		case strings.HasPrefix(a.ContentType, "text/"):
			return "const body = await res.text();"
		case a.ContentType == "":
			return "if (!res.ok) console.error(await res.json());"
		}
	}
	return "const body = await res.json();"
}

// needsKey tells whether an operation is refused without an Idempotency-Key.
func needsKey(op operation) bool {
	return slices.ContainsFunc(op.Parameters, func(p parameter) bool { return p.Name == "Idempotency-Key" && p.Required })
}

func needsVersion(op operation) bool {
	return slices.ContainsFunc(op.Parameters, func(p parameter) bool { return p.Name == "If-Match" })
}

// text returns a body of a schema's shape, indented.
func (c *contract) text(s *schema) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	_ = enc.Encode(c.sample(s, nil)) // maps, slices and plain values
	return strings.TrimSpace(b.String())
}

// answer is the program's own answer where the document has one, else a value of the schema's shape.
func (c *contract) answer(m media) string {
	var b bytes.Buffer
	if m.Example == nil || json.Indent(&b, m.Example, "", "  ") != nil {
		return c.text(m.Schema)
	}
	return b.String()
}

// sample makes a value: the schema's own example or default, else one of its shape. A
// member that may be null is null, unless it is a list, so that a sample says what is always
// there.
func (c *contract) sample(s *schema, above []*schema) any {
	r := c.resolve(s)
	switch {
	case s != nil && len(s.Examples) > 0:
		return s.Examples[0]
	case len(r.Examples) > 0:
		return r.Examples[0]
	case r.Default != nil:
		return r.Default
	case len(r.Enum) > 0:
		return r.Enum[0]
	case len(above) > deepest || slices.Contains(above, r) || len(r.Type) == 0:
		return nil
	}
	switch r.Type[0] {
	case "object":
		return c.object(r, append(slices.Clone(above), r))
	case "array":
		return []any{c.sample(r.Items, above)}
	case "integer", "number":
		if r.Minimum != nil {
			return r.Minimum
		}
		return 1
	case "boolean":
		return true
	}
	return textSample(r)
}

func (c *contract) object(r *schema, above []*schema) map[string]any {
	o := map[string]any{}
	for name, p := range r.Properties {
		if slices.Contains(p.Type, "null") && !slices.Contains(p.Type, "array") ||
			slices.ContainsFunc(p.AnyOf, func(o *schema) bool { return slices.Contains(o.Type, "null") }) {
			o[name] = nil
			continue
		}
		o[name] = c.sample(p, above)
	}
	return o
}

// textSample is a string of the asked-for format.
func textSample(r *schema) string {
	text := map[string]string{
		"date": "2026-11-22", "date-time": "2026-11-22T17:05:09Z", "email": "ana@example.com", "uri": "https://example.com",
		"uuid": "0f1e2d3c-4b5a-4c6d-8e7f-901a2b3c4d5e",
	}[r.Format]
	if text == "" {
		text = "texto"
	}
	if r.MinLength != nil && len(text) < *r.MinLength {
		text += strings.Repeat("x", *r.MinLength-len(text))
	}
	return text
}
