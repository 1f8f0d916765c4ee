import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';

import { Failure } from '../../lib/api';
import { rules } from '../../lib/rules';
import { Banner } from '../../ui/basics';
import { ErrorBanner } from '../../ui/states';
import { useAddPasskey } from './queries';
import { RecoveryCodes } from './recovery-codes';

/** Sets a passkey up: the password and a name, then the browser asks, then the recovery codes of a first factor. */
export function PasskeySetUp({ done, cancel }: { done: () => void; cancel: () => void }) {
  const [password, setPassword] = useState('');
  const [name, setName] = useState('');
  const [fault, setFault] = useState('');
  const [codes, setCodes] = useState<string[] | null>(null);
  const add = useAddPasskey();
  if (codes) return <RecoveryCodes codes={codes} done={done} />;
  const submit = (e: FormEvent) => {
    e.preventDefault();
    setFault(password ? '' : 'Informe a senha.');
    if (password && !add.isPending)
      add.mutate(
        { password, name: name.trim() || undefined },
        { onSuccess: (answer) => (answer.recoveryCodes.length ? setCodes(answer.recoveryCodes) : done()) },
      );
  };
  const wrong = add.error instanceof Failure ? add.error.about('/password')?.detail : undefined;
  return (
    <form className="stack" noValidate onSubmit={submit} data-testid="passkey-set-up">
      <p>
        O navegador pede a sua digital, o seu rosto ou um PIN, deste aparelho ou de uma chave de segurança. Nenhum outro
        site consegue usar esta chave.
      </p>
      <TextInput
        label="Nome da chave"
        description="Para você reconhecer, por exemplo: Notebook."
        maxLength={rules.passkeyName.maxLength}
        value={name}
        onChange={(e) => setName(e.currentTarget.value)}
      />
      <PasswordInput
        label="Sua senha"
        description="Para ter certeza de que é você."
        autoComplete="current-password"
        value={password}
        error={fault || wrong}
        onChange={(e) => setPassword(e.currentTarget.value)}
        visibilityToggleButtonProps={{ 'aria-label': 'Mostrar ou ocultar a senha', tabIndex: 0 }}
      />
      {add.error && !wrong && <ErrorBanner error={add.error} />}
      <Banner tone="info">Suas outras sessões terminam quando a chave começar a valer.</Banner>
      <div className="row">
        <Button type="submit" variant="filled" aria-busy={add.isPending}>
          Criar chave de acesso
        </Button>
        <Button onClick={cancel}>Cancelar</Button>
      </div>
    </form>
  );
}
