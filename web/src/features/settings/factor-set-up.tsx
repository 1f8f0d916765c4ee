import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';

import { Failure } from '../../lib/api';
import { Banner, CopyField } from '../../ui/basics';
import { ErrorBanner } from '../../ui/states';
import { useBeginFactor, useConfirmFactor, type NewFactor } from './queries';
import { RecoveryCodes } from './recovery-codes';

const faultOf = (error: unknown, pointer: string) =>
  error instanceof Failure ? error.about(pointer)?.detail : undefined;

/** Sets an authenticator app up: the password, the picture and its first code, then the recovery codes. */
export function FactorSetUp({ done, cancel }: { done: () => void; cancel?: () => void }) {
  const [made, setMade] = useState<NewFactor | null>(null);
  const [codes, setCodes] = useState<string[] | null>(null);
  if (codes) return <RecoveryCodes codes={codes} done={done} />;
  if (made)
    return <FirstCode factor={made} confirmed={(fresh) => (fresh.length ? setCodes(fresh) : done())} cancel={cancel} />;
  return <Password begun={setMade} cancel={cancel} />;
}

function Password({ begun, cancel }: { begun: (f: NewFactor) => void; cancel?: () => void }) {
  const [password, setPassword] = useState('');
  const [fault, setFault] = useState('');
  const begin = useBeginFactor();
  const submit = (e: FormEvent) => {
    e.preventDefault();
    setFault(password ? '' : 'Informe a senha.');
    if (password && !begin.isPending) begin.mutate({ password }, { onSuccess: begun });
  };
  const wrong = faultOf(begin.error, '/password');
  return (
    <form className="stack" noValidate onSubmit={submit}>
      <PasswordInput
        label="Sua senha"
        description="Para ter certeza de que é você."
        name="password"
        autoComplete="current-password"
        value={password}
        error={fault || wrong}
        onChange={(e) => setPassword(e.currentTarget.value)}
        visibilityToggleButtonProps={{ 'aria-label': 'Mostrar ou ocultar a senha', tabIndex: 0 }}
      />
      {begin.error && !wrong && <ErrorBanner error={begin.error} />}
      <div className="row">
        <Button type="submit" variant="filled" aria-busy={begin.isPending}>
          Continuar
        </Button>
        {cancel && <Button onClick={cancel}>Cancelar</Button>}
      </div>
    </form>
  );
}

/** The QR code, drawn from what the API says: no other host is asked, and the secret stays on the page. */
function Picture({ qr }: { qr: NewFactor['qr'] }) {
  const margin = 4; // modules, which readers need
  return (
    <svg
      role="img"
      aria-label="Código QR para o aplicativo autenticador"
      width={212}
      height={212}
      viewBox={`${-margin} ${-margin} ${qr.size + 2 * margin} ${qr.size + 2 * margin}`}
      shapeRendering="crispEdges"
    >
      <rect x={-margin} y={-margin} width="100%" height="100%" fill="#fff" />
      <path d={qr.path} fill="#000" />
    </svg>
  );
}

interface FirstCodeProps {
  factor: NewFactor;
  confirmed: (codes: string[]) => void;
  cancel?: () => void;
}

function FirstCode({ factor, confirmed, cancel }: FirstCodeProps) {
  const [code, setCode] = useState('');
  const [fault, setFault] = useState('');
  const confirm = useConfirmFactor(factor.id);
  const submit = (e: FormEvent) => {
    e.preventDefault();
    setFault(code.trim() ? '' : 'Informe o código.');
    if (code.trim() && !confirm.isPending)
      confirm.mutate(code.trim(), { onSuccess: (answer) => confirmed(answer.recoveryCodes) });
  };
  const wrong = faultOf(confirm.error, '/code');
  return (
    <form className="stack" noValidate onSubmit={submit}>
      <p>
        Leia o código com um aplicativo autenticador, como Google Authenticator, Microsoft Authenticator ou 1Password.
      </p>
      <Picture qr={factor.qr} />
      <CopyField field="factor-secret" label="Ou digite esta chave no aplicativo" value={factor.secret} />
      <TextInput
        label="Código que o aplicativo mostra"
        name="code"
        inputMode="numeric"
        autoComplete="one-time-code"
        value={code}
        error={fault || wrong}
        onChange={(e) => setCode(e.currentTarget.value)}
      />
      {confirm.error && !wrong && <ErrorBanner error={confirm.error} />}
      <Banner tone="info">Suas outras sessões terminam quando o segundo fator começar a valer.</Banner>
      <div className="row">
        <Button type="submit" variant="filled" aria-busy={confirm.isPending}>
          Ligar segundo fator
        </Button>
        {cancel && <Button onClick={cancel}>Cancelar</Button>}
      </div>
    </form>
  );
}
