package docs

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"patapay/domain/asaas"
	"patapay/domain/asaas/samples"
)

// event is one kind of event that the gateway sends.
type event struct {
	Type, Name, Family string
	Sample             string // a delivery, real in shape; "" when there is none
	Origin             string // of the sample
}

// origins are where a sample comes from, by the last word of its name, the best first.
var origins = []struct{ word, text string }{
	{"real", "entrega capturada, com os dados pessoais trocados"},
	{"doc", "da documentação do Asaas"},
	{"made", "montada a partir das anteriores"},
}

// eventCatalogue returns every event that can be subscribed to, by family, with a sample.
func eventCatalogue() (list []event) {
	byKind := map[string]string{}
	for i := len(origins) - 1; i >= 0; i-- {
		for _, name := range slices.Backward(samples.Names()) {
			if strings.HasSuffix(name, "."+origins[i].word) {
				byKind[samples.EventName(name)] = name
			}
		}
	}
	for _, family := range asaas.Families() {
		for _, kind := range asaas.Events(family) {
			e := event{Type: kind, Name: nameOf(kind), Family: string(family)}
			if name := byKind[kind]; name != "" {
				e.Sample, e.Origin = indented(samples.Event(name)), originOf(name)
			}
			list = append(list, e)
		}
	}
	return list
}

func indented(raw []byte) string {
	var b bytes.Buffer
	if err := json.Indent(&b, raw, "", "  "); err != nil {
		return string(raw)
	}
	return b.String()
}

func originOf(sample string) string {
	for _, o := range origins {
		if strings.HasSuffix(sample, "."+o.word) {
			return o.text
		}
	}
	return ""
}

func (s *site) eventList(*http.Request) (view, bool) {
	return view{Title: "Catálogo de eventos", Page: "events", Data: s.events}, true
}

func (s *site) event(r *http.Request) (view, bool) {
	for _, e := range s.events {
		if e.Type == r.PathValue("type") {
			return view{Title: e.Name, Page: "event", Data: e}, true
		}
	}
	return view{}, false
}
