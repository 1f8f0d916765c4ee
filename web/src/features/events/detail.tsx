import { Button } from '@mantine/core';
import { Link, useParams } from '@tanstack/react-router';
import { useState } from 'react';

import { flagWords } from '../../lib/asaas-codes';
import { useClinic, useMay } from '../../lib/clinic';
import { eventName, eventState, reasonOf } from '../../lib/event-labels';
import { amount, clock, day, plural, took } from '../../lib/format';
import { answerTimeWords, wordFor } from '../../lib/words';
import { Badge, copy, PageHeader, When } from '../../ui/basics';
import { AsaasStatus, Code } from '../../ui/code';
import { JsonViewer } from '../../ui/json';
import { ErrorBanner, Fetched, Loading } from '../../ui/states';
import { StatusChange } from './effect';
import { useEvent, useEventPayload, useRelatedEvents, type EventDetail } from './queries';
import { ReplayCard } from './replay';

/** One event: its effect, its deliveries, its processing, and its body. */
export default function Event() {
  const { id } = useParams({ from: '/shell/app/eventos/$id' });
  const clinic = useClinic().data;
  const event = useEvent(id);
  return (
    <>
      <PageHeader
        title={event.data ? eventName(event.data.type) : 'Evento'}
        clinic={clinic?.name}
        above="Eventos › Detalhe"
        lead={event.data && <Code title={eventName(event.data.type)}>{event.data.type}</Code>}
      />
      <Fetched query={event}>{(e) => <EventSections event={e} />}</Fetched>
    </>
  );
}

function EventSections({ event }: { event: EventDetail }) {
  return (
    <div className="stack">
      <EffectCard event={event} />
      {event.source === 'webhook' && event.outcome !== 'quarantined' && <ReplayCard id={event.id} />}
      <section className="stack">
        <h2>Linha do tempo</h2>
        <div className="grid wide">
          <DeliveriesCard event={event} />
          <ProcessingCard event={event} />
        </div>
      </section>
      <Payload event={event} />
      <Related event={event} />
    </div>
  );
}

const objectPages = { payment: '/app/faturas/$id', checkout: '/app/checkouts/$id' } as const;

function EffectCard({ event: e }: { event: EventDetail }) {
  const [words, tone] = eventState(e);
  const page = objectPages[e.kind as keyof typeof objectPages];
  return (
    <section className="card stack">
      <div className="row apart">
        <h2>Efeito</h2>
        <Badge tone={tone} testId="event-state">
          {words}
        </Badge>
      </div>
      {e.reason && <p>{reasonOf(e.reason)}</p>}
      {e.nextTryAt && e.tries > 0 && <p>Nova tentativa às {clock(e.nextTryAt)}.</p>}
      {e.outcome === 'applied' && <StatusChange event={e} />}
      <dl className="facts">
        <dt>{e.source === 'api' ? 'ID da consulta' : 'ID no Asaas'}</dt>
        <dd className="row">
          <code>{e.asaasId}</code>
          <Button variant="subtle" onClick={() => copy(e.asaasId)} aria-label="Copiar o ID">
            Copiar
          </Button>
        </dd>
        <dt>Sobre</dt>
        <dd>
          {e.entity && page ? (
            <Link to={page} params={{ id: e.entity }}>
              {e.entity}
            </Link>
          ) : (
            <code>{e.entity ?? '—'}</code>
          )}
        </dd>
        <dt>Situação mostrada</dt>
        <dd>{e.shows?.asaasStatus ? <AsaasStatus code={e.shows.asaasStatus} /> : '—'}</dd>
        <dt>Valor</dt>
        <dd>{amount(e.shows?.value)}</dd>
        <dt>Líquido</dt>
        <dd>{amount(e.shows?.netValue)}</dd>
        <dt>Vencimento</dt>
        <dd>{day(e.shows?.dueDate)}</dd>
        {e.notes.length > 0 && (
          <>
            <dt>Observações</dt>
            <dd>{e.notes.map((n) => wordFor(flagWords, n)).join('; ')}</dd>
          </>
        )}
      </dl>
    </section>
  );
}

