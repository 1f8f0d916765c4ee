package agenda

import (
	"fmt"
	"strings"
	"time"

	"patapay/domain"
	"patapay/domain/agenda"
	"patapay/domain/asaas"
)

// titles are the entries in a few words, pt-BR, as e-mails and calendars have them.
var titles = map[agenda.Kind]string{
	agenda.DisputeDeadline:  "Contestação: enviar documentos",
	agenda.DisputeDocuments: "Contestação: enviar documentos",
	agenda.EventsLoss:       "Fila pausada: os avisos mais antigos serão apagados",
	agenda.KeyExpiry:        "A chave do Asaas vence",
	agenda.KeyUnused:        "Chave sem uso: o Asaas a desativa",
	agenda.CommercialData:   "Dados comerciais a confirmar no Asaas",
	agenda.AdvanceUncovered: "O saldo não cobre o débito da antecipação",
	agenda.AdvanceOverdue:   "Antecipação vencida",
	agenda.AdvanceDenied:    "Antecipação negada",
	agenda.WorkItemOld:      "Pendência aberta há mais de uma semana",
	agenda.CardRefused:      "Cartões recusados",
	agenda.BoletoExpiring:   "Boletos vencendo sem pagamento",
}

// Title returns an entry's kind in a few words, pt-BR, without a payer, a reference or an amount.
func Title(k agenda.Kind) string { return titles[k] }

// Text returns the subject and the body of an e-mail, plain text in pt-BR: each entry with its absolute day and hour
// of São Paulo and what is at stake, and where to act. It names no payer.
func (m Mail) Text(clinic, home string) (subject, body string) {
	subject = clinic + " · Agenda do dia"
	if len(m.Entries) == 1 {
		subject = clinic + " · " + Title(m.Entries[0].Kind)
		if due := dueText(m.Entries[0].Due); due != "" {
			subject += " " + due
		}
	}
	lines := make([]string, len(m.Entries))
	for i, e := range m.Entries {
		lines[i] = "- " + line(e)
	}
	return subject, "Olá,\n\n" + clinic + "\n\n" + strings.Join(lines, "\n") +
		"\n\nVer a agenda: " + home + "app/agenda\n\nPataPay\n"
}

func line(e Entry) string {
	text := Title(e.Kind)
	if e.Count > 1 {
		text += fmt.Sprintf(" (%d)", e.Count)
	}
	if v, ok := e.Amount.Get(); ok {
		text += ", " + reais(v)
	}
	if due := dueText(e.Due); due != "" {
		return text + ", " + due + "."
	}
	if e.Kind == agenda.DisputeDocuments {
		return text + ". O Asaas não informou o prazo."
	}
	return text + "."
}

// dueText is an instant as an absolute day and hour; "" for one that nobody told.
func dueText(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return "até " + at.In(asaas.SaoPaulo).Format("02/01/2006 às 15:04")
}

// reais writes an amount that is not negative, as R$ 1.234,56.
func reais(m domain.Money) string {
	whole := fmt.Sprint(int64(m) / 100)
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "." + whole[i:]
	}
	return fmt.Sprintf("R$ %s,%02d", whole, int64(m)%100)
}
