import { Button, TextInput } from '@mantine/core';
import { Link, useParams } from '@tanstack/react-router';
import { useState, type FormEvent } from 'react';

import { useClinic, useMay } from '../../lib/clinic';
import { useDecisions } from '../../lib/pending-decisions';
import { session } from '../../lib/session';
import { workItemOutcomeWords, workItemStateWords } from '../../lib/object-words';
import { wordFor } from '../../lib/words';
import { Amount, Badge, Banner, PageHeader, When } from '../../ui/basics';
import { Denied } from '../../ui/denied';
import { ErrorBanner, Fetched } from '../../ui/states';
import { kindHelp } from './labels';
import { OpenBadge, PaymentOf } from './parts';
import { useAssign, useWorkItem, type Item } from './queries';
import { ResolveForm, Waiting } from './resolve';

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
                  <Decide item={w} />
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

/** The form of a decision, or the decision that was made and is not settled yet. */
function Decide({ item }: { item: Item }) {
  const decision = useDecisions().get(item.id);
  if (decision && decision.state !== 'failed') return <Waiting decision={decision} />;
  return <ResolveForm item={item} refused={decision} />;
}

function Facts({ item: w }: { item: Item }) {
  return (
    <section className="card stack">
      <p>{kindHelp[w.kind]}</p>
      <dl className="facts">
        <dt>Valor em questão</dt>
        <dd>
          <Amount value={w.amount} />
        </dd>
        <dt>Pagamento</dt>
        <dd>
          <PaymentOf item={w} />
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
          {w.state === 'open' ? <OpenBadge item={w} /> : <Badge tone="success">{workItemStateWords.resolved}</Badge>}
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
