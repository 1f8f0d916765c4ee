import { Anchor, Button, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';

import { knowsPasskeys, PasskeyCancelled, showPasskey } from '../../lib/passkey';
import { askForPasskey, showFactor } from '../../lib/session';
import { Banner } from '../../ui/basics';

/** A login that waits for its second factor. */
export interface Challenge {
  token: string;
  passkey: boolean; // the person has one
}

interface Props {
  challenge: Challenge;
  done: () => void;
  over: (why: string) => void; // the login begins anew
}

const unreachable = 'Não conseguimos falar com o PataPay. Tente de novo em instantes.';

/** The second step of a login: a passkey, a code of the authenticator app, or a recovery code. */
export function CodeStep({ challenge, done, over }: Props) {
  const [recovery, setRecovery] = useState(false);
  const [code, setCode] = useState('');
  const [fault, setFault] = useState('');
  const [refused, setRefused] = useState('');
  const [busy, setBusy] = useState(false);
  const show = async (ask: () => Promise<Response | null>, wrong: () => void) => {
    if (busy) return;
    setBusy(true);
    setRefused('');
    try {
      const answer = await ask();
      if (!answer) return done();
      if (answer.status === 409) over('O tempo ou as tentativas acabaram. Entre de novo.');
      else if (answer.status === 422) wrong();
      else if (answer.status === 429)
        setRefused(`Muitas tentativas. Tente de novo em ${answer.headers.get('Retry-After') ?? 30} s.`);
      else setRefused(unreachable);
    } catch (e) {
      setRefused(e instanceof PasskeyCancelled ? e.message : unreachable);
    } finally {
      setBusy(false);
    }
  };
  const submit = (e: FormEvent) => {
    e.preventDefault();
    setFault(code.trim() ? '' : 'Informe o código.');
    if (code.trim())
      void show(
        () => showFactor(challenge.token, { code: code.trim() }),
        () => setFault('Código incorreto ou vencido. Gere um novo no aplicativo.'),
      );
  };
  const passkey = () =>
    show(
      async () => {
        const asked = await askForPasskey(challenge.token);
        if (!asked.ok) return asked;
        const { publicKey } = (await asked.json()) as { publicKey: unknown };
        return showFactor(challenge.token, { passkey: await showPasskey(publicKey) });
      },
      () => setRefused('A chave de acesso não confere. Tente de novo ou use um código.'),
    );
  return (
    <form className="stack" noValidate onSubmit={submit} data-testid="code-step">
      {refused && (
        <Banner tone="danger" alert>
          {refused}
        </Banner>
      )}
      {challenge.passkey && knowsPasskeys() && (
        <Button onClick={() => void passkey()} loading={busy} loaderProps={{ 'aria-hidden': true }}>
          Usar chave de acesso
        </Button>
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
