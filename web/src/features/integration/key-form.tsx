import { Button, Checkbox, PasswordInput, Radio } from '@mantine/core';
import { useEffect, useRef, useState, type ClipboardEvent, type FormEvent } from 'react';

import { Failure } from '../../lib/api';
import type { Connection } from '../../lib/clinic';
import { useToday } from '../../lib/glance';
import { Banner, copy } from '../../ui/basics';
import { DateField } from '../../ui/date-field';
import { announce } from '../../ui/toast';
import { cleaned, environmentNames, environmentOf, neededPermissions, required, type Environment } from './key';
import { useSaveConnection } from './queries';

/** Counts down the seconds after which the gateway may be asked again, then calls `retry` once. */
function useRetryCountdown(seconds: number, retry: () => void): number {
  const [end, setEnd] = useState(0);
  const [now, setNow] = useState(Date.now);
  const left = end && Math.ceil((end - now) / 1000);
  useEffect(() => setEnd(seconds > 0 ? Date.now() + seconds * 1000 : 0), [seconds]);
  useEffect(() => {
    if (!end) return;
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(timer);
  }, [end]);
  useEffect(() => {
    if (!end || left > 0) return;
    setEnd(0);
    retry();
  }, [end, left, retry]);
  return left;
}

/** The field for the key, which alone is enough to connect a clinic. */
export function KeyForm({
  conn,
  saved,
  moveToWallet,
}: {
  conn: Connection;
  saved: (c: Connection) => void;
  moveToWallet?: (id: string) => void;
}) {
  const [key, setKey] = useState('');
  const [env, setEnv] = useState<Environment>(conn.environment);
  const [expiresOn, setExpiresOn] = useState<string>();
  const [unreadableDate, setUnreadableDate] = useState(false);
  const today = useToday();
  const [empty, setEmpty] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const dateField = useRef<HTMLInputElement>(null);
  const put = useSaveConnection(conn, (c) => {
    setKey('');
    saved(c);
  });
  const verify = (text: string, environment = env, confirmTaxId = false) => {
    setEmpty(!text);
    if (!text) return;
    if (unreadableDate) return dateField.current?.focus();
    announce('Verificando com o Asaas…');
    put.mutate({ apiKey: text, environment, confirmTaxId, keyExpiresOn: expiresOn });
  };
  const paste = (e: ClipboardEvent) => {
    e.preventDefault();
    const text = cleaned(e.clipboardData.getData('text'));
    const of = environmentOf(text) ?? env;
    setKey(text);
    setEnv(of);
    verify(text, of);
  };
  const submit = (e: FormEvent) => {
    e.preventDefault();
    if (!put.isPending) verify(cleaned(key));
  };
  return (
    <form className="stack form" noValidate onSubmit={submit}>
      <Radio.Group label="Ambiente" value={env} onChange={(v) => setEnv(v as Environment)}>
        <div className="row" style={{ marginTop: 4 }}>
          {(['production', 'sandbox'] as const).map((e) => (
            <Radio key={e} value={e} label={environmentNames[e]} />
          ))}
        </div>
      </Radio.Group>
      <PermissionList />
      <DateField
        label="Vencimento da chave (opcional)"
        description="Só se você escolheu uma data ao criar a chave: o Asaas não a informa, e avisaremos antes."
        testId="key-expires-on"
        today={today}
        input={dateField}
        value={expiresOn}
        set={setExpiresOn}
        setUnreadable={setUnreadableDate}
      />
      <PasswordInput
        ref={field}
        label="Chave de API"
        description="Cole a chave: a verificação começa sozinha."
        autoComplete="off"
        spellCheck={false}
        data-testid="api-key"
        value={key}
        onPaste={paste}
        onChange={(e) => {
          setKey(e.currentTarget.value);
          setEnv(environmentOf(cleaned(e.currentTarget.value)) ?? env);
        }}
        aria-invalid={empty || put.isError}
        aria-describedby={empty || put.isError ? 'mensagem-da-chave' : undefined}
        visibilityToggleButtonProps={{ 'aria-label': 'Mostrar ou ocultar a chave', tabIndex: 0 }}
      />
      {empty && <KeyMessage text={required} code="required" />}
      {!empty && put.error && (
        <Refusal
          error={put.error}
          environment={conn.environment}
          ips={conn.outgoingIps ?? []}
          again={() => verify(cleaned(key))}
          confirm={() => verify(cleaned(key), env, true)}
          use={(e) => {
            setEnv(e);
            verify(cleaned(key), e);
          }}
          clear={() => {
            setKey('');
            put.reset();
            field.current?.focus();
          }}
          move={
            moveToWallet &&
            (() => {
              moveToWallet(cleaned(key));
              setKey('');
              put.reset();
            })
          }
        />
      )}
      <Banner tone="neutral">Nunca envie sua chave por e-mail ou WhatsApp. Nossa equipe jamais vai pedi-la.</Banner>
      <div className="row">
        <Button type="submit" variant="filled" aria-busy={put.isPending}>
          {put.isPending ? 'Verificando com o Asaas…' : 'Verificar chave'}
        </Button>
      </div>
    </form>
  );
}

