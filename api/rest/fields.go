package rest

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"patapay/api/problem"
)

// SparseInput lets a caller name the members to be shown (docs/api-guide.md, fields). Whatever
// embeds it gets them: add() notes the names, the door refuses others, sparse cuts.
type SparseInput struct {
	Fields string `query:"fields" maxLength:"1000" doc:"Names of the members to show, with commas between; the others are left out. Without it: all" example:"id,status,value"`
}

// members marks the operation whose objects may be shown in part, with their names.
const members = "members"

// membersOf returns the names that fields= of an operation may hold: those of the objects
// of its list, or of its one object. nil: it takes no fields.
func membersOf(in, out reflect.Type) []string {
	if f, has := in.FieldByName("Fields"); !has || f.Tag.Get("query") != "fields" {
		return nil
	}
	body, _ := out.FieldByName("Body")
	object := body.Type
	if data, list := object.FieldByName("Data"); list {
		object = data.Type.Elem()
	}
	return jsonNames(object)
}

// jsonNames returns the names of a struct's members in JSON, those of embedded ones too.
func jsonNames(t reflect.Type) (names []string) {
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Anonymous && name == "":
			names = append(names, jsonNames(f.Type)...)
		case f.IsExported() && name != "" && name != "-":
			names = append(names, name)
		}
	}
	return names
}

// asked returns the members that the request names, nil for all of them.
func asked(query string, there bool) []string {
	if !there {
		return nil
	}
	return strings.Split(query, ",")
}

// knownMembers fails with unknown_parameter for a member that the operation's objects do
// not have: a mistyped one must not look like one that is never there.
func knownMembers(op *huma.Operation, c *gin.Context) error {
	names, takes := op.Metadata[members].([]string)
	if !takes {
		return nil
	}
	var unknown []problem.Field
	for _, name := range asked(c.GetQuery("fields")) {
		if !slices.Contains(names, name) {
			unknown = append(
				unknown,
				problem.Field{Parameter: "fields", Pointer: "/" + PrintableName(name), Code: "unknown_property", Allowed: names},
			)
		}
	}
	if unknown == nil {
		return nil
	}
	return &problem.Error{Code: "unknown_parameter", Fields: unknown}
}

// SparseFields leaves of an answer's objects only the members that were asked for.
func SparseFields(ctx huma.Context, status string, body any) (any, error) {
	if ctx.Operation().Metadata[members] == nil || status != "200" || ctx.Query("fields") == "" {
		return body, nil
	}
	text, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	var whole map[string]json.RawMessage
	if err := json.Unmarshal(text, &whole); err != nil {
		return nil, err
	}
	names := asked(ctx.Query("fields"), true)
	data, list := whole["data"]
	if !list {
		return chosen(whole, names), nil
	}
	var objects []map[string]json.RawMessage
	if err := json.Unmarshal(data, &objects); err != nil {
		return nil, err
	}
	for i := range objects {
		objects[i] = chosen(objects[i], names)
	}
	whole["data"], err = json.Marshal(objects)
	return whole, err
}

func chosen(object map[string]json.RawMessage, names []string) map[string]json.RawMessage {
	part := map[string]json.RawMessage{}
	for _, name := range names {
		if v, there := object[name]; there {
			part[name] = v
		}
	}
	return part
}
