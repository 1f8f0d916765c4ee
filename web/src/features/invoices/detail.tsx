import { Button } from '@mantine/core';
import { Link, useParams } from '@tanstack/react-router';
import type { ReactNode } from 'react';

import type { Schema } from '../../lib/api';
import { flagWords, refundStatusWords } from '../../lib/asaas-codes';
import { useClinic, useMay } from '../../lib/clinic';
import { eventName, eventState } from '../../lib/event-labels';
import { amount, clock, day, instant, money, plural } from '../../lib/format';
import { asaasLink } from '../../lib/links';
import { methodOf } from '../../lib/object-labels';
import { refusalKindWords, sourceWords } from '../../lib/object-words';
import { wordFor } from '../../lib/words';
import { Badge, Banner, PageHeader, When } from '../../ui/basics';
import { AsaasStatus } from '../../ui/code';
import { MoneyPage } from '../../ui/money-page';
import { ErrorBanner, Fetched } from '../../ui/states';
import { InvoiceBadge, Payer } from './badges';
import { useInvoice, useInvoiceEvents, useReconcileInvoice } from './queries';

type Invoice = Schema['InvoiceView'];

/** One invoice: its amounts, its timeline, and the comparison with Asaas. */
export default function InvoicePage() {
  const { id } = useParams({ from: '/shell/app/faturas/$id' });
  const clinic = useClinic().data;
  const invoice = useInvoice(id);
  const v = invoice.data;
  return (
    <>
      <PageHeader
        title={v?.externalReference ? `Fatura ${v.externalReference}` : 'Fatura'}
        clinic={clinic?.name}
        above={<Link to="/app/faturas">Faturas</Link>}
        lead={v && <code>{v.asaasId}</code>}
        actions={<Button onClick={() => print()}>Imprimir</Button>}
      />
      <MoneyPage>
        <Fetched query={invoice}>
          {(v) => (
            <div className="stack">
              <Summary invoice={v} />
              <Compare invoice={v} />
              <Timeline invoice={v} />
            </div>
          )}
        </Fetched>
      </MoneyPage>
    </>
  );
}

function Summary({ invoice: v }: { invoice: Invoice }) {
  const links = [
    ['Fatura no Asaas', v.invoiceUrl],
    ['Boleto', v.bankSlipUrl],
    ['Recibo', v.transactionReceiptUrl],
  ]
    .map(([name, url]) => [name, asaasLink(url)] as const)
    .filter(([, url]) => url);
  return (
    <section className="card stack">
      <div className="row apart">
        <h2>{amount(v.value)}</h2>
        <InvoiceBadge invoice={v} />
      </div>
      {v.lastRefusal && (
        <Banner tone={v.clientPaymentDate ? 'neutral' : 'warning'} testId="last-refusal">
          <span>
            Cartão {refusalKindWords[v.lastRefusal.kind]}
            {v.lastRefusal.at && <> em {instant(v.lastRefusal.at)}</>}
            {v.lastRefusal.count > 1 && <> ({plural(v.lastRefusal.count, 'recusa', 'recusas')} até agora)</>}.
            {!v.clientPaymentDate && ' O cliente pode tentar de novo, ou pagar de outra forma, pelo link da fatura.'}
          </span>
        </Banner>
      )}
      {v.flags.length > 0 && (
        <Banner tone="warning">
          Há algo a conferir nesta fatura: {v.flags.map((f) => wordFor(flagWords, f)).join('; ')}.
        </Banner>
      )}
      <dl className="facts">
        <dt>Cliente</dt>
        <dd>
          <Payer id={v.customer} name={v.customerName} />
        </dd>
        <dt>Descrição</dt>
        <dd>{v.description ?? '—'}</dd>
        <dt>Forma</dt>
        <dd>
          {methodOf(v.method)}
          {v.card?.last4 && ` · final ${v.card.last4}`}
        </dd>
        <dt>Vencimento</dt>
        <dd>{day(v.dueDate)}</dd>
        <dt>Pagamento</dt>
        <dd>{day(v.clientPaymentDate)}</dd>
        <dt>Saldo liberado em</dt>
        <dd>{day(v.availableOn)}</dd>
        <dt>Situação informada por</dt>
        <dd>{wordFor(sourceWords, v.confirmedBy)}</dd>
      </dl>
      <SumBox invoice={v} />
      {links.length > 0 && (
        <div className="row noprint">
          {links.map(([name, url]) => (
            <a key={name} href={url ?? ''} target="_blank" rel="noreferrer noopener">
              {name}
            </a>
          ))}
        </div>
      )}
    </section>
  );
}

