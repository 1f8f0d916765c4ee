import { Button, Modal, PasswordInput, TextInput } from '@mantine/core';
import { useRef, useState, type FormEvent } from 'react';

import { Failure } from '../../lib/api';
import type { Connection } from '../../lib/clinic';
import { useToday } from '../../lib/glance';
import { useLatestOperation, useOperation } from '../../lib/operations';
import { session } from '../../lib/session';
import { Banner } from '../../ui/basics';
import { DateField } from '../../ui/date-field';
import { OperationSteps } from '../../ui/operation-steps';
import { cleaned, required } from './key';
import { KeyMessage, PermissionList } from './key-form';
import { useMoveToProduction } from './queries';

/** Offers a sandbox clinic the move to its real account. */
export function ProductionCard({ conn }: { conn: Connection }) {
  const [open, setOpen] = useState(false);
  return (
    <section className="card stack">
      <h2>Passar para produção</h2>
      <p>Já testou? Ligue a clínica à conta de verdade no Asaas. Nada do Sandbox vai junto.</p>
      <div className="row">
        <Button onClick={() => setOpen(true)}>Passar para produção</Button>
      </div>
      <Modal opened={open} onClose={() => setOpen(false)} title="Passar para produção" size="lg">
        <ProductionForm conn={conn} />
      </Modal>
    </section>
  );
}

/** What happens in a move, and the key that it needs. */
function ProductionForm({ conn }: { conn: Connection }) {
  const [key, setKey] = useState('');
  const [expiresOn, setExpiresOn] = useState<string>();
  const [unreadableDate, setUnreadableDate] = useState(false);
  const dateField = useRef<HTMLInputElement>(null);
  const today = useToday();
  const [email, setEmail] = useState(conn.notificationEmail || session.me()?.email || '');
  const [empty, setEmpty] = useState(false);
  const move = useMoveToProduction();
  const submit = (e: FormEvent) => {
    e.preventDefault();
    const apiKey = cleaned(key);
    setEmpty(!apiKey);
    if (!apiKey || move.isPending) return;
    if (unreadableDate) return dateField.current?.focus();
    move.mutate({ apiKey, keyExpiresOn: expiresOn, notificationEmail: email || undefined });
  };
  const refused = move.error instanceof Failure ? move.error : null;
  const place = refused?.about('/apiKey');
  const wrong = empty || move.isError;
  return (
    <form className="stack form" noValidate onSubmit={submit}>
      <Banner tone="warning" title="O que acontece">
        <ul>
          <li>As cobranças do Sandbox ficam guardadas à parte: saem daqui e não entram em nenhuma soma.</li>
          <li>Extrato, agenda e eventos começam do zero; importamos os últimos 90 dias da conta de produção.</li>
          <li>
            O webhook do Sandbox é excluído e o de produção é criado e testado sozinho, por um checkout que não avisa
            ninguém e nada cobra.
          </li>
          <li>Toda a equipe passa junto, com as mesmas senhas e o mesmo segundo fator.</li>
          <li>Tokens de serviço e sistemas conectados são do Sandbox: crie os de produção depois.</li>
          <li>Não há volta.</li>
        </ul>
      </Banner>
      <PermissionList />
      <DateField
        label="Vencimento da chave (opcional)"
        description="Só se você escolheu uma data ao criar a chave."
        today={today}
        input={dateField}
        value={expiresOn}
        set={setExpiresOn}
        setUnreadable={setUnreadableDate}
      />
      <TextInput
        type="email"
        label="E-mail para avisos do Asaas"
        autoComplete="email"
        value={email}
        onChange={(e) => setEmail(e.currentTarget.value)}
      />
      <PasswordInput
        label="Chave de API de produção"
        description="Começa com $aact_prod_ e é da conta com o CNPJ desta clínica."
        autoComplete="off"
        spellCheck={false}
        data-testid="production-key"
        value={key}
        onChange={(e) => setKey(e.currentTarget.value)}
        aria-invalid={wrong}
        aria-describedby={wrong ? 'mensagem-da-chave' : undefined}
        visibilityToggleButtonProps={{ 'aria-label': 'Mostrar ou ocultar a chave', tabIndex: 0 }}
      />
      {empty && <KeyMessage text={required} code="required" />}
      {!empty && move.error && (
        <KeyMessage
          text={place?.detail ?? move.error.message}
          code={place?.code ?? refused?.problem.code ?? 'offline'}
        />
      )}
      <Button type="submit" variant="filled" aria-busy={move.isPending}>
        {move.isPending ? 'Verificando com o Asaas…' : 'Verificar e passar para produção'}
      </Button>
    </form>
  );
}

/** The set-up that the server does by itself, step by step while it runs. */
export function SetUpProgress() {
  const latest = useLatestOperation('connection.setup', true).data;
  const operation = useOperation(latest?.id).data ?? latest;
  if (!operation || operation.state === 'done') return null;
  return (
    <div className="card stack sunken tight" data-testid="setup">
      <strong>Configuramos o webhook para você</strong>
      <OperationSteps operation={operation} testId="setup" />
    </div>
  );
}
