package asaasapi

import (
	"fmt"
	"math"
	"strings"

	"patapay/domain"
)

// messages are the pt-BR texts for people: those of a pasted key first, then those of the wallet, the
// webhook step and the remaining answers. Placeholders are filled by Message.
var messages = map[Code]string{
	Required:         "Cole a chave de API gerada no Asaas.",
	InnerWhitespace:  "A chave tem espaços ou quebras de linha no meio. Copie de novo pelo botão do Asaas.",
	DollarCompleted:  "Faltava o cifrão no início; completamos para você.",
	LooksLikeWallet:  "Isto parece o ID da carteira, não a chave.",
	NotAsaasKey:      "Chaves do Asaas começam com $aact_.",
	WrongEnvironment: "Esta chave é de %s, mas você escolheu %s.",
	KeyRefused:       "O Asaas recusou a chave. Ela pode ter sido desabilitada, vencida ou excluída.",
	PermissionLacks:  "A chave funciona, mas falta a permissão: %s. Edite a chave no Asaas e verifique de novo.",
	IPBlocked:        "O Asaas bloqueou nosso endereço. Libere os IPs abaixo em Mecanismos de segurança.",
	RateLimited:      "O Asaas pediu para aguardar %s s. Continuaremos sozinhos.",
	TimedOut:         "Não conseguimos falar com o Asaas. A chave não foi salva.",
	AccountInUse:     "Esta conta Asaas já está conectada a outra clínica.",
	AccountDiffers:   "A chave nova é de outra conta. Desconecte antes.",
	CNPJDiffers:      "A conta Asaas é de outro CNPJ. Confirme que está certo.",

	InvalidWallet: "O ID tem 36 caracteres, como 0f1e2d3c-4b5a-4c6d-8e7f-901a2b3c4d5e.",
	WalletDiffers: "Este ID não é da conta desta chave. O correto é %s.",
	WebhookLimit:  "Você já tem 10 webhooks no Asaas, o limite. Exclua um e tente de novo.",

	Busy:          "A configuração deste webhook já está em andamento. Aguarde um instante.",
	Overtaken:     "Outra pessoa salvou esta conexão agora. Atualize e tente de novo.",
	UnknownPrefix: "A chave não diz de qual ambiente é. Confira o ambiente escolhido.",
	InvalidID:     "Este ID não é do Asaas.",
	NotFound:      "Não encontrado nesta conta do Asaas.",
	Unexpected:    "O Asaas deu uma resposta que não entendemos. Tente de novo em alguns minutos.",
}

// Message returns the pt-BR text of a code. Texts with places take their arguments in
// order: wrong_environment the key's and the chosen environment, permission_missing the
// list, asaas_rate_limited the seconds, wallet_differs the right ID. An unknown code
// gives "".
func Message(code Code, args ...string) string {
	text := messages[code]
	for _, arg := range args {
		text = strings.Replace(text, "%s", arg, 1)
	}
	return text
}

// EnvironmentName returns the environment as people read it.
func EnvironmentName(env domain.Environment) string {
	if env == domain.Production {
		return "Produção"
	}
	return "Sandbox"
}

// args returns what fills the places of the error's text.
func (e *Error) args() []string {
	switch e.Code {
	case WrongEnvironment:
		return []string{EnvironmentName(other(e.Environment)), EnvironmentName(e.Environment)}
	case PermissionLacks:
		return []string{strings.Join(e.Permission, ", ")}
	case RateLimited:
		return []string{fmt.Sprint(int(math.Ceil(e.RetryAfter.Seconds())))}
	case WalletDiffers:
		return []string{e.WalletID}
	}
	return nil
}

func other(env domain.Environment) domain.Environment {
	if env == domain.Production {
		return domain.Sandbox
	}
	return domain.Production
}
