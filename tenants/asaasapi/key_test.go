package asaasapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"regexp"
	"strings"
	"testing"

	"patapay/domain"
	"patapay/tenants/vault"
)

func TestAPastedKeyIsCleanedOrExplained(t *testing.T) {
	for _, c := range []struct {
		name, pasted, key string
		env               domain.Environment
		notes             string
		text              string // of the failure
	}{
		{"a good key", "$aact_prod_abc", "$aact_prod_abc", domain.Production, "", ""},
		{
			"blanks, line breaks and zero-width characters around", "\n \u200b$aact_hmlg_a\ufeffbc\u2060 \r\n",
			"$aact_hmlg_abc", domain.Sandbox, "", "",
		},
		{"a lost dollar sign", "aact_hmlg_abc::1", "$aact_hmlg_abc::1", domain.Sandbox, "dollar_completed", ""},
		{"an older key names no environment", "$aact_YTU5", "$aact_YTU5", 0, "unknown_prefix", ""},
		{"nothing", " \u200b\n", "", 0, "", "Cole a chave de API gerada no Asaas."},
		{
			"a line break inside", "$aact_prod_a\nbc", "", 0, "",
			"A chave tem espaços ou quebras de linha no meio. Copie de novo pelo botão do Asaas.",
		},
		{
			"a no-break space inside", "$aact_prod_a\u00a0bc", "", 0, "",
			"A chave tem espaços ou quebras de linha no meio. Copie de novo pelo botão do Asaas.",
		},
		{"a wallet", "0F1E2D3C-4b5a-4c6d-8e7f-901a2b3c4d5e", "", 0, "", "Isto parece o ID da carteira, não a chave."},
		{"something else", "sk_live_123", "", 0, "", "Chaves do Asaas começam com $aact_."},
		{"the prefix alone", "$aact_", "", 0, "", "Chaves do Asaas começam com $aact_."},
		{"a header cannot carry it", "$aact_prod_ç", "", 0, "", "Chaves do Asaas começam com $aact_."},
	} {
		t.Run(c.name, func(t *testing.T) {
			key, env, notes, err := CleanKey(vault.NewSecret(c.pasted))
			text := ""
			if err != nil {
				text = err.Detail()
			}
			if key.Reveal() != c.key || env != c.env || strings.Join(notes, " ") != c.notes || text != c.text {
				t.Errorf("got %q %s %v %q", key.Reveal(), env, notes, text)
			}
		})
	}
}

func TestAKeyOfTheOtherEnvironmentIsExplained(t *testing.T) {
	if err := CheckEnvironment(domain.Sandbox, domain.Production); err.Code != WrongEnvironment ||
		err.Detail() != "Esta chave é de Sandbox, mas você escolheu Produção." {
		t.Errorf("%v: %s", err, err.Detail())
	}
	if CheckEnvironment(0, domain.Production) != nil || CheckEnvironment(domain.Sandbox, domain.Sandbox) != nil {
		t.Error("refused without cause")
	}
}

func TestEveryKeyMessageHasATextWithoutHoles(t *testing.T) {
	for _, code := range []Code{
		Required, InnerWhitespace, LooksLikeWallet, NotAsaasKey, WrongEnvironment, InvalidWallet, WalletDiffers,
		InvalidID, KeyRefused, PermissionLacks, IPBlocked, RateLimited,
		TimedOut, Unexpected, NotFound, WebhookLimit, AccountInUse,
		CNPJDiffers, DollarCompleted, UnknownPrefix, AccountDiffers, Overtaken, Busy,
	} {
		e := &Error{
			Code:        code,
			Environment: domain.Production,
			Permission:  []string{"Webhooks (ler)"},
			RetryAfter:  1,
			WalletID:    "w",
		}
		if text := e.Detail(); text == "" || strings.Contains(text, "%") {
			t.Errorf("%s: %q", code, text)
		}
	}
	if len(messages) != 23 {
		t.Errorf("%d messages, 23 are tested here", len(messages))
	}
}

func TestWebhookTokensKeepTheGatewaysRules(t *testing.T) {
	bad := regexp.MustCompile(`[0-9]{4}|[^A-Za-z0-9]`)
	seen := map[string]bool{}
	for range 5_000 {
		token := NewWebhookToken().Reveal()
		if len(token) != 48 || bad.MatchString(token) || repeats(token) || seen[token] {
			t.Fatalf("token of %d characters breaks a rule", len(token))
		}
		seen[token] = true
	}
	for _, bad := range []string{"abcddddefg", "ab1234cd"} {
		if !weak(bad) {
			t.Errorf("%s passes", bad)
		}
	}
}

func repeats(token string) bool {
	for i := 3; i < len(token); i++ {
		if strings.Count(token[i-3:i+1], token[i:i+1]) == 4 {
			return true
		}
	}
	return false
}

func TestASecretIsNeverPrinted(t *testing.T) {
	type nested struct {
		Open   Credential
		closed Credential
		list   []vault.Secret
	}
	s := vault.NewSecret("hunter2")
	v := nested{Credential{domain.Sandbox, s}, Credential{domain.Sandbox, s}, []vault.Secret{s}}
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		fmt.Fprintf(&out, verb+verb+verb+verb, s, &s, v, &v)
	}
	if err := json.NewEncoder(&out).Encode([]any{s, v}); err != nil {
		t.Fatal(err)
	}
	for _, h := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
		slog.New(h).Info("x", "s", s, "p", &s, "v", v, "g", slog.GroupValue(slog.Any("k", v.Open)))
	}
	fmt.Fprintln(&out, NewWebhook{Token: s}, WebhookChange{Token: &s}, &Error{Code: KeyRefused})
	for _, shown := range []string{"hunter2", fmt.Sprintf("%x", "hunter2")} {
		if strings.Contains(out.String(), shown) {
			t.Errorf("shown as %s in %s", shown, out.String())
		}
	}
	if !strings.Contains(out.String(), "***") || s.Reveal() != "hunter2" || (vault.Secret{}).Reveal() != "" {
		t.Error("not hidden, or lost")
	}
}
