package asaas_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"patapay/domain"
	"patapay/domain/asaas"
	"patapay/domain/asaas/samples"
)

func FuzzPeek(f *testing.F) {
	for _, name := range samples.Names() {
		f.Add(samples.Event(name))
	}
	for _, c := range tricks {
		f.Add([]byte(c.body))
	}
	f.Add([]byte(`{"id":"a\u0000\ud800b","event":"\\","account":{"id":"é"}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		e := asaas.Peek(body)
		if e != asaas.Peek(body) {
			t.Fatal("two readings of one body")
		}
		for _, s := range []string{
			e.ID, e.Event, string(e.Created), e.Account, e.Entity, e.Status, e.Ambiguous, e.Malformed,
		} {
			if len(s) > 200 || !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
				t.Fatalf("%q does not fit Postgres", s)
			}
		}
		read := e.Malformed == "" || strings.HasPrefix(e.Malformed, "unclean_text:")
		if object := isObject(body); object != read {
			t.Fatalf("encoding/json says %t, Peek %q", object, e.Malformed)
		}
		if read {
			checkRecord(t, e.Kind, body)
		}
	})
}

// isObject asks the standard library whether body is one JSON object. It refuses nesting
// past the same depth.
func isObject(body []byte) bool {
	trimmed := strings.TrimLeft(string(body), " \t\r\n")
	return json.Valid(body) && strings.HasPrefix(trimmed, "{")
}

func checkRecord(t *testing.T, kind domain.Kind, body []byte) {
	record, texts, err := asaas.Extract(kind, body)
	if err != nil {
		return
	}
	if !json.Valid(record) || !utf8.Valid(record) || texts != nil && (!json.Valid(texts) || !utf8.Valid(texts)) {
		t.Fatalf("record %q, texts %q", record, texts)
	}
	snapshot, _, err := asaas.Decode(kind, record)
	if err != nil {
		t.Fatalf("%v: %s", err, record)
	}
	foldOne(domain.Record{Snapshot: snapshot})
}