function DeliveriesCard({ event: e }: { event: EventDetail }) {
  return (
    <div className="card stack tight" data-testid="lane-asaas">
      <h3>{e.source === 'api' ? 'Asaas respondeu' : 'Asaas enviou'}</h3>
      <ol>
        <li>
          Aconteceu em <When at={e.occurredAt} />
        </li>
        {e.deliveries.toReversed().map((d, i) => (
          <li key={d.at}>
            <When at={d.at} /> · respondemos {d.code}{' '}
            {d.timing === 'measured' ? `em ${took(d.micros / 1000)}` : answerTimeWords[d.timing]}
            {i > 0 && (
              <div className="row">
                <Badge tone="neutral" testId="delivery-state">
                  Duplicado
                </Badge>
                <span className="small">já tratado; nada mudou</span>
              </div>
            )}
            <div className="small muted">de {d.sourceIp}</div>
          </li>
        ))}
        {e.source === 'api' && <li>Resposta a uma consulta nossa</li>}
      </ol>
      {e.variants > 0 && (
        <p className="small">
          {e.variants === 1 ? 'Chegou' : 'Chegaram'} {plural(e.variants, 'outro conteúdo', 'outros conteúdos')} com o
          mesmo ID; vale o primeiro.
        </p>
      )}
    </div>
  );
}

function ProcessingCard({ event: e }: { event: EventDetail }) {
  return (
    <div className="card stack tight" data-testid="lane-ours">
      <h3>Nós fizemos</h3>
      <ol>
        <li>
          Guardamos em <When at={e.receivedAt} />
        </li>
        {e.tries > 0 && (
          <li>
            {plural(e.tries, 'tentativa falhou', 'tentativas falharam')}
            {e.lastError && (
              <>
                : <code>{e.lastError}</code>
              </>
            )}
          </li>
        )}
        {e.nextTryAt && (
          <li>
            Nova tentativa às <When at={e.nextTryAt} />
          </li>
        )}
        {e.appliedAt && (
          <li>
            Processamos em <When at={e.appliedAt} />
          </li>
        )}
      </ol>
    </div>
  );
}

/** The body as it came, fetched on demand. Personal data is masked until it is revealed, which is audited. */
function Payload({ event: e }: { event: EventDetail }) {
  const may = useMay('personal:read');
  const [open, setOpen] = useState(false);
  const [reveal, setReveal] = useState(false);
  const payload = useEventPayload(e.id, reveal, open);
  return (
    <section className="card stack">
      <h2>Conteúdo</h2>
      {!e.hasPayload && <p>O conteúdo deste evento não é mais guardado; o resumo fica.</p>}
      {e.hasPayload && !open && (
        <div className="row">
          <Button onClick={() => setOpen(true)}>Ver conteúdo</Button>
        </div>
      )}
      {open && payload.error && <ErrorBanner error={payload.error} retry={() => void payload.refetch()} />}
      {open && payload.isPending && <Loading />}
      {payload.data && (
        <>
          {payload.data.masked && (
            <div className="row">
              <span>Dados pessoais escondidos.</span>
              {may && <Button onClick={() => setReveal(true)}>Revelar</Button>}
              {may && <span className="small muted">Fica registrado na auditoria.</span>}
            </div>
          )}
          <JsonViewer value={payload.data.payload ?? payload.data.text} name={e.id} />
        </>
      )}
    </section>
  );
}

function Related({ event: e }: { event: EventDetail }) {
  const related = useRelatedEvents(e.entity);
  const others = related.data?.data.filter((o) => o.id !== e.id) ?? [];
  if (others.length === 0) return null;
  return (
    <section className="card stack">
      <h2>Outros eventos do mesmo objeto</h2>
      <ul>
        {others.map((o) => (
          <li key={o.id}>
            <Link to="/app/eventos/$id" params={{ id: o.id }}>
              {eventName(o.type)}
            </Link>{' '}
            · <When at={o.receivedAt} />
          </li>
        ))}
      </ul>
    </section>
  );
}
