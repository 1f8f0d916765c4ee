package people

import (
	"context"

	"patapay/tenants"
	"patapay/tenants/people"
)

// tellFactor mails a person what became of their second factor, where there is mail.
func (s *factorRoutes) tellFactor(ctx context.Context, u people.User, what string) {
	s.tell(ctx, u, "PataPay · segundo fator", "Olá,\n\num segundo fator "+what+" no PataPay.\n\n"+
		"Se não foi você, nem alguém da sua confiança, troque a sua senha e fale com um Administrador "+
		"da sua clínica ou com o suporte da plataforma.\n")
}

// tellGuessed mails a person, once a day, that somebody has their password and tried codes.
func (s *factorRoutes) tellGuessed(ctx context.Context, u people.User) {
	if _, ok := s.SpentLimit.Allow(ctx, "codes:"+u.Email); !ok {
		return
	}
	s.tell(ctx, u, "PataPay · códigos errados", "Olá,\n\n"+
		"alguém informou a sua senha certa do PataPay e errou o código cinco vezes. A entrada foi recusada.\n\n"+
		"Se não foi você, troque a sua senha já.\n")
}

func (s *factorRoutes) tell(ctx context.Context, u people.User, subject, body string) {
	if s.Mailer == nil {
		return
	}
	s.sendLater(ctx, "factor", func(ctx context.Context) error {
		return s.Mailer.Send(ctx, tenants.NewID(s.Instant()).Public("fac")+"@patapay", []string{u.Email}, subject, body)
	})
}
