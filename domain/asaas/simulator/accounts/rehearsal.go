package accounts

import "patapay/domain"

// Rehearsal is something to paste as a key, with what a receiver has to say about it: one
// for each message about keys, so that every one can be seen.
type Rehearsal struct {
	Code  string // of the message, the receiver's word
	Paste string // what to paste; "" is pasted too
	About string
	key   *rehearsed // what the API answers; nil: it is never asked
}

type rehearsed struct {
	behaviour Behaviour
	lacks     []string
	owner     owner
}

// owner is whose a rehearsal's key is.
type owner int

const (
	free     owner = iota // an account that nobody has connected
	taken                 // one that another clinic has
	stranger              // one of another CNPJ
)

// rehearsals is every message about keys. The prefix says sandbox; what is behind it is
// made up and says which message it is for.
var rehearsals = []Rehearsal{
	{"required", "", "nada colado", nil},
	{"inner_whitespace", "$aact_hmlg_ensaio com espaço", "espaço no meio", nil},
	{
		"dollar_completed", "aact_hmlg_ensaio_sem_cifrao", "sem o cifrão: completada, e conecta",
		&rehearsed{KeyGood, nil, free},
	},
	{"looks_like_wallet", "0f1e2d3c-4b5a-4c6d-8e7f-901a2b3c4d5e", "o ID de uma carteira", nil},
	{"not_asaas_key", "sk_live_ensaio", "chave de outro serviço", nil},
	{"wrong_environment", "$aact_prod_ensaio_producao", "chave de Produção em Sandbox", nil},
	{
		"wrong_environment", "$aact_hmlg_ensaio_outro_ambiente", "401 invalid_environment",
		&rehearsed{KeyOtherSide, nil, free},
	},
	{"key_refused", "$aact_hmlg_ensaio_recusada", "401 invalid_access_token", &rehearsed{KeyRevoked, nil, free}},
	{
		"key_refused", "$aact_hmlg_ensaio_malformada", "401 invalid_access_token_format",
		&rehearsed{KeyMalformed, nil, free},
	},
	{
		"permission_missing", "$aact_hmlg_ensaio_sem_permissao", "403, não pode ler webhooks nem cobranças",
		&rehearsed{KeyNoPermission, []string{"WEBHOOK:READ", "PAYMENT:READ"}, free},
	},
	{"ip_blocked", "$aact_hmlg_ensaio_ip", "403 not_allowed_ip", &rehearsed{KeyBlockedIP, nil, free}},
	{"asaas_rate_limited", "$aact_hmlg_ensaio_limite", "429, aguardar 42 s", &rehearsed{KeyLimited, nil, free}},
	{"asaas_timeout", "$aact_hmlg_ensaio_lenta", "nenhuma resposta em 10 s", &rehearsed{KeySlow, nil, free}},
	{"asaas_timeout", "$aact_hmlg_ensaio_quebrada", "500", &rehearsed{KeyBroken, nil, free}},
	{
		"account_in_use", "$aact_hmlg_ensaio_em_uso", "conta de outra clínica, depois de confirmar o CNPJ",
		&rehearsed{KeyGood, nil, taken},
	},
	{"cnpj_differs", "$aact_hmlg_ensaio_outro_cnpj", "conta de outro CNPJ", &rehearsed{KeyGood, nil, stranger}},
}

// Rehearsals returns everything there is to paste, in the order of the messages.
func Rehearsals() []Rehearsal { return append([]Rehearsal(nil), rehearsals...) }

// AddRehearsals makes the keys of Rehearsals work: on the account unconnected, which no
// clinic has, on the account connected, which one has, and on a new one of another CNPJ. It
// fails for unknown accounts.
func (w *World) AddRehearsals(unconnected, connected string) error {
	w.Lock()
	defer w.Unlock()
	a, err := w.Find(unconnected)
	if err != nil {
		return err
	}
	b, err := w.Find(connected)
	if err != nil {
		return err
	}
	other := w.OpenBooks(Account{Name: "Clínica de outro CNPJ", TaxID: "60746948000112", Environment: domain.Sandbox})
	for _, r := range rehearsals {
		if r.key == nil {
			continue
		}
		value := r.Paste
		if value[0] != '$' {
			value = "$" + value
		}
		w.Keys[value] = &Key{
			ID: w.UUID(), value: value, Owner: []*Books{a, b, other}[r.key.owner],
			Behaviour: r.key.behaviour, Lacks: setOf(r.key.lacks),
		}
	}
	return nil
}
