package connect

import (
	"fmt"
	"strings"
	"time"

	"patapay/domain"
	"patapay/domain/asaas"
	"patapay/tenants"
	"patapay/tenants/alarm"
	"patapay/tenants/asaasapi"
)

// healthPage is where an incident can be acted on.
const healthPage = "app/configuracoes/webhooks/asaas/saude"

// mail returns what the clinic's administrators are told of an incident: the cause, what
// is at risk and until when, and a link to the action. The zero Mail: nobody is told,
// because it is not theirs to mend, or because it has a date, of which the agenda writes.
func (l *healthCheck) mail(kind domain.AlarmKind) alarm.MailText {
	switch kind {
	case domain.AlarmKeyRefused:
		return l.write(
			kind,
			asaasapi.Message(
				asaasapi.KeyRefused,
			)+" Desde "+instantText(
				l.now,
			)+" não conseguimos conferir pagamentos; os avisos continuam sendo guardados.",
			"Substituir chave",
		)
	case domain.AlarmKeyEnding:
		if l.conn.KeyExpiresOn != "" {
			return alarm.MailText{}
		}
		return l.write(
			kind,
			"Sua chave vence em breve. Substitua-a. Depois do vencimento não conseguiremos conferir pagamentos.",
			"Substituir chave",
		)
	case domain.AlarmBodyTooLarge:
		return l.write(
			kind, "O Asaas enviou um aviso grande demais para ser guardado, e ele foi recusado. "+
				"Enquanto o Asaas o repete, os seguintes "+
				"esperam, e depois de 15 recusas a fila para. Fale com o suporte da plataforma.", "Ver a saúde da conexão",
		)
	case domain.AlarmSilent:
		return l.write(
			kind,
			fmt.Sprintf(
				"O último aviso do Asaas chegou em %s. Se a fila parou, os avisos mais antigos serão apagados em 14 dias (%s).",
				instantText(l.traffic.Last), date(l.traffic.Last.Add(lossAfter)),
			),
			"Fazer teste completo",
		)
	}
	return alarm.MailText{}
}

// solved returns what they are told when it is over.
func (l *healthCheck) solved(kind domain.AlarmKind) alarm.MailText {
	text := map[domain.AlarmKind]string{
		domain.AlarmKeyRefused: "O Asaas voltou a aceitar a chave.",
		domain.AlarmKeyEnding:  "A chave foi substituída.",
		domain.AlarmSilent:     "Os avisos do Asaas voltaram a chegar.",
	}[kind]
	if text == "" {
		return alarm.MailText{}
	}
	return l.mailOf(l.clinic, "Resolvido: "+kind.Title(), text, "Ver a saúde da conexão")
}

func (l *healthCheck) write(kind domain.AlarmKind, text, action string) alarm.MailText {
	return l.mailOf(l.clinic, kind.Title(), text, action)
}

// mailOf puts a mail together.
func (c *Connector) mailOf(clinic tenants.Clinic, subject, text, action string) alarm.MailText {
	return alarm.MailText{
		Subject: clinic.Name + " · " + subject,
		Body:    "Olá,\n\n" + clinic.Name + "\n\n" + text + "\n\n" + action + ": " + c.home() + healthPage + "\n\nPataPay\n",
	}
}

// home returns where our pages begin.
func (c *Connector) home() string {
	return strings.TrimSuffix(c.WebhookURL, webhookPath(c.WebhookURL)) + "/"
}

// probable returns why the gateway paused the queue, as far as our own answers and its
// counter tell (docs/gateway.md, pause): a code that the health page has words for.
func (l *healthCheck) probable() string {
	switch {
	case l.cause == 401:
		return "token"
	case l.cause == 403:
		return "firewall"
	case l.cause == 404 || l.cause == 405:
		return "url"
	case l.cause == 408:
		return "slow"
	case l.cause >= 500:
		return "ours"
	case len(l.ours) > 0 && l.ours[0].Penalized != nil && *l.ours[0].Penalized == 0:
		return "manual"
	}
	return "unreached"
}

// days returns whole days, rounded up: less than one is one.
func days(d time.Duration) int { return int((d + 24*time.Hour - 1) / (24 * time.Hour)) }

// The three ways to write an instant, in São Paulo's time.
func clock(t time.Time) string { return t.In(asaas.SaoPaulo).Format("15:04") }

func date(t time.Time) string { return t.In(asaas.SaoPaulo).Format("02/01/2006") }

func instantText(t time.Time) string { return t.In(asaas.SaoPaulo).Format("02/01/2006 às 15:04") }
