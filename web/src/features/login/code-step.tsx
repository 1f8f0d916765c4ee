import { Anchor, Button, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';

import { showCode } from '../../lib/session';
import { Banner } from '../../ui/basics';

interface Props {
  challenge: string;
  done: () => void;
  over: (why: string) => void; // the login begins anew
}

/** The second step of a login: a code of the authenticator app, or a recovery code. */
export function CodeStep({ challenge, done, over }: Props) {
  const [recovery, setRecovery] = useState(false);
  const [code, setCode] = useState('');
  const [fault, setFault] = useState('');
  const [refused, setRefused] = useState('');
  const [busy, setBusy] = useState(false);
  const submit = async (e: FormEvent) => {
    e.preventDefault();
    setFault(code.trim() ? '' : 'Informe o código.');
    if (!code.trim() || busy) return;
    setBusy(true);
    setRefused('');
    try {
      const answer = await showCode(challenge, code.trim());
      if (!answer) return done();
      if (answer.status === 409) over('O tempo ou as tentativas acabaram. Entre de novo.');
      else if (answer.status === 422) setFault('Código incorreto ou vencido. Gere um novo no aplicativo.');
      else if (answer.status === 429)
        setRefused(`Muitas tentativas. Tente de novo em ${answer.headers.get('Retry-After') ?? 30} s.`);
      else setRefused('Não conseguimos falar com o PataPay. Tente de novo em instantes.');
    } catch {
      setRefused('Não conseguimos falar com o PataPay. Tente de novo em instantes.');
    } finally {
      setBusy(false);
    }
  };
  return (
    <form className="stack" noValidate onSubmit={submit} data-testid="code-step">
      {refused && (
        <Banner tone="danger" alert>
          {refused}
        </Banner>
      )}
      <TextInput
        key={String(recovery)}
        label={recovery ? 'Código de recuperação' : 'Código do aplicativo'}
        description={
          recovery
            ? 'Um dos dez que você guardou; cada um vale uma vez.'
            : 'Os seis números que o aplicativo mostra agora.'
        }
        name="code"
        inputMode={recovery ? 'text' : 'numeric'}
        autoComplete="one-time-code"
        autoFocus
        value={code}
        error={fault}
        onChange={(e) => setCode(e.currentTarget.value)}
      />
      <Button type="submit" variant="filled" loading={busy} loaderProps={{ 'aria-hidden': true }}>
        Confirmar
      </Button>
      <Anchor
        component="button"
        type="button"
        onClick={() => {
          setRecovery(!recovery);
          setCode('');
          setFault('');
        }}
      >
        {recovery ? 'Usar o aplicativo' : 'Usar um código de recuperação'}
      </Anchor>
      <Anchor component="button" type="button" onClick={() => over('')}>
        Voltar
      </Anchor>
    </form>
  );
}
