package problem

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-gonic/gin"

	"patapay/domain"
)

// canary stands for a key that a caller pasted into the wrong place.
const canary = "$aact_prod_canary4711"

type order struct {
	Name     string   `json:"name" minLength:"3" maxLength:"8"`
	Kind     string   `json:"kind" enum:"a,b"`
	Count    int      `json:"count" minimum:"1"`
	Site     string   `json:"site,omitempty" format:"uri"`
	When     string   `json:"when,omitempty" format:"date-time"`
	Pattern  string   `json:"pattern,omitempty" pattern:"^[0-9]+$"`
	Lines    []string `json:"lines,omitempty" maxItems:"1"`
	Resolved string   `json:"resolved,omitempty"`
}

// Resolve refuses one value, as a check digit would.
func (o *order) Resolve(huma.Context) []error {
	if o.Resolved != "" {
		return []error{&Field{Pointer: "/resolved", Code: "check_digit", Detail: "O dígito não confere."}}
	}
	return nil
}

// server has a plain route and huma ones that fail with *fail; logged is what the request
// would log.
func server(t *testing.T, fail error) (handler http.Handler, logged *[]string) {
	t.Helper()
	gin.SetMode(gin.TestMode)
	router := gin.New()
	logged = new([]string)
	router.Use(func(c *gin.Context) {
		c.Request = c.Request.WithContext(WithRequest(c.Request.Context(), "req_test1234"))
		c.Next()
		for _, e := range c.Errors {
			*logged = append(*logged, e.Error())
		}
	})
	router.GET("/plain", Handle(func(*gin.Context) error { return fail }))
	cfg := huma.DefaultConfig("test", "1")
	Configure(&cfg)
	api := humagin.New(router, cfg)
	huma.Get(api, "/v1/fails", func(context.Context, *struct{}) (*struct{}, error) { return nil, fail })
	huma.Post(api, "/v1/orders", func(context.Context, *struct {
		Limit int `query:"limit" minimum:"1" maximum:"100"`
		Body  order
	},
	) (*struct{ Body order }, error) {
		return &struct{ Body order }{}, nil
	})
	return router, logged
}

type answer struct {
	w *httptest.ResponseRecorder
	Problem
}

func ask(t *testing.T, h http.Handler, method, path, body string, headers ...string) answer {
	t.Helper()
	w := httptest.NewRecorder()
	r := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	h.ServeHTTP(w, r)
	a := answer{w: w}
	if err := json.Unmarshal(w.Body.Bytes(), &a.Problem); err != nil {
		t.Fatalf("%s %s: %v in %q", method, path, err, w.Body.String())
	}
	return a
}

func TestEveryErrorAnswersAlikeFromGinAndFromHuma(t *testing.T) {
	secret := errors.New("pq: password " + canary)
	for _, row := range []struct {
		rule   string
		err    error
		status int
		code   string
		detail string
	}{
		{"invalid", domain.Errorf(domain.Invalid, "A data %s.", "não existe"), 422, "invalid", "A data não existe."},
		{
			"unauthenticated", domain.Errorf(domain.Unauthenticated, ""), 401, "unauthenticated",
			"Falta um token válido. Entre de novo.",
		},
		{"forbidden", domain.Errorf(domain.Forbidden, ""), 403, "forbidden", "Seu acesso não permite esta ação."},
		{
			"not found, wrapped",
			fmt.Errorf("load %s: %w", canary, domain.Errorf(domain.NotFound, "Fatura não encontrada.")),
			404, "not_found", "Fatura não encontrada.",
		},
		{
			"conflict", domain.Errorf(domain.Conflict, ""), 409, "conflict",
			"O pedido não combina com o estado atual. Atualize e tente de novo.",
		},
		{
			"unavailable", &domain.Error{Code: domain.Unavailable, Err: secret}, 503, "unavailable",
			"Estamos sem acesso a algo de que precisamos. Tente de novo em instantes.",
		},
		{
			"a missed deadline", fmt.Errorf("query: %w", context.DeadlineExceeded), 503, "unavailable",
			"Estamos sem acesso a algo de que precisamos. Tente de novo em instantes.",
		},
		{
			"internal shows no detail", &domain.Error{Code: domain.Internal, Detail: canary, Err: secret}, 500, "internal",
			"O problema é do nosso lado; já avisamos a equipe.",
		},
		{"any other error is internal", secret, 500, "internal", "O problema é do nosso lado; já avisamos a equipe."},
		{
			"a code of its own",
			&Error{Code: "wrong_environment", Fields: []Field{{Pointer: "/apiKey", Code: "wrong_environment"}}, Err: secret},
			422, "wrong_environment", "Esta chave é de Sandbox, mas você escolheu Produção.",
		},
		{
			"a code that is in no table", &Error{Code: "blessed"}, 500, "internal",
			"O problema é do nosso lado; já avisamos a equipe.",
		},
		{
			"the gateway's answer", &Error{Code: "asaas_error", Upstream: &Upstream{Status: 400, Code: "invalid_value"}},
			502, "asaas_error", "O Asaas respondeu com um erro.",
		},
	} {
		t.Run(row.rule, func(t *testing.T) {
			h, logged := server(t, row.err)
			for _, path := range []string{"/plain", "/v1/fails"} {
				a := ask(t, h, "GET", path, "")
				if a.w.Code != row.status || a.Status != row.status || a.Problem.Code != row.code || a.Detail != row.detail {
					t.Errorf("%s: %d %+v", path, a.w.Code, a.Problem)
				}
				if a.Instance != path || a.RequestID != "req_test1234" || !strings.HasPrefix(a.Type, "/docs/erros/") ||
					a.Title == "" {
					t.Errorf("%s: %+v", path, a.Problem)
				}
				if got := a.w.Header().Get("Content-Type"); !strings.HasPrefix(got, "application/problem+json") {
					t.Errorf("%s: Content-Type %s", path, got)
				}
				if strings.Contains(a.w.Body.String(), "canary") {
					t.Errorf("%s: the cause is in %s", path, a.w.Body.String())
				}
			}
			if len(*logged) != 2 || !strings.Contains((*logged)[1], row.err.Error()) {
				t.Errorf("logged %q, want the error of both routes", *logged)
			}
		})
	}
}

