package problem

import (
	"net/http"

	"patapay/domain"
)

// language is an index into texts.
type language int

const (
	portuguese language = iota
	english
)

// texts are one sentence in each language.
type texts [2]string

// kind is a row of the table below: what an error code is over HTTP.
type kind struct {
	code      string
	status    int
	slug      string // of /docs/erros/{slug}
	retryable bool   // the same request may succeed later
	title     texts
	detail    texts // for a failure without a sentence of its own
}

// kinds is the one table from code to status and words. For a status that the framework
// gives without a code, the first row with it counts.
var kinds = []kind{
	{
		"malformed",
		http.StatusBadRequest,
		"pedido-ilegivel",
		false,
		texts{"Pedido ilegível", "Malformed request"},
		texts{
			"O pedido não pôde ser lido. Confira o JSON e os cabeçalhos.",
			"The request could not be read. Check its JSON and its headers.",
		},
	},
	{
		"unknown_parameter", http.StatusBadRequest, "parametro-desconhecido", false,
		texts{"Parâmetro desconhecido", "Unknown parameter"},
		texts{"O pedido tem um parâmetro que não existe aqui.", "The request has a parameter that does not exist here."},
	},
	{
		"idempotency_key_required",
		http.StatusBadRequest,
		"falta-idempotency-key",
		false,
		texts{"Falta Idempotency-Key", "Idempotency-Key missing"},
		texts{
			"Envie Idempotency-Key com um nome seu para este pedido.",
			"Send Idempotency-Key with a name of your own for this request.",
		},
	},
	{
		"cursor_mismatch", http.StatusBadRequest, "cursor-de-outro-filtro", false,
		texts{"Cursor de outro filtro", "Cursor of another filter"},
		texts{"O cursor veio de outra consulta. Recomece sem ele.", "The cursor came from another query. Start without it."},
	},
	{
		string(domain.Unauthenticated), http.StatusUnauthorized, "nao-autenticado", false,
		texts{"Não autenticado", "Not authenticated"},
		texts{"Falta um token válido. Entre de novo.", "A valid token is missing. Log in again."},
	},
	{
		"wrong_credentials", http.StatusUnauthorized, "credenciais", false,
		texts{"E-mail ou senha", "E-mail or password"},
		texts{"E-mail ou senha não conferem.", "E-mail or password do not match."},
	},
	{
		"second_factor_required", http.StatusConflict, "segundo-fator", false,
		texts{"Falta o segundo fator", "Second factor required"},
		texts{
			"A senha está certa. Informe o código do aplicativo autenticador ou um código de recuperação.",
			"The password is right. Give a code of the authenticator app, or a recovery code.",
		},
	},
	{
		"second_factor_mandatory", http.StatusConflict, "segundo-fator-obrigatorio", false,
		texts{"Segundo fator obrigatório", "Second factor mandatory"},
		texts{
			"O seu acesso exige um segundo fator. Para trocar de aplicativo, cadastre o novo antes de remover este.",
			"Your access needs a second factor. To change the app, set the new one up before you remove this one.",
		},
	},
	{
		"challenge_over", http.StatusConflict, "entrada-vencida", false,
		texts{"A entrada venceu", "The login is over"},
		texts{"O tempo ou as tentativas acabaram. Entre de novo.", "Its time or its tries are over. Log in again."},
	},
	{
		"fresh_factor_required", http.StatusForbidden, "segundo-fator-recente", false,
		texts{"Confirme o segundo fator", "Show your second factor again"},
		texts{
			"Esta ação pede um código mostrado há menos de 10 minutos. Mostre um e repita.",
			"This action asks for a code that was shown within ten minutes. Show one and repeat it.",
		},
	},
	{
		"visit_over", http.StatusForbidden, "visita-terminada", false,
		texts{"A visita terminou", "The visit is over"},
		texts{
			"Esta visita acabou, ou é de outra clínica. Comece outra, com o motivo.",
			"This visit is over, or of another clinic. Begin another one, with its reason.",
		},
	},
	{
		string(domain.Forbidden), http.StatusForbidden, "sem-permissao", false,
		texts{"Sem permissão", "Not allowed"},
		texts{"Seu acesso não permite esta ação.", "Your access does not allow this action."},
	},
	{
		string(domain.NotFound), http.StatusNotFound, "nao-encontrado", false,
		texts{"Não encontrado", "Not found"},
		texts{"Não encontramos o que você pediu.", "We did not find what you asked for."},
	},
	{
		"method_not_allowed", http.StatusMethodNotAllowed, "metodo", false,
		texts{"Método não permitido", "Method not allowed"},
		texts{"Este endereço não aceita este método.", "This address does not take this method."},
	},
	{
		"not_acceptable", http.StatusNotAcceptable, "formato-de-resposta", false,
		texts{"Formato não disponível", "Not acceptable"},
		texts{"Respondemos somente em JSON.", "We answer in JSON only."},
	},
	{
		"request_timeout", http.StatusRequestTimeout, "pedido-lento", true,
		texts{"Pedido lento demais", "Request too slow"},
		texts{"O pedido não chegou inteiro a tempo. Tente de novo.", "The request did not arrive in time. Try again."},
	},
	{
		string(domain.Conflict),
		http.StatusConflict,
		"conflito",
		false,
		texts{"Conflito", "Conflict"},
		texts{
			"O pedido não combina com o estado atual. Atualize e tente de novo.",
			"The request does not fit the present state. Reload and try again.",
		},
	},
	{
		"idempotency_in_progress",
		http.StatusConflict,
		"pedido-em-andamento",
		true,
		texts{"Pedido em andamento", "Request in progress"},
		texts{
			"Um pedido com esta Idempotency-Key ainda está em andamento.",
			"A request with this Idempotency-Key is still running.",
		},
	},
	{
		"account_in_use",
		http.StatusConflict,
		"conta-em-uso",
		false,
		texts{"Conta em uso", "Account in use"},
		texts{
			"Esta conta Asaas já está conectada a outra clínica.",
			"This Asaas account is already connected to another clinic.",
		},
	},
	{
		"account_differs", http.StatusConflict, "chave-de-outra-conta", false,
		texts{"Chave de outra conta", "Key of another account"},
		texts{"A chave nova é de outra conta. Desconecte antes.", "The new key is of another account. Disconnect first."},
	},
	{
		"webhook_limit",
		http.StatusConflict,
		"limite-de-webhooks",
		false,
		texts{"Limite de webhooks", "Too many webhooks"},
		texts{
			"Você já tem 10 webhooks no Asaas, o limite. Exclua um e tente de novo.",
			"You have 10 webhooks at Asaas, the limit. Delete one and try again.",
		},
	},
	{
		"webhook_busy",
		http.StatusConflict,
		"webhook-em-andamento",
		true,
		texts{"Configuração em andamento", "Set-up in progress"},
		texts{
			"A configuração deste webhook já está em andamento. Aguarde um instante.",
			"This webhook is being set up already. Wait a moment.",
		},
	},
	{
		"mail_not_set_up", http.StatusConflict, "sem-email", false,
		texts{"Sem envio de e-mails", "No e-mail is sent"},
		texts{
			"Este PataPay não envia e-mails. Peça uma senha nova a um Administrador da sua clínica.",
			"This PataPay sends no e-mail. Ask an administrator of your clinic for a new password.",
		},
	},
	{
		"tokens_need_decision", http.StatusConflict, "tokens-sem-dono", false,
		texts{"Tokens de programas sem dono", "Tokens without an owner"},
		texts{
			"Esta pessoa responde por tokens de programas. Diga se eles terminam (end) ou passam para você (transfer).",
			"This person answers for tokens of programs. Say whether they end (end) or become yours (transfer).",
		},
	},
	{
		"cursor_expired",
		http.StatusGone,
		"cursor-vencido",
		false,
		texts{"Cursor vencido", "Cursor expired"},
		texts{
			"O cursor é antigo demais. Leia o estado atual e recomece.",
			"The cursor is too old. Read the present state and start again.",
		},
	},
	{
		"precondition_failed", http.StatusPreconditionFailed, "versao-diferente", false,
		texts{"Versão diferente", "Other version"},
		texts{"O objeto mudou desde que você o leu. Leia de novo.", "The object changed since you read it. Read it again."},
	},
	{
		"too_large", http.StatusRequestEntityTooLarge, "grande-demais", false,
		texts{"Pedido grande demais", "Request too large"},
		texts{"O pedido passa do tamanho aceito.", "The request is larger than we take."},
	},
	{
		"unsupported_media_type", http.StatusUnsupportedMediaType, "tipo-de-conteudo", false,
		texts{"Tipo de conteúdo", "Unsupported media type"},
		texts{"Envie JSON, com Content-Type: application/json.", "Send JSON, with Content-Type: application/json."},
	},
	{
		string(domain.Invalid), http.StatusUnprocessableEntity, "pedido-invalido", false,
		texts{"Pedido inválido", "Invalid request"},
		texts{"Corrija os campos indicados e tente de novo.", "Correct the fields named and try again."},
	},
	{
		"idempotency_key_reused", http.StatusUnprocessableEntity, "idempotency-key-repetida", false,
		texts{"Idempotency-Key repetida", "Idempotency-Key reused"},
		texts{"Esta Idempotency-Key já foi usada com outro conteúdo.", "This Idempotency-Key was used with another body."},
	},
	{
		"wrong_environment", http.StatusUnprocessableEntity, "chave-ambiente", false,
		texts{"Chave de outro ambiente", "Key of another environment"},
		texts{"Esta chave é de Sandbox, mas você escolheu Produção.", "This key is of Sandbox, but you chose Production."},
	},
	{
		"required", http.StatusUnprocessableEntity, "chave-vazia", false,
		texts{"Falta a chave", "Key missing"},
		texts{"Cole a chave de API gerada no Asaas.", "Paste the API key made at Asaas."},
	},
	{
		"inner_whitespace",
		http.StatusUnprocessableEntity,
		"chave-com-espacos",
		false,
		texts{"Chave com espaços", "Key with blanks"},
		texts{
			"A chave tem espaços ou quebras de linha no meio. Copie de novo pelo botão do Asaas.",
			"The key has blanks or line breaks inside. Copy it again with the button at Asaas.",
		},
	},
	{
		"looks_like_wallet", http.StatusUnprocessableEntity, "chave-e-carteira", false,
		texts{"ID da carteira no lugar da chave", "Wallet ID in place of the key"},
		texts{"Isto parece o ID da carteira, não a chave.", "This looks like the wallet ID, not the key."},
	},
	{
		"not_asaas_key", http.StatusUnprocessableEntity, "chave-de-outro-lugar", false,
		texts{"Não é chave do Asaas", "Not an Asaas key"},
		texts{"Chaves do Asaas começam com $aact_.", "Asaas keys begin with $aact_."},
	},
	{
		"key_refused",
		http.StatusUnprocessableEntity,
		"chave-recusada",
		false,
		texts{"Chave recusada", "Key refused"},
		texts{
			"O Asaas recusou a chave. Ela pode ter sido desabilitada, vencida ou excluída.",
			"Asaas refused the key. It may be disabled, expired or deleted.",
		},
	},
	{
		"permission_missing",
		http.StatusUnprocessableEntity,
		"chave-sem-permissao",
		false,
		texts{"Chave sem permissão", "Key lacks a permission"},
		texts{
			"A chave funciona, mas falta permissão. Edite a chave no Asaas e verifique de novo.",
			"The key works but lacks a permission. Edit it at Asaas and check again.",
		},
	},
	{
		"ip_blocked",
		http.StatusUnprocessableEntity,
		"ip-bloqueado",
		false,
		texts{"Endereço bloqueado no Asaas", "Address blocked at Asaas"},
		texts{
			"O Asaas bloqueou nosso endereço. Libere os IPs abaixo em Mecanismos de segurança.",
			"Asaas blocked our address. Allow the addresses below in its security settings.",
		},
	},
	{
		"cnpj_differs",
		http.StatusUnprocessableEntity,
		"outro-cnpj",
		false,
		texts{"Conta de outro CNPJ", "Account of another CNPJ"},
		texts{
			"A conta Asaas é de outro CNPJ. Confirme que está certo.",
			"The Asaas account is of another CNPJ. Confirm that this is right.",
		},
	},
	{
		"invalid_wallet",
		http.StatusUnprocessableEntity,
		"id-da-carteira",
		false,
		texts{"ID da carteira", "Wallet ID"},
		texts{
			"O ID tem 36 caracteres, como 0f1e2d3c-4b5a-4c6d-8e7f-901a2b3c4d5e.",
			"The ID has 36 characters, such as 0f1e2d3c-4b5a-4c6d-8e7f-901a2b3c4d5e.",
		},
	},
	{
		"wallet_differs", http.StatusUnprocessableEntity, "carteira-de-outra-conta", false,
		texts{"Carteira de outra conta", "Wallet of another account"},
		texts{"Este ID não é da conta desta chave.", "This ID is not of this key's account."},
	},
	{
		"precondition_required", http.StatusPreconditionRequired, "falta-if-match", false,
		texts{"Falta If-Match", "If-Match missing"},
		texts{"Envie If-Match com o ETag que você leu.", "Send If-Match with the ETag you read."},
	},
	{
		"rate_limited", http.StatusTooManyRequests, "muitas-tentativas", true,
		texts{"Muitas tentativas", "Too many attempts"},
		texts{"Muitas tentativas. Tente de novo em instantes.", "Too many attempts. Try again in a moment."},
	},
	{
		"headers_too_large", http.StatusRequestHeaderFieldsTooLarge, "cabecalhos", false,
		texts{"Cabeçalhos grandes demais", "Headers too large"},
		texts{"Os cabeçalhos passam do tamanho aceito.", "The headers are larger than we take."},
	},
	{
		string(domain.Internal), http.StatusInternalServerError, "erro-interno", true,
		texts{"Erro interno", "Internal error"},
		texts{"O problema é do nosso lado; já avisamos a equipe.", "The problem is on our side; the team has been told."},
	},
	{
		"asaas_error", http.StatusBadGateway, "erro-no-asaas", true,
		texts{"Erro no Asaas", "Error at Asaas"},
		texts{"O Asaas respondeu com um erro.", "Asaas answered with an error."},
	},
	{
		string(domain.Unavailable),
		http.StatusServiceUnavailable,
		"indisponivel",
		true,
		texts{"Indisponível", "Unavailable"},
		texts{
			"Estamos sem acesso a algo de que precisamos. Tente de novo em instantes.",
			"Something we need is away. Try again in a moment.",
		},
	},
	{
		"asaas_rate_limited", http.StatusServiceUnavailable, "asaas-pediu-espera", true,
		texts{"O Asaas pediu para aguardar", "Asaas asked us to wait"},
		texts{"O Asaas pediu para aguardar. Continuaremos sozinhos.", "Asaas asked us to wait. We go on by ourselves."},
	},
	{
		"asaas_timeout",
		http.StatusGatewayTimeout,
		"asaas-nao-respondeu",
		true,
		texts{"O Asaas não respondeu", "Asaas did not answer"},
		texts{
			"Não conseguimos falar com o Asaas. A chave não foi salva.",
			"We could not reach Asaas. The key was not saved.",
		},
	},
}

// kindOf returns the row of a code. A code that is not in the table is a mistake of ours
// and answers as internal.
func kindOf(code string) kind {
	internal := kind{}
	for _, k := range kinds {
		if k.code == code {
			return k
		}
		if k.code == string(domain.Internal) {
			internal = k
		}
	}
	return internal
}

// kindOfStatus returns the first row of a status, or one of its class.
func kindOfStatus(status int) kind {
	for _, k := range kinds {
		if k.status == status {
			return k
		}
	}
	if status >= 400 && status < 500 {
		k := kindOf("malformed")
		k.status = status
		return k
	}
	return kindOf(string(domain.Internal))
}

// problem returns the body of a failure of this kind; detail "" stands for the kind's.
func (k kind) problem(cause error, detail string) *Problem {
	p := &Problem{
		Type: "/docs/erros/" + k.slug, Status: k.status, Code: k.code, Retryable: k.retryable,
		Detail: detail, kind: k, cause: cause, chosen: detail != "",
	}
	return p.in(portuguese, "", "")
}
