package v1

import "github.com/danielgtaylor/huma/v2"

// servers tells a client made from the document where to ask: the address that it read the document from.
var servers = []*huma.Server{{URL: "/", Description: "O endereço de onde este documento foi lido."}}

// tags say what each group of operations is for, in the order in which somebody meets them who connects a system.
var tags = []*huma.Tag{
	tag("Tenants", "Clínicas", "Cada clínica é um tenant: criar, mudar, suspender e excluir, pela plataforma."),
	tag(
		"Connection", "Conexão com o Asaas",
		"A chave, o webhook, as verificações, os consertos e os trabalhos longos da conexão de uma clínica.",
	),
	tag(
		"Invoices", "Faturas e cobranças",
		"As cobranças como o Asaas as conta: situação, somas, história e lançamentos.",
	),
	tag("Checkouts", "Checkouts", "As páginas de pagamento, e o que foi pago nelas."),
	tag("Anticipations", "Antecipações", "O que o Asaas pagou antes do prazo, quanto custou e o que ainda se deve."),
	tag(
		"Ledger", "Extrato, lançamentos e pendências",
		"Cada centavo em partidas dobradas, a comparação com o extrato do Asaas e o dinheiro que uma pessoa precisa olhar.",
	),
	tag(
		"Feed", "Feed de mudanças",
		"Cada mudança na ordem em que foi gravada, depois de um cursor: é o que o faturamento acompanha.",
	),
	tag(
		"Endpoints", "Sistemas conectados: envios",
		"Os endereços que recebem as entradas do feed, assinadas como pede Standard Webhooks.",
	),
	tag(
		"Events", "Eventos e avisos do Asaas",
		"O que o Asaas entregou e o que respondeu às nossas consultas, com o que foi feito de cada um; reprocessar.",
	),
	tag(
		"Agenda", "Agenda e prazos",
		"O que a clínica não pode perder, cada coisa com o dia, o valor e o que fazer.",
	),
	tag("Alarms", "Alarmes", "O que está, ou esteve, errado com os pagamentos de uma clínica."),
	tag("Exports", "Exportações", "Listas inteiras em arquivo, feitas como trabalho longo e guardadas por um dia."),
	tag("Users", "Usuários", "As pessoas de uma clínica, com perfil, sessões e segundo fator."),
	tag("Auth", "Login e perfil", "Entrar, e o que é da pessoa: perfil, sessões, segundos fatores, calendários."),
	tag("Service tokens", "Tokens de serviço", "O acesso de programas, com escopos e último uso."),
	tag("Audit", "Auditoria", "Quem mudou, revelou ou viu o quê, numa cadeia que não se altera sem que se note."),
	tag("Operation", "Operação da plataforma", "Todas as clínicas de uma vez, para quem opera a plataforma."),
}

// tag names a group for programs, and for people in the way that viewers of such documents read (x-displayName).
func tag(name, shown, description string) *huma.Tag {
	return &huma.Tag{Name: name, Description: description, Extensions: map[string]any{"x-displayName": shown}}
}