func TestTheLanguageIsPortugueseUnlessEnglishIsPreferred(t *testing.T) {
	h, _ := server(t, domain.Errorf(domain.NotFound, ""))
	for accept, want := range map[string]string{
		"": "Não encontrado", "pt": "Não encontrado", "en": "Not found",
		"en-GB,pt;q=0.5": "Not found", "pt-BR,en;q=0.9": "Não encontrado",
		"de": "Não encontrado", "de,en;q=0.1": "Not found",
		strings.Repeat("en,", 100): "Não encontrado", "\x00": "Não encontrado",
	} {
		for _, path := range []string{"/plain", "/v1/fails"} {
			if a := ask(t, h, "GET", path, "", "Accept-Language", accept); a.Title != want {
				t.Errorf("%s for %.20q: %q, want %q", path, accept, a.Title, want)
			}
		}
	}
}

func TestAValueThatWasSentIsNeverAnswered(t *testing.T) {
	h, _ := server(t, nil)
	good := `"name":"abc","kind":"a","count":1`
	for _, row := range []struct{ rule, path, body, pointer, code string }{
		{
			"a value of another type", "/v1/orders",
			`{"name":"abc","kind":"a","count":"` + canary + `"}`, "/count", "wrong_type",
		},
		{
			"a value not among those allowed", "/v1/orders",
			`{"name":"abc","kind":"` + canary + `","count":1}`, "/kind", "not_one_of_allowed",
		},
		{"a value that is too long", "/v1/orders", `{"name":"` + canary + `","kind":"a","count":1}`, "/name", "wrong_length"},
		{"a number out of range", "/v1/orders", `{"name":"abc","kind":"a","count":-4711}`, "/count", "out_of_range"},
		{
			"a string that is no address", "/v1/orders",
			`{` + good + `,"site":"http://` + canary + `%zz"}`, "/site", "wrong_format",
		},
		{"a string that is no time", "/v1/orders", `{` + good + `,"when":"` + canary + `"}`, "/when", "wrong_format"},
		{
			"a string without its pattern", "/v1/orders",
			`{` + good + `,"pattern":"` + canary + `"}`, "/pattern", "wrong_format",
		},
		{"a list that is too long", "/v1/orders", `{` + good + `,"lines":["` + canary + `","x"]}`, "/lines", "wrong_length"},
		{"an unknown field, named", "/v1/orders", `{` + good + `,"nome":"` + canary + `"}`, "/nome", "unknown_property"},
		{"an unknown field that may be a secret", "/v1/orders", `{` + good + `,"` + canary + `":1}`, "", "unknown_property"},
		{"a field that is missing", "/v1/orders", `{"name":"abc","kind":"a","` + canary + `":4711}`, "/count", "required"},
		{
			"a field that a resolver refuses", "/v1/orders",
			`{` + good + `,"resolved":"` + canary + `"}`, "/resolved", "check_digit",
		},
		{"a body that is not JSON", "/v1/orders", canary, "", "invalid"},
		{"a body that is a string", "/v1/orders", `"` + canary + `"`, "", "wrong_type"},
		{"a parameter of another type", "/v1/orders?limit=" + "aact_prod_canary4711", `{` + good + `}`, "", "wrong_type"},
	} {
		t.Run(row.rule, func(t *testing.T) {
			a := ask(t, h, "POST", row.path, row.body)
			if a.w.Code < 400 || a.w.Code >= 500 || a.Status != a.w.Code {
				t.Fatalf("%d %s", a.w.Code, a.w.Body.String())
			}
			if strings.Contains(a.w.Body.String(), "canary") || strings.Contains(a.w.Body.String(), "4711") {
				t.Errorf("the value is in %s", a.w.Body.String())
			}
			found := false
			for _, f := range a.Errors {
				found = found || f.Pointer == row.pointer && f.Code == row.code
			}
			if !found {
				t.Errorf("no %s at %q in %s", row.code, row.pointer, a.w.Body.String())
			}
		})
	}
}

