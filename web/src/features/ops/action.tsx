import { Button, Progress, Textarea } from '@mantine/core';
import { Link, useParams } from '@tanstack/react-router';
import { useState, type FormEvent } from 'react';

import { actionCodeText, actionItemStateWords, actionKindWords, actionStateWords } from '../../lib/fleet-words';
import { count, plural } from '../../lib/format';
import { rules } from '../../lib/rules';
import { Badge, PageHeader, When } from '../../ui/basics';
import { Allowed } from '../../ui/denied';
import { ErrorBanner, Fetched } from '../../ui/states';
import { DataTable, type Column } from '../../ui/table';
import type { Tone } from '../../lib/tone';
import { useAction, useBeginAction, useStopAction, type Action, type ActionItem } from './queries';

const tones: Record<ActionItem['state'], Tone> = {
  waiting: 'neutral',
  skipped: 'neutral',
  running: 'info',
  done: 'success',
  failed: 'danger',
  left: 'warning',
};

const columns: Column<ActionItem>[] = [
  {
    name: 'Clínica',
    phone: 'title',
    cell: (i) => (
      <Link to="/ops/clinicas/$id" params={{ id: i.tenantId }} className="open">
        {i.tenantName}
      </Link>
    ),
  },
  {
    name: 'Andamento',
    phone: 'state',
    cell: (i) => <Badge tone={tones[i.state]}>{actionItemStateWords[i.state]}</Badge>,
  },
  { name: 'Por quê', phone: 'note', cell: (i) => (i.code ? actionCodeText(i.code) : '—') },
  { name: 'Eventos', numeric: true, cell: (i) => count(i.events.length) },
  { name: 'Terminou', cell: (i) => <When at={i.endedAt} relative /> },
];

/** One action on many clinics: what it would do, how far it is, and what came of it. */
export function OpsAction() {
  const { id } = useParams({ from: '/shell/ops/acoes/$id' });
  const action = useAction(id);
  return (
    <Fetched query={action}>
      {(a) => (
        <div className="stack">
          <PageHeader
            above={
              <>
                <Link to="/ops">Operação</Link> › <Link to="/ops/acoes">Ações em massa</Link>
              </>
            }
            title={actionKindWords[a.kind]}
            lead={a.reason || 'Prévia: nada foi feito ainda.'}
          />
          <Tally a={a} />
          <Allowed scope="fleet:act">
            {a.state === 'preview' && <BeginForm a={a} />}
            {a.state === 'running' && <StopButton id={a.id} />}
          </Allowed>
          <DataTable
            caption="Clínicas da ação"
            columns={columns}
            rows={a.items}
            id={(i) => i.tenantId}
            testId="action-item"
          />
        </div>
      )}
    </Fetched>
  );
}

function Tally({ a }: { a: Action }) {
  const toDo = a.clinics - a.skipped;
  const ended = a.done + a.failed;
  return (
    <section className="stack tight" data-testid="action-tally">
      <p>
        <strong>{actionStateWords[a.state]}</strong> · {plural(toDo, 'clínica', 'clínicas')} a fazer
        {a.skipped > 0 && ` · ${count(a.skipped)} sem nada a fazer`}
        {ended > 0 && ` · ${count(ended)} terminadas`}
        {a.failed > 0 && ` · ${count(a.failed)} com falha`}
        {a.left > 0 && ` · ${count(a.left)} não começadas`}
      </p>
      {a.state !== 'preview' && (
        <Progress value={toDo ? (100 * ended) / toDo : 100} aria-label="Clínicas terminadas, em porcentagem" />
      )}
    </section>
  );
}

/** Asks why before anything is done. */
function BeginForm({ a }: { a: Action }) {
  const [reason, setReason] = useState('');
  const [fault, setFault] = useState('');
  const begin = useBeginAction(a.id);
  const submit = (e: FormEvent) => {
    e.preventDefault();
    const short = reason.trim().length < rules.reason.minLength;
    setFault(short ? `Escreva o motivo com pelo menos ${rules.reason.minLength} letras.` : '');
    if (!short) begin.mutate(reason.trim());
  };
  if (a.clinics === a.skipped) return <p>Não há nada a fazer nestas clínicas.</p>;
  return (
    <form className="card stack" onSubmit={submit} aria-labelledby="comecar">
      <h2 id="comecar">Começar</h2>
      <p>Só nas clínicas abaixo, uma depois da outra. Cada uma vê o motivo na auditoria dela.</p>
      <Textarea
        label="Motivo"
        value={reason}
        maxLength={rules.reason.maxLength}
        error={fault}
        autosize
        onChange={(e) => setReason(e.currentTarget.value)}
        data-testid="action-reason"
      />
      {begin.error && <ErrorBanner error={begin.error} />}
      <Button type="submit" variant="filled" className="rigid" loading={begin.isPending}>
        Começar
      </Button>
    </form>
  );
}

function StopButton({ id }: { id: string }) {
  const stop = useStopAction(id);
  return (
    <div className="stack tight">
      {stop.error && <ErrorBanner error={stop.error} />}
      <Button className="rigid" color="danger" loading={stop.isPending} onClick={() => stop.mutate()}>
        Parar
      </Button>
      <p className="small muted">A clínica em andamento ainda termina; as outras ficam como estão.</p>
    </div>
  );
}
