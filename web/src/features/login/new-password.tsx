import { Anchor, Button, PasswordInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';

import { passwordHelp, passwordRule, rules } from '../../lib/rules';
import { choosePassword } from '../../lib/session';
import { Banner, PageHeader } from '../../ui/basics';

const eye = { 'aria-label': 'Mostrar ou ocultar a senha', tabIndex: 0 };

/** The link's secret, which stands behind the # and leaves the address at once. */
function takeLink(): string {
  const link = location.hash.slice(1);
  if (link) history.replaceState(history.state, '', location.pathname);
  return link;
}

function refusal(status: number): string {
  if (status === 422) return 'O link já foi usado ou venceu. Peça outro em “Esqueci minha senha”.';
  return status === 429
    ? 'Muitas tentativas. Tente de novo em instantes.'
    : 'Não conseguimos falar com o PataPay. Tente de novo em instantes.';
}

/** Chooses a password with a link that was mailed; every session of the person's ends. */
export default function NewPassword() {
  const [link] = useState(takeLink);
  const [fresh, setFresh] = useState('');
  const [again, setAgain] = useState('');
  const [faults, setFaults] = useState<{ fresh?: string; again?: string }>({});
  const [refused, setRefused] = useState(link ? '' : refusal(422));
  const [done, setDone] = useState(false);
  const [busy, setBusy] = useState(false);
  const submit = async (e: FormEvent) => {
    e.preventDefault();
    const found = {
      fresh: fresh.length >= rules.password.minLength ? undefined : passwordHelp,
      again: again === fresh ? undefined : 'As duas senhas são diferentes.',
    };
    setFaults(found);
    if (found.fresh || found.again || busy) return;
    setBusy(true);
    const status = await choosePassword(link, fresh).catch(() => 0);
    setBusy(false);
    setDone(status === 204);
    setRefused(status === 204 ? '' : refusal(status));
  };
  return (
    <main className="stack alone">
      <div className="brand">PataPay</div>
      <div className="card roomy stack">
        <PageHeader title="Criar senha" lead="As sessões abertas com a senha antiga terminam." />
        {done ? (
          <Banner tone="success" alert>
            Senha criada. Entre com ela.
          </Banner>
        ) : (
          <form className="stack" noValidate onSubmit={submit}>
            {refused && (
              <Banner tone="danger" alert>
                {refused}
              </Banner>
            )}
            <PasswordInput
              label="Senha nova"
              description={passwordRule}
              name="new"
              autoComplete="new-password"
              value={fresh}
              error={faults.fresh}
              onChange={(e) => setFresh(e.currentTarget.value)}
              visibilityToggleButtonProps={eye}
            />
            <PasswordInput
              label="Repita a senha nova"
              name="again"
              autoComplete="new-password"
              value={again}
              error={faults.again}
              onChange={(e) => setAgain(e.currentTarget.value)}
              visibilityToggleButtonProps={eye}
            />
            <Button type="submit" variant="filled" aria-busy={busy}>
              Criar senha
            </Button>
          </form>
        )}
        <Anchor href="/app/entrar">Ir para a entrada</Anchor>
      </div>
    </main>
  );
}
