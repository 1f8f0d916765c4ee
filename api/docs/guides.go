package docs

import (
	"net/http"
	"slices"
)

// guide is a page that says how something is done that many operations share; its text is the template of its name.
type guide struct{ Slug, Title, Lead string }

var guides = []guide{
	{"primeiros-passos", "Primeiros passos", "Do token à primeira fatura e às mudanças, em cinco minutos."},
	{"tokens", "Tokens e escopos", "Quem pergunta: tokens de serviço, da plataforma e de pessoas, e como terminam."},
	{"listas", "Listas, filtros e páginas", "Cursores, ordem, contagem, campos, e listas inteiras em arquivo."},
	{"repeticoes", "Repetições e versões", "Idempotency-Key, ETag e If-Match, e trabalho longo."},
	{"feed", "Acompanhar mudanças", "O feed em vez de varrer listas: nada falta, nada sai da ordem."},
	{"dinheiro", "Confiar no dinheiro", "Quando uma baixa é certa, e o que fazer com dinheiro que ninguém espera."},
	{"erros", "Erros e limites", "A forma dos erros, quando repetir, e quantas chamadas cabem."},
}

// Guides returns the guides, for the front page.
func (s *site) Guides() []guide { return guides }

func (s *site) guideList(*http.Request) (view, bool) {
	return view{Title: "Guias", Page: "guides", Data: guides}, true
}

func (s *site) guide(r *http.Request) (view, bool) {
	i := slices.IndexFunc(guides, func(g guide) bool { return g.Slug == r.PathValue("slug") })
	if i < 0 {
		return view{}, false
	}
	return view{Title: guides[i].Title, Page: "guide", Data: guides[i]}, true
}
