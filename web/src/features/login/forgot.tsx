import { Anchor, Button } from '@mantine/core';
import { useState } from 'react';

import { looksLikeEmail } from '../../lib/email';
import { mailLink } from '../../lib/session';
import { Banner } from '../../ui/basics';

const unreachable = 'Não conseguimos falar com o PataPay. Tente de novo em instantes.';

/** What is said after a link was asked for: the same whether or not anyone has the e-mail. */
async function outcomeOf(kind: 'password' | 'login', email: string): Promise<string> {
  try {
    const answer = await mailLink(kind, email);
    if (answer.ok)
      return 'Se este e-mail tem acesso, enviamos um link a ele. Vale 30 minutos. Confira também a caixa de spam.';
    if (answer.status === 409)
      return 'Peça a um Administrador da sua clínica, ou ao suporte da plataforma, uma senha nova.';
    if (answer.status === 429) return 'Muitas tentativas. Tente de novo em instantes.';
  } catch {
    return unreachable;
  }
  return unreachable;
}

/** A button that has a link mailed to the address that was typed. */
export function MailLink({ kind, email }: { kind: 'password' | 'login'; email: string }) {
  const [outcome, setOutcome] = useState('');
  const [busy, setBusy] = useState(false);
  const send = async () => {
    if (busy) return;
    if (!looksLikeEmail(email.trim())) return setOutcome('Digite acima o seu e-mail, como nome@clinica.com.br.');
    setBusy(true);
    setOutcome(await outcomeOf(kind, email.trim()));
    setBusy(false);
  };
  return (
    <div className="stack tight">
      <Button onClick={send} aria-busy={busy}>
        {kind === 'password' ? 'Enviar link para criar senha' : 'Enviar link para entrar'}
      </Button>
      {outcome && (
        <Banner tone="info" alert>
          {outcome}
        </Banner>
      )}
    </div>
  );
}

/** "Esqueci minha senha", and what it opens. */
export function Forgot({ email }: { email: string }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Anchor component="button" type="button" onClick={() => setOpen(!open)} aria-expanded={open}>
        Esqueci minha senha
      </Anchor>
      {open && (
        <>
          <p className="small muted">
            Enviamos ao seu e-mail um link para criar uma senha nova. Se ele não chegar, peça uma senha a um
            Administrador da sua clínica ou ao suporte da plataforma.
          </p>
          <MailLink kind="password" email={email} />
        </>
      )}
    </>
  );
}
