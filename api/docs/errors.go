package docs

import (
	"net/http"

	"patapay/api/problem"
)

// errorPage is a kind of error and what to do about it.
type errorPage struct {
	problem.Kind
	Fix [2]string // Portuguese, English
}

// In returns the page in a language.
func (e errorPage) In(english bool) errorWords {
	i := 0
	if english {
		i = 1
	}
	return errorWords{e, e.Title[i], e.Detail[i], e.Fix[i], english}
}

type errorWords struct {
	errorPage
	Title, Cause, Cure string
	English            bool
}

// errorPages joins the table of errors with the cures below. A kind without a cure is a
// fault that a test finds.
func errorPages() []errorPage {
	kinds := problem.Catalogue()
	list := make([]errorPage, len(kinds))
	for i, k := range kinds {
		list[i] = errorPage{k, cures[k.Code]}
	}
	return list
}

func (s *site) errorList(r *http.Request) (view, bool) {
	list, en := make([]errorWords, len(s.errors)), english(r)
	for i, e := range s.errors {
		list[i] = e.In(en)
	}
	return view{Title: either(en, "Error catalogue", "Catálogo de erros"), Page: "errors", English: en, Data: list}, true
}

func (s *site) error(r *http.Request) (view, bool) {
	for _, e := range s.errors {
		if e.Slug == r.PathValue("slug") {
			words := e.In(english(r))
			return view{Title: words.Title, Page: "error", English: words.English, Data: words}, true
		}
	}
	return view{}, false
}

func either(english bool, en, pt string) string {
	if english {
		return en
	}
	return pt
}