/** The permissions that a key needs, to tick at Asaas. */
export function PermissionList() {
  return (
    <div data-testid="key-permissions">
      <p className="small">Ao criar a chave no Asaas, marque estas permissões:</p>
      <ul className="small">
        {neededPermissions.map((name) => (
          <li key={name}>{name}</li>
        ))}
      </ul>
    </div>
  );
}

/** A message about the key; it takes the focus when it appears. */
export function KeyMessage({ text, code, children }: { text: string; code: string; children?: React.ReactNode }) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => box.current?.focus(), [text]);
  return (
    <div
      ref={box}
      id="mensagem-da-chave"
      tabIndex={-1}
      role="alert"
      className={`banner tone-${code === 'cnpj_differs' ? 'warning' : 'danger'}`}
      data-testid="key-message"
      data-code={code}
    >
      <span>{text}</span>
      {children && <div className="row">{children}</div>}
    </div>
  );
}

interface RefusalProps {
  error: Error;
  environment: Environment; // of the clinic
  ips: string[]; // that Asaas must let in
  again: () => void;
  confirm: () => void;
  use: (e: Environment) => void;
  clear: () => void;
  move?: () => void;
}

/** Why the key was refused, by Asaas or by us, with the one thing to do about it. */
function Refusal({ error, environment, ips, again, confirm, use, clear, move }: RefusalProps) {
  const failure = error instanceof Failure ? error : null;
  const place = failure?.about('/apiKey') ?? failure?.about('/confirmTaxId');
  const code = place?.code ?? failure?.problem.code ?? 'offline';
  const left = useRetryCountdown(code === 'asaas_rate_limited' ? (failure?.retryAfter ?? 0) : 0, again);
  const text = place?.detail ?? error.message;
  const wrongChoice =
    code === 'wrong_environment' &&
    text.startsWith(environment === 'sandbox' ? 'Esta chave é de Sandbox' : 'Esta chave é de Produção');
  return (
    <KeyMessage text={text} code={code}>
      {code === 'inner_whitespace' && <Button onClick={clear}>Limpar campo</Button>}
      {code === 'looks_like_wallet' && move && <Button onClick={move}>Mover para o campo certo</Button>}
      {wrongChoice && (
        <Button onClick={() => use(environment)}>Usar {environment === 'sandbox' ? 'Sandbox' : 'Produção'}</Button>
      )}
      {(code === 'key_refused' || code === 'asaas_timeout' || code === 'offline') && (
        <Button onClick={again}>Tentar de novo</Button>
      )}
      {(code === 'permission_missing' || code === 'ip_blocked') && <Button onClick={again}>Verificar de novo</Button>}
      {code === 'ip_blocked' && ips.length > 0 && (
        <>
          <code data-testid="blocked-ips">{ips.join(', ')}</code>
          <Button onClick={() => void copy(ips.join(', '))}>Copiar IPs</Button>
        </>
      )}
      {code === 'not_asaas_key' && (
        <span className="small">A chave está em Menu do usuário › Integrações › Chaves de API.</span>
      )}
      {code === 'account_in_use' && <span className="small">Fale com o suporte da sua plataforma.</span>}
      {left > 0 && <span>Tentaremos de novo em {left} s.</span>}
      {code === 'cnpj_differs' && <Checkbox label="Confirmo" onChange={(e) => e.currentTarget.checked && confirm()} />}
    </KeyMessage>
  );
}
