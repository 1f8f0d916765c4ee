package asaasapi

import (
	"errors"
	"testing"
	"time"

	"patapay/domain"
	"patapay/domain/asaas/simulator"
	"patapay/domain/asaas/simulator/accounts"
)

func TestVerifyTellsWhoseKeyItIs(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	got, err := w.Verify(t.Context(), w.cred(), "")
	if err != nil {
		t.Fatal(err)
	}
	if got.ID != w.account.ID || got.WalletID != w.account.WalletID || got.Name != "Clínica Sorriso" ||
		got.TaxID != "66625514000140" || got.PersonType != "JURIDICA" || got.Environment != domain.Sandbox ||
		got.Status.General != "APPROVED" {
		t.Errorf("account %+v", got)
	}
}

func TestTheWalletMustBelongToTheKey(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	if _, err := w.Verify(t.Context(), w.cred(), "\u200b"+w.account.WalletID+"\n"); err != nil {
		t.Errorf("own wallet: %v", err)
	}
	_, err := w.Verify(t.Context(), w.cred(), "0f1e2d3c-4b5a-4c6d-8e7f-901a2b3c4d5e")
	if got := failure(t, err); got.Code != WalletDiffers ||
		got.Detail() != "Este ID não é da conta desta chave. O correto é "+w.account.WalletID+"." {
		t.Errorf("%v: %s", err, got.Detail())
	}
	if _, err := w.Verify(t.Context(), w.cred(), "carteira"); failure(t, err).Code != InvalidWallet {
		t.Errorf("no wallet at all: %v", err)
	}
}

func TestEachAnswerOfTheGatewayHasItsMessage(t *testing.T) {
	w := newWorld(t, simulator.Options{Slowness: time.Minute})
	for _, c := range []struct {
		behaviour accounts.Behaviour
		code      Code
		upstream  string
		domain    domain.Code
		text      string
	}{
		{
			accounts.KeyRevoked, KeyRefused, "invalid_access_token", domain.Forbidden,
			"O Asaas recusou a chave. Ela pode ter sido desabilitada, vencida ou excluída.",
		},
		{
			accounts.KeyMalformed, KeyRefused, "invalid_access_token_format", domain.Forbidden,
			"O Asaas recusou a chave. Ela pode ter sido desabilitada, vencida ou excluída.",
		},
		{
			accounts.KeyOtherSide, WrongEnvironment, "invalid_environment", domain.Invalid,
			"Esta chave é de Produção, mas você escolheu Sandbox.",
		},
		{
			accounts.KeyNoPermission, PermissionLacks, "insufficient_permission", domain.Forbidden,
			"A chave funciona, mas falta a permissão: Webhooks (ler). Edite a chave no Asaas e verifique de novo.",
		},
		{
			accounts.KeyBlockedIP, IPBlocked, "not_allowed_ip", domain.Forbidden,
			"O Asaas bloqueou nosso endereço. Libere os IPs abaixo em Mecanismos de segurança.",
		},
		{
			accounts.KeyBlockedEdge, IPBlocked, "", domain.Forbidden,
			"O Asaas bloqueou nosso endereço. Libere os IPs abaixo em Mecanismos de segurança.",
		},
		{
			accounts.KeyLimited, RateLimited, "too_many_requests", domain.Unavailable,
			"O Asaas pediu para aguardar 42 s. Continuaremos sozinhos.",
		},
		{accounts.KeyBroken, TimedOut, "", domain.Unavailable, "Não conseguimos falar com o Asaas. A chave não foi salva."},
		{accounts.KeySlow, TimedOut, "", domain.Unavailable, "Não conseguimos falar com o Asaas. A chave não foi salva."},
		{
			accounts.KeyHuge, Unexpected, "", domain.Unavailable,
			"O Asaas deu uma resposta que não entendemos. Tente de novo em alguns minutos.",
		},
		{
			accounts.KeyRedirected, Unexpected, "", domain.Unavailable,
			"O Asaas deu uma resposta que não entendemos. Tente de novo em alguns minutos.",
		},
		{
			accounts.KeyGarbage, Unexpected, "", domain.Unavailable,
			"O Asaas deu uma resposta que não entendemos. Tente de novo em alguns minutos.",
		},
	} {
		t.Run(string(c.behaviour), func(t *testing.T) {
			t.Parallel()
			_, err := w.Webhooks(t.Context(), w.key(t, c.behaviour))
			got := failure(t, err)
			if got.Code != c.code || got.Upstream != c.upstream && c.upstream != "" || got.Detail() != c.text {
				t.Errorf("%s %q %q", got.Code, got.Upstream, got.Detail())
			}
			var edge *domain.Error
			if !errors.As(err, &edge) || edge.Code != c.domain || edge.Detail != c.text {
				t.Errorf("as domain error: %+v, want %s", edge, c.domain)
			}
		})
	}
}

func TestNoKeyAtAllIsRefused(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	_, err := w.AccountStatus(t.Context(), credential(""))
	if got := failure(t, err); got.Code != KeyRefused || got.Upstream != "access_token_not_found" {
		t.Errorf("%v", err)
	}
}

func TestAMissingPermissionIsTheOneTheCallNeeds(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	cred := w.key(t, accounts.KeyNoPermission, "PAYMENT:READ")
	if _, err := w.Webhooks(t.Context(), cred); err != nil {
		t.Errorf("webhooks: %v", err)
	}
	_, err := w.Payment(t.Context(), cred, "pay_1")
	if got := failure(t, err); got.Code != PermissionLacks || got.Permission[0] != "Cobranças (ler)" {
		t.Errorf("%v %v", err, got.Permission)
	}
}