// cures say what to do about each code, in Portuguese and English.
var cures = map[string][2]string{
	"malformed": {
		"Envie JSON válido em UTF-8, com Content-Type application/json, e cada parâmetro uma única vez.",
		"Send valid JSON in UTF-8 with Content-Type application/json, and each parameter once.",
	},
	"unknown_parameter": {
		"Veja em errors qual parâmetro sobra e confira o nome na página da operação. " +
			"Nada é ignorado: um filtro escrito errado traria tudo.",
		"See in errors which parameter is too many and check its name on the operation's page. " +
			"Nothing is ignored: a mistyped filter would bring everything.",
	},
	"cursor_mismatch": {
		"Use o cursor só com os mesmos filtros e a mesma ordem, sem alterá-lo. Para outra consulta, comece sem cursor.",
		"Use a cursor with the same filters and order only, unchanged. For another query begin without one.",
	},
	"idempotency_key_required": {
		"Envie Idempotency-Key com um nome novo para cada pedido, um UUID por exemplo; " +
			"repetido em 24 horas, traz a mesma resposta.",
		"Send Idempotency-Key with a fresh name for each request, a UUID for instance; " +
			"repeated within 24 hours it brings the same answer.",
	},
	"unauthenticated": {
		"Envie Authorization: Bearer com um token que ainda vale. Tokens de pessoas duram 15 minutos; " +
			"os de serviço podem ter sido revogados.",
		"Send Authorization: Bearer with a token that still holds. People's tokens last 15 minutes; " +
			"a service token may have been revoked.",
	},
	"mail_not_set_up": {
		"Peça uma senha nova a um Administrador da clínica ou ao suporte; " +
			"quem opera o PataPay define SMTP_URL para que links por e-mail existam.",
		"Ask an administrator of the clinic or the support for a new password; " +
			"whoever operates PataPay sets SMTP_URL so that there are mailed links.",
	},
	"tokens_need_decision": {
		"Repita com serviceTokens: end (os tokens terminam, e os que foram criados com eles) ou transfer " +
			"(passam para quem pede). A lista e o último uso estão em serviceTokens.",
		"Repeat it with serviceTokens: end (the tokens end, and those made with them) or transfer (they become yours). " +
			"The list and the last use are in serviceTokens.",
	},
	"wrong_credentials": {
		"Confira e-mail e senha. Depois de muitas tentativas é preciso aguardar.",
		"Check e-mail and password. After many attempts there is a wait.",
	},
	"forbidden": {
		"Use um token com o escopo da operação (está na página dela). Operadores informam o motivo em X-Access-Reason.",
		"Use a token with the operation's scope (it is on its page). Operators give their reason in X-Access-Reason.",
	},
	"not_found": {
		"Confira o endereço e o id. Um objeto de outra clínica responde o mesmo que um que não existe.",
		"Check the address and the id. Another clinic's object answers the same as one that does not exist.",
	},
	"method_not_allowed": {"Confira o método na página da operação.", "Check the method on the operation's page."},
	"not_acceptable": {
		"Retire o Accept, ou peça application/json.",
		"Drop Accept, or ask for application/json.",
	},
	"request_timeout": {
		"Envie o pedido inteiro em menos de 15 segundos e tente de novo.",
		"Send the whole request within 15 seconds and try again.",
	},
	"conflict": {
		"Leia o objeto de novo: o estado dele não permite isto agora. A frase em detail diz qual.",
		"Read the object again: its state does not allow this now. The sentence in detail says which.",
	},
	"idempotency_in_progress": {
		"Aguarde os segundos de Retry-After e repita com a mesma chave: a resposta do primeiro pedido virá.",
		"Wait the seconds of Retry-After and repeat with the same key: the first request's answer will come.",
	},
	"account_in_use": {
		"Desconecte a outra clínica primeiro, ou confira se a chave é da conta certa.",
		"Disconnect the other clinic first, or check that the key is of the right account.",
	},
	"account_differs": {
		"Para trocar de conta, desconecte e conecte de novo. Para trocar só a chave, use uma da mesma conta.",
		"To change accounts disconnect and connect again. To change the key alone use one of the same account.",
	},
	"webhook_limit": {
		"No painel do Asaas, em Integrações › Webhooks, exclua um que não é mais usado e tente de novo.",
		"In Asaas's panel, under Integrations › Webhooks, delete one that is no longer used and try again.",
	},
	"webhook_busy": {
		"Outra configuração da mesma clínica está em andamento. Tente de novo em alguns segundos.",
		"Another set-up of the same clinic is running. Try again in a few seconds.",
	},
	"cursor_expired": {
		"As mudanças são guardadas por 30 dias. Peça a posição atual (limit=0), leia tudo de novo e siga a partir dela.",
		"Changes are kept for 30 days. Ask where the feed ends (limit=0), read everything again and follow from there.",
	},
	"second_factor_required": {
		"Envie o código do aplicativo, ou um código de recuperação, " +
			"a POST /v1/auth/login/factor com o challenge desta resposta.",
		"Send the app's code, or a recovery code, to POST /v1/auth/login/factor with the challenge of this answer.",
	},
	"second_factor_mandatory": {
		"Ligue um segundo fator em Meu perfil. Para trocar de aplicativo, ligue o novo antes de remover o antigo.",
		"Set a second factor up on your profile. To change the app, set the new one up before you remove the old one.",
	},
	"challenge_over": {
		"Comece de novo em POST /v1/auth/login: o challenge vale cinco tentativas e poucos minutos.",
		"Begin again at POST /v1/auth/login: a challenge is good for five tries and a few minutes.",
	},
	"fresh_factor_required": {
		"Mostre o segundo fator em POST /v1/auth/fresh-factor e repita o pedido nos dez minutos seguintes.",
		"Show the second factor to POST /v1/auth/fresh-factor and repeat the request within the ten minutes that follow.",
	},
	"visit_over": {
		"Operadores começam uma visita em POST /v1/ops/visits; ela vale meia hora, para uma clínica e só para ler.",
		"Operators begin a visit at POST /v1/ops/visits; it is good for half an hour, for one clinic, and only to read.",
	},
	"precondition_failed": {
		"Alguém mudou o objeto depois que você o leu. Leia de novo, confira e envie com o novo ETag.",
		"Somebody changed the object after you read it. Read it again, look, and send with the new ETag.",
	},
	"too_large":              {"Envie no máximo 64 KiB.", "Send 64 KiB at most."},
	"unsupported_media_type": {"Envie Content-Type: application/json.", "Send Content-Type: application/json."},
	"invalid": {
		"Veja em errors cada campo e o que há de errado nele; corrija e envie de novo. " +
			"Os valores nunca são repetidos na resposta.",
		"See in errors each field and what is wrong with it; correct and send again. Values are never repeated in an answer.",
	},
	"idempotency_key_reused": {
		"Use uma chave nova para cada pedido diferente.",
		"Use a new key for each different request.",
	},
	"wrong_environment": {
		"Chaves de produção começam com $aact_prod_, de Sandbox com $aact_hmlg_. Use a do ambiente da clínica.",
		"Production keys begin with $aact_prod_, sandbox keys with $aact_hmlg_. Use one of the clinic's environment.",
	},
	"required": {
		"Cole a chave inteira, como o Asaas a mostrou.",
		"Paste the whole key as Asaas showed it.",
	},
	"inner_whitespace": {
		"Copie a chave de novo, sem quebras de linha nem espaços no meio.",
		"Copy the key again, without line breaks or blanks inside.",
	},
	"looks_like_wallet": {
		"O que você colou é o ID da carteira. A chave começa com $aact_ e está em Integrações › Chaves de API.",
		"What you pasted is the wallet ID. The key begins with $aact_ and is under Integrations › API keys.",
	},
	"not_asaas_key": {
		"A chave do Asaas começa com $aact_. No terminal, o cifrão some sem aspas simples.",
		"Asaas's key begins with $aact_. In a shell the dollar sign vanishes without single quotes.",
	},
	"key_refused": {
		"A chave foi excluída, desabilitada ou venceu. Crie outra no Asaas e cole-a aqui.",
		"The key was deleted, disabled or has expired. Make another at Asaas and paste it here.",
	},
	"permission_missing": {
		"No Asaas, dê à chave as permissões que faltam (a resposta diz quais) ou crie uma com todas.",
		"At Asaas give the key the permissions it lacks (the answer says which) or make one with all.",
	},
	"ip_blocked": {
		"No Asaas, em Integrações › Mecanismos de segurança, libere o nosso endereço ou retire a restrição.",
		"At Asaas, under Integrations › Security, allow our address or lift the restriction.",
	},
	"cnpj_differs": {
		"Confira se a chave é da conta desta clínica. Se for mesmo assim, confirme com confirmTaxId.",
		"Check that the key is of this clinic's account. If it is all the same, confirm with confirmTaxId.",
	},
	"invalid_wallet": {
		"Copie o ID da carteira do painel do Asaas, ou deixe vazio: nós o lemos com a chave.",
		"Copy the wallet ID from Asaas's panel, or leave it out: we read it with the key.",
	},
	"wallet_differs": {
		"Use o ID da mesma conta da chave, ou deixe vazio.",
		"Use the ID of the key's own account, or leave it out.",
	},
	"precondition_required": {
		"Leia o objeto e envie o ETag recebido em If-Match: assim ninguém apaga a mudança de outra pessoa.",
		"Read the object and send the ETag you got in If-Match: so nobody undoes another's change.",
	},
	"rate_limited": {
		"Aguarde os segundos de Retry-After. Para acompanhar mudanças, siga o feed em vez de consultar em intervalos.",
		"Wait the seconds of Retry-After. To learn of changes follow the feed and do not poll.",
	},
	"headers_too_large": {"Envie menos de 16 KiB de cabeçalhos.", "Send less than 16 KiB of headers."},
	"internal": {
		"Tente de novo. Se continuar, informe o requestId ao suporte.",
		"Try again. If it stays, name the requestId to the support.",
	},
	"asaas_error": {
		"Tente de novo em alguns minutos. upstream diz o que o Asaas respondeu.",
		"Try again in a few minutes. upstream says what Asaas answered.",
	},
	"unavailable": {
		"Tente de novo em alguns segundos. Os avisos do Asaas não se perdem nesse tempo.",
		"Try again in a few seconds. Nothing that Asaas tells is lost meanwhile.",
	},
	"asaas_rate_limited": {
		"Nada a fazer: continuamos sozinhos quando o Asaas permitir. Se tem pressa, tente depois de Retry-After.",
		"Nothing to do: we go on when Asaas allows it. If it is urgent try after Retry-After.",
	},
	"asaas_timeout": {
		"Tente de novo. Se continuar, confira status.asaas.com.",
		"Try again. If it stays, look at status.asaas.com.",
	},
}
