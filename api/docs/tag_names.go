package docs

// tagNames are the contract's groups of operations as the pages call them: what people who read Portuguese look for.
var tagNames = map[string]string{
	"Tenants":        "Clínicas",
	"Connection":     "Conexão com o Asaas",
	"Invoices":       "Faturas e cobranças",
	"Checkouts":      "Checkouts",
	"Anticipations":  "Antecipações",
	"Ledger":         "Extrato, lançamentos e pendências",
	"Feed":           "Feed de mudanças",
	"Endpoints":      "Sistemas conectados: envios",
	"Events":         "Eventos e avisos do Asaas",
	"Agenda":         "Agenda e prazos",
	"Alarms":         "Alarmes",
	"Exports":        "Exportações",
	"Users":          "Usuários",
	"Auth":           "Login e perfil",
	"Service tokens": "Tokens de serviço",
	"Audit":          "Auditoria",
	"Operation":      "Operação da plataforma",
}
