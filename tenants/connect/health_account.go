package connect

import (
	"context"
	"errors"
	"time"

	"patapay/domain"
	"patapay/tenants/asaasapi"
)

const (
	probeEvery      = 24 * time.Hour
	endingSoon      = 30 // days before a date that people are told of it
	withdrawalShown = 7 * 24 * time.Hour
)

// askPermissions asks once a day for all that the key may read, with at most eight reads, and
// for the day by which the commercial data are to be confirmed; a person who asks for a
// health check after something lacked learns at once whether it still does.
func (l *healthCheck) askPermissions(ctx context.Context) error {
	s := &l.observed
	fresh := l.now.Sub(s.ProbedAt) < probeEvery && s.ProbedAt.After(l.conn.KeySetAt)
	if !fresh || l.person && len(s.Lacking) > 0 {
		names, err := probeAll(ctx, l.Client, l.cred)
		if err != nil {
			return err
		}
		info, err := l.Client.CommercialInfo(ctx, l.cred)
		var e *asaasapi.Error
		if lacks := errors.As(err, &e) && e.Code == asaasapi.PermissionLacks; err != nil && !lacks {
			return err
		}
		l.regained = len(names) < len(s.Lacking)
		s.Lacking, s.ProbedAt, s.CommercialEnds, s.CommercialExpired = names, l.now, "", false
		if c := info.Confirmation; c != nil {
			s.CommercialExpired = c.Expired
			if day, err := domain.ParseDay(c.Scheduled[:min(len(c.Scheduled), len(time.DateOnly))]); err == nil {
				s.CommercialEnds = day
			}
		}
	}
	return refuseVital(s.Lacking)
}

// permissionCheck names all permissions that lack at once.
func (l *healthCheck) permissionCheck() {
	refused := l.refusal != nil && l.refusal.Code == asaasapi.PermissionLacks
	switch names := l.observed.Lacking; {
	case len(names) > 0 && (l.refusal == nil || refused):
		l.add("permissions", checkWarning, lackText(names), "edit_key")
		if refuseVital(names) != nil {
			l.list[len(l.list)-1].Status = checkFailed
		}
	case refused:
		l.add("permissions", checkFailed, lackText(l.refusal.Permission), "edit_key")
	case l.refusal != nil:
		l.add("permissions", checkUnknown, "O Asaas não respondeu a esta verificação.", "retry")
	default:
		l.add("permissions", checkOK, "A chave pode ler o que usamos. "+unreadable, "")
	}
}

// keyExpiry tells of the key's end as far as anybody can know: the gateway announces no date
// that was typed by hand, and no call tells it (docs/gateway.md, accounts).
func (l *healthCheck) keyExpiry() {
	switch day := l.conn.KeyExpiresOn; {
	case l.keyEnds():
		l.add("key_expiry", checkWarning, "Sua chave vence em breve. Substitua-a.", "replace_key")
	case day == "":
		l.add(
			"key_expiry", checkUnknown,
			"O Asaas não informa quando a chave vence. Se você pôs uma data ao criá-la, digite-a junto da chave.", "",
		)
	case day < today(l.now):
		l.add(
			"key_expiry", checkFailed, "A chave venceu em "+brazilian(day)+", pela data digitada. Substitua-a.",
			"replace_key",
		)
	case day <= dayBefore(l.now, -endingSoon):
		l.add(
			"key_expiry", checkWarning, "A chave vence em "+brazilian(day)+", pela data digitada. Substitua-a.",
			"replace_key",
		)
	default:
		l.add("key_expiry", checkOK, "A chave vence em "+brazilian(day)+", pela data digitada.", "")
	}
}

// commercialCheck tells of the yearly confirmation of commercial data from 30 days on.
func (l *healthCheck) commercialCheck() {
	const todo = " Confirme-os no Asaas, em Minha conta › Informações, e verifique de novo amanhã."
	switch day := l.observed.CommercialEnds; {
	case l.observed.CommercialExpired || day != "" && day < today(l.now):
		l.add(
			"commercial_data", checkFailed,
			"Os dados comerciais da conta venceram, e o Asaas bloqueia contas assim."+todo, "confirm_commercial_data",
		)
	case day == "":
		l.add("commercial_data", checkUnknown, "O Asaas não informou até quando valem os dados comerciais.", "")
	case day <= dayBefore(l.now, -endingSoon):
		l.add(
			"commercial_data", checkWarning, "Os dados comerciais da conta vencem em "+brazilian(day)+"."+todo,
			"confirm_commercial_data",
		)
	default:
		l.add("commercial_data", checkOK, "Os dados comerciais valem até "+brazilian(day)+".", "")
	}
}

// withdrawalCheck tells for a week that a withdrawal asked for our approval: nobody but the
// clinic can see at the gateway whether our address still stands there.
func (l *healthCheck) withdrawalCheck() {
	if l.asked.IsZero() || l.now.Sub(l.asked) > withdrawalShown {
		l.asked = time.Time{}
		l.add("withdrawal_validation", checkOK, "Nenhum saque pediu aprovação a este endereço nos últimos 7 dias.", "")
		return
	}
	l.add(
		"withdrawal_validation", checkFailed,
		"Este endereço não aprova saques: tire-o de 'Mecanismos de segurança', senão o Asaas cancela suas transferências. "+
			"Este aviso some 7 dias depois do último pedido ("+instantText(l.asked)+").",
		"remove_withdrawal_validation",
	)
}

// brazilian returns a day as people here write it.
func brazilian(day domain.Day) string {
	if len(day) != len(time.DateOnly) {
		return string(day)
	}
	return string(day[8:]) + "/" + string(day[5:7]) + "/" + string(day[:4])
}
