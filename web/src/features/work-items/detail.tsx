import { Button, Radio, Textarea, TextInput } from '@mantine/core';
import { Link, useParams } from '@tanstack/react-router';
import { useState, type FormEvent } from 'react';

import { useClinic, useMay } from '../../lib/clinic';
import { session } from '../../lib/session';
import { workItemOutcomeWords, workItemStateWords } from '../../lib/object-words';
import { wordFor } from '../../lib/words';
import { Amount, Badge, Banner, PageHeader, When } from '../../ui/basics';
import { ConfirmDialog } from '../../ui/confirm';
import { Denied } from '../../ui/denied';
import { ErrorBanner, Fetched } from '../../ui/states';
import { outcomeHelp, outcomesOf } from './labels';
import { useAssign, useResolve, useWorkItem, type Item, type Outcome } from './queries';

/** One work item: what is known, who is responsible, and what the money turned out to be. */
export default function WorkItem() {
  const { id } = useParams({ from: '/shell/app/pendencias/$id' });
  const clinic = useClinic().data;
  const may = useMay('ledger:write');
  const item = useWorkItem(id);
  return (
    <>
      <PageHeader
        above="Pendências"
        title={item.data?.title ?? 'Pendência'}
        clinic={clinic?.name}
        lead={<Link to="/app/pendencias">Todas as pendências</Link>}
      />
      <Fetched query={item}>
        {(w) => (
          <div className="stack form">
            <Facts item={w} />
            {w.state === 'open' ? (
              may ? (
                <>
                  <AssignForm item={w} />
                  <ResolveForm item={w} />
                </>
              ) : (
                <Denied />
              )
            ) : (
              <ResolvedBanner item={w} />
            )}
          </div>
        )}
      </Fetched>
    </>
  );
}

function Facts({ item: w }: { item: Item }) {
  return (
    <section className="card">
      <dl className="facts">
        <dt>Valor em questão</dt>
        <dd>
          <Amount value={w.amount} />
        </dd>
        <dt>Referência</dt>
        <dd>
          {(w.asaasId ?? w.subject).startsWith('pay_') ? (
            <Link to="/app/faturas/$id" params={{ id: w.asaasId ?? w.subject }}>
              {w.asaasId ?? w.subject}
            </Link>
          ) : (
            <code>{w.subject}</code>
          )}
        </dd>
        {w.detail && (
          <>
            <dt>O que o Asaas diz</dt>
            <dd>{w.detail}</dd>
          </>
        )}
        <dt>Aberta em</dt>
        <dd>
          <When at={w.openedAt} />
        </dd>
        <dt>Responsável</dt>
        <dd data-testid="work-owner">{w.owner ?? 'Ninguém'}</dd>
        <dt>Situação</dt>
        <dd>
          {w.state === 'open' ? (
            <Badge tone="warning">{workItemStateWords.open}</Badge>
          ) : (
            <Badge tone="success">{workItemStateWords.resolved}</Badge>
          )}
        </dd>
      </dl>
    </section>
  );
}

function ResolvedBanner({ item: w }: { item: Item }) {
  return (
    <Banner
      tone="success"
      title={w.outcome ? wordFor(workItemOutcomeWords, w.outcome) : workItemStateWords.resolved}
      testId="work-solved"
    >
      {w.note && <span>{w.note}</span>}
      <span className="small">
        Resolvida em <When at={w.resolvedAt} />.
      </span>
    </Banner>
  );
}

function AssignForm({ item }: { item: Item }) {
  const [owner, setOwner] = useState(item.owner ?? '');
  const assign = useAssign(item);
  const mine = session.me()?.name || session.me()?.email || '';
  const submit = (e: FormEvent) => {
    e.preventDefault();
    assign.mutate(owner.trim());
  };
  return (
    <form className="card stack" noValidate onSubmit={submit}>
      <TextInput
        label="Responsável"
        description="Nome ou e-mail de quem está vendo isto; vazio, ninguém."
        value={owner}
        onChange={(e) => setOwner(e.currentTarget.value)}
      />
      {assign.error && <ErrorBanner error={assign.error} />}
      <div className="row">
        <Button type="submit" aria-busy={assign.isPending}>
          Salvar responsável
        </Button>
        {item.owner !== mine && (
          <Button
            variant="subtle"
            onClick={() => {
              setOwner(mine);
              assign.mutate(mine);
            }}
          >
            Fico com esta
          </Button>
        )}
      </div>
    </form>
  );
}

function ResolveForm({ item }: { item: Item }) {
  const outcomes = outcomesOf(item.kind);
  const [outcome, setOutcome] = useState(outcomes.length === 1 ? outcomes[0]! : '');
  const [note, setNote] = useState('');
  const [faults, setFaults] = useState<{ outcome?: string; note?: string }>({});
  const [asking, setAsking] = useState(false);
  const resolve = useResolve(item);
  const submit = (e: FormEvent) => {
    e.preventDefault();
    const found = {
      outcome: outcome ? undefined : 'Escolha o que era este dinheiro.',
      note: note.trim().length >= 10 ? undefined : 'Explique em pelo menos 10 caracteres.',
    };
    setFaults(found);
    if (!found.outcome && !found.note) setAsking(true);
  };
  const decide = {
    ...resolve,
    mutate: (_: undefined, options: { onSuccess: () => void }) =>
      resolve.mutate({ outcome: outcome as Outcome, note: note.trim() }, options),
  };
  return (
    <form className="card stack" noValidate onSubmit={submit} data-testid="work-resolve">
      <h2>Resolver</h2>
      <Radio.Group
        label="O que era"
        value={outcome}
        onChange={(o) => {
          setOutcome(o);
          setFaults({ ...faults, outcome: undefined });
        }}
        error={faults.outcome}
      >
        <div className="stack tight">
          {outcomes.map((o) => (
            <Radio key={o} value={o} label={wordFor(workItemOutcomeWords, o)} description={outcomeHelp[o]} />
          ))}
        </div>
      </Radio.Group>
      <Textarea
        label="Explicação"
        description="Quem olhar depois lê isto. Fica na auditoria."
        autosize
        minRows={3}
        maxLength={500}
        value={note}
        error={faults.note}
        onChange={(e) => {
          setNote(e.currentTarget.value);
          setFaults({ ...faults, note: undefined });
        }}
      />
      <div className="row">
        <Button type="submit" variant="filled">
          Resolver pendência
        </Button>
      </div>
      <ConfirmDialog
        opened={asking}
        close={() => setAsking(false)}
        action="Resolver"
        title={wordFor(workItemOutcomeWords, outcome)}
        work={decide}
      >
        <dl className="facts">
          <dt>Valor</dt>
          <dd>
            <Amount value={item.amount} />
          </dd>
          <dt>O que acontece</dt>
          <dd>{outcomeHelp[outcome]}</dd>
          <dt>Explicação</dt>
          <dd>{note.trim()}</dd>
        </dl>
        <p>Uma pendência resolvida não é reaberta.</p>
      </ConfirmDialog>
    </form>
  );
}
