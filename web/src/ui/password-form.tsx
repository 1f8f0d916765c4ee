import { Button, PasswordInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';

import { Failure } from '../lib/api';
import { useChangePassword } from '../lib/me';
import { passwordHelp, passwordRule, rules } from '../lib/rules';
import { ErrorBanner } from './states';
import { toast } from './toast';

interface Faults {
  current?: string;
  fresh?: string;
  again?: string;
}

const eye = { 'aria-label': 'Mostrar ou ocultar a senha', tabIndex: 0 };

/** Exchanges the person's password for a new one; every other session of theirs ends. */
export function PasswordForm({ start = false }: { start?: boolean }) {
  const [current, setCurrent] = useState('');
  const [fresh, setFresh] = useState('');
  const [again, setAgain] = useState('');
  const [faults, setFaults] = useState<Faults>({});
  const change = useChangePassword(() => {
    setCurrent('');
    setFresh('');
    setAgain('');
    toast('Senha trocada.');
  });
  const submit = (e: FormEvent) => {
    e.preventDefault();
    const found: Faults = {
      current: current ? undefined : start ? 'Informe a senha inicial.' : 'Informe a senha atual.',
      fresh: fresh.length >= rules.password.minLength ? undefined : passwordHelp,
      again: again === fresh ? undefined : 'As duas senhas são diferentes.',
    };
    setFaults(found);
    if (!found.current && !found.fresh && !found.again && !change.isPending) change.mutate({ current, new: fresh });
  };
  const faultOf = (pointer: string) =>
    change.error instanceof Failure ? change.error.about(pointer)?.detail : undefined;
  const other = change.error && !faultOf('/current') && !faultOf('/new');
  return (
    <form className="stack" noValidate onSubmit={submit}>
      <PasswordInput
        label={start ? 'Senha inicial' : 'Senha atual'}
        name="current"
        autoComplete="current-password"
        value={current}
        error={faults.current ?? faultOf('/current')}
        onChange={(e) => setCurrent(e.currentTarget.value)}
        visibilityToggleButtonProps={eye}
      />
      <PasswordInput
        label="Senha nova"
        description={passwordRule}
        name="new"
        autoComplete="new-password"
        value={fresh}
        error={faults.fresh ?? faultOf('/new')}
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
      {other && <ErrorBanner error={change.error} />}
      <div className="row">
        <Button type="submit" variant="filled" aria-busy={change.isPending}>
          {start ? 'Criar senha' : 'Trocar senha'}
        </Button>
      </div>
    </form>
  );
}
