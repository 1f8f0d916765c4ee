import { Button } from '@mantine/core';
import { Link, useParams } from '@tanstack/react-router';

import type { Schema } from '../../lib/api';
import { flagWords, refundStatusWords } from '../../lib/asaas-codes';
import { useClinic, useMay } from '../../lib/clinic';
import { eventName, eventState } from '../../lib/event-labels';
import { amount, clock, day } from '../../lib/format';
import { asaasLink } from '../../lib/links';
import { methodOf } from '../../lib/object-labels';
import { sourceWords } from '../../lib/object-words';
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
        above="Faturas › Detalhe"
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
        <dt>Juros e multa</dt>
        <dd className="num left">{amount(v.interestValue)}</dd>
        <dt>Taxa</dt>
        <dd>{amount(v.fee)}</dd>
        <dt>Líquido</dt>
        <dd>{amount(v.netValue)}</dd>
        {v.refundedAmount.amountCents > 0 && (
          <>
            <dt>Estornado</dt>
            <dd>{amount(v.refundedAmount)}</dd>
          </>
        )}
        {v.anticipation && (
          <>
            <dt>Antecipação</dt>
            <dd>
              {amount(v.anticipation.netValue)} líquidos, taxa {amount(v.anticipation.fee)}
            </dd>
          </>
        )}
        <dt>Confirmada por</dt>
        <dd>{wordFor(sourceWords, v.confirmedBy)}</dd>
      </dl>
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

/** Everything that happened to the invoice, newest first, each leading to its event. */
function Timeline({ invoice }: { invoice: Invoice }) {
  return (
    <section className="card stack noprint">
      <h2>Linha do tempo</h2>
      <Fetched query={useInvoiceEvents(invoice)}>
        {(page) => (
          <ol className="stack">
            {page.data.map((e) => {
              const [words, tone] = eventState(e);
              return (
                <li key={e.id}>
                  <div className="row">
                    <Link to="/app/eventos/$id" params={{ id: e.id }}>
                      {e.source === 'api' ? 'Consulta ao Asaas' : eventName(e.type)}
                    </Link>
                    <Badge tone={tone}>{words}</Badge>
                  </div>
                  <span className="small muted">
                    <When at={e.occurredAt ?? e.receivedAt} />
                    {e.shows?.asaasStatus && (
                      <>
                        {' '}
                        · <AsaasStatus code={e.shows.asaasStatus} />
                      </>
                    )}
                  </span>
                </li>
              );
            })}
            {invoice.refunds.map((r, i) => (
              <li key={`refund-${i}`}>
                Estorno de {amount(r.value)}{' '}
                <span className="small muted">
                  {r.createdAt && <When at={r.createdAt} />}
                  {r.status && ` · ${wordFor(refundStatusWords, r.status)}`}
                </span>
              </li>
            ))}
          </ol>
        )}
      </Fetched>
    </section>
  );
}