/** What was charged, what Asaas keeps of it and what is left, one under the other. */
function SumBox({ invoice: v }: { invoice: Invoice }) {
  const interest = v.interestValue?.amountCents ?? 0;
  const lines: [name: string, cents: number | undefined, strong?: boolean][] = [
    [interest ? 'Cobrança' : 'Valor bruto', v.value ? v.value.amountCents - interest : undefined],
    ...(interest
      ? ([
          ['+ Juros e multa', interest],
          ['= Valor bruto', v.value?.amountCents],
        ] as [string, number][])
      : []),
    ['− Taxa do Asaas', v.fee?.amountCents],
    ['= Líquido', v.netValue?.amountCents, true],
  ];
  if (v.refundedAmount.amountCents > 0) lines.push(['Estornado ao cliente', v.refundedAmount.amountCents]);
  if (v.anticipation && v.anticipation.status !== 'denied') {
    lines.push(['Antecipação: taxa', v.anticipation.fee?.amountCents]);
    lines.push(['Antecipação: líquido', v.anticipation.netValue?.amountCents, true]);
  }
  return (
    <dl className="card sunken sums" data-testid="sum-box">
      {lines.map(([name, cents, strong]) => (
        <div key={name} className="row apart">
          <dt>{name}</dt>
          <dd className="num">{strong ? <b>{known(cents)}</b> : known(cents)}</dd>
        </div>
      ))}
    </dl>
  );
}

const known = (cents: number | null | undefined) => (cents == null ? '—' : money(cents));

const fields: Record<string, string> = {
  status: 'Situação',
  value: 'Valor',
  netValue: 'Líquido',
  dueDate: 'Vencimento',
  deleted: 'Removida',
};

/** Reads the invoice from Asaas now, shows what differed, and applies it. */
function Compare({ invoice }: { invoice: Invoice }) {
  const may = useMay('events:replay');
  const compare = useReconcileInvoice(invoice.id);
  if (!may) return null;
  const r = compare.data;
  return (
    <section className="card stack noprint">
      <div className="row">
        <Button loading={compare.isPending} onClick={() => compare.mutate()} data-testid="reconcile">
          Conferir com o Asaas
        </Button>
      </div>
      {compare.error && <ErrorBanner error={compare.error} retry={() => compare.mutate()} />}
      {r?.equal && <Banner tone="success">Conferido às {clock(r.checkedAt)}: igual.</Banner>}
      {r && !r.equal && (
        <Banner tone={r.found ? 'info' : 'warning'} title={`Conferido às ${clock(r.checkedAt)}`}>
          <span>{r.detail}</span>
          <ul>
            {r.differences.map((d) => (
              <li key={d.field}>
                {fields[d.field] ?? d.field}: {d.ours || '—'} → {d.theirs || '—'}
              </li>
            ))}
          </ul>
        </Banner>
      )}
    </section>
  );
}

interface HistoryEntry {
  key: string;
  at: string | null;
  what: ReactNode;
}

/** Everything that happened to the invoice, in one list, newest first; what an event showed leads to it. */
function Timeline({ invoice }: { invoice: Invoice }) {
  const refunds: HistoryEntry[] = invoice.refunds.map((r, i) => ({
    key: `refund-${i}`,
    at: r.createdAt,
    what: (
      <>
        Estorno de {amount(r.value)} {r.status && <Badge tone="neutral">{wordFor(refundStatusWords, r.status)}</Badge>}
      </>
    ),
  }));
  return (
    <section className="card stack noprint">
      <h2>Linha do tempo</h2>
      <Fetched query={useInvoiceEvents(invoice)}>
        {(page) => (
          <ul className="plain stack" data-testid="invoice-timeline">
            {newestFirst([...page.data.map(entryOfEvent), ...refunds]).map((m) => (
              <li key={m.key}>
                <div className="row">{m.what}</div>
                {m.at && (
                  <span className="small muted">
                    <When at={m.at} />
                  </span>
                )}
              </li>
            ))}
          </ul>
        )}
      </Fetched>
    </section>
  );
}

function entryOfEvent(e: Schema['EventView']): HistoryEntry {
  const [words, tone] = eventState(e);
  return {
    key: e.id,
    at: e.occurredAt ?? e.receivedAt,
    what: (
      <>
        <Link to="/app/eventos/$id" params={{ id: e.id }}>
          {eventName(e.type)}
        </Link>
        <Badge tone={tone}>{words}</Badge>
        {e.shows?.asaasStatus && (
          <span className="small muted">
            <AsaasStatus code={e.shows.asaasStatus} />
          </span>
        )}
      </>
    ),
  };
}

/** By time, the newest first; what has no time stands last. */
const newestFirst = (entries: HistoryEntry[]) =>
  entries.toSorted((a, b) => Date.parse(b.at ?? '1970-01-01') - Date.parse(a.at ?? '1970-01-01'));