func TestTimeToWaitAndSchemeAreHeaders(t *testing.T) {
	for _, path := range []string{"/plain", "/v1/fails"} {
		h, _ := server(t, &Error{Code: "rate_limited", RetryAfter: 1500 * time.Millisecond})
		if a := ask(t, h, "GET", path, ""); a.w.Code != 429 || a.w.Header().Get("Retry-After") != "2" || !a.Retryable {
			t.Errorf("%s: %d Retry-After %q", path, a.w.Code, a.w.Header().Get("Retry-After"))
		}
		h, _ = server(t, domain.Errorf(domain.Unauthenticated, ""))
		if a := ask(t, h, "GET", path, ""); a.w.Header().Get("WWW-Authenticate") != "Bearer" {
			t.Errorf("%s: no WWW-Authenticate", path)
		}
	}
}

func TestEveryKindIsComplete(t *testing.T) {
	codes, slugs := map[string]bool{}, map[string]bool{}
	for _, k := range kinds {
		if k.status < 400 || k.slug == "" || codes[k.code] || slugs[k.slug] {
			t.Errorf("%s: status %d, slug %q, or twice", k.code, k.status, k.slug)
		}
		codes[k.code], slugs[k.slug] = true, true
		for lang := range k.title {
			if k.title[lang] == "" || k.detail[lang] == "" {
				t.Errorf("%s has no words in language %d", k.code, lang)
			}
		}
	}
	for _, code := range []domain.Code{
		domain.Invalid, domain.Unauthenticated, domain.Forbidden, domain.NotFound,
		domain.Conflict, domain.Unavailable, domain.Internal,
	} {
		if !codes[string(code)] {
			t.Errorf("domain code %s is not in the table", code)
		}
	}
}

func TestEveryKindSpeaksBothLanguages(t *testing.T) {
	for _, k := range Catalogue() {
		h, _ := server(t, &Error{Code: k.Code})
		for lang, accept := range []string{"pt-BR,pt;q=0.9", "en"} {
			for _, path := range []string{"/plain", "/v1/fails"} {
				a := ask(t, h, "GET", path, "", "Accept-Language", accept)
				if a.w.Code != k.Status || a.Problem.Code != k.Code || a.Type != "/docs/erros/"+k.Slug ||
					a.Title != k.Title[lang] ||
					a.Detail != k.Detail[lang] ||
					a.Retryable != k.Retryable {
					t.Errorf("%s in %s: %d %+v", k.Code, accept, a.w.Code, a.Problem)
				}
			}
		}
		if k.Title[0] == k.Title[1] || k.Detail[0] == k.Detail[1] {
			t.Errorf("%s: one language twice", k.Code)
		}
	}
}

func TestARequestIDIsKeptWhenItIsPlain(t *testing.T) {
	if id := RequestIDFrom("abc-1234.x"); id != "abc-1234.x" {
		t.Errorf("plain id became %s", id)
	}
	for _, bad := range []string{"", "short", "a b c d e f g", "x\nlevel=ERROR", strings.Repeat("x", 65)} {
		if id := RequestIDFrom(bad); !strings.HasPrefix(id, "req_") || id == RequestIDFrom(bad) {
			t.Errorf("%q became %s", bad, id)
		}
	}
}

func TestAnAnswerThatHasBegunStays(t *testing.T) {
	gin.SetMode(gin.TestMode)
	router := gin.New()
	router.GET("/", Handle(func(c *gin.Context) error { c.String(200, "begun"); return errors.New("late") }))
	w := httptest.NewRecorder()
	router.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	if w.Code != 200 || w.Body.String() != "begun" {
		t.Errorf("%d %s", w.Code, w.Body.String())
	}
}
