import { Link, useParams } from '@tanstack/react-router';

import type { Schema } from '../../lib/api';
import { cycleWords, splitReasonWords, splitStatusWords } from '../../lib/asaas-codes';
import { useClinic } from '../../lib/clinic';
import { eventName } from '../../lib/event-labels';
import { amount, day, money, percentage } from '../../lib/format';
import { asaasLink } from '../../lib/links';
import { wordFor } from '../../lib/words';
import { PageHeader, When } from '../../ui/basics';
import { Fetched } from '../../ui/states';
import { DataTable } from '../../ui/table';
import { CheckoutBadge, itemsOf, useNow } from './badge';
import { useCheckout, useCheckoutEvents, useCheckoutInvoices } from './queries';

type Checkout = Schema['CheckoutView'];

/** One checkout: items, split, links, events, and the invoices that came of it. */
export default function CheckoutPage() {
  const { id } = useParams({ from: '/shell/app/checkouts/$id' });
  const clinic = useClinic().data;
  const checkout = useCheckout(id);
  return (
    <>
      <PageHeader
        title={checkout.data ? `Checkout: ${itemsOf(checkout.data)}` : 'Checkout'}
        clinic={clinic?.name}
        above="Checkouts › Detalhe"
        lead={checkout.data && <code>{checkout.data.asaasId}</code>}
      />
      <Fetched query={checkout}>
        {(v) => (
          <div className="stack">
            <Summary checkout={v} />
            <Items checkout={v} />
            {v.split.length > 0 && <Split checkout={v} />}
            <Invoices checkout={v} />
            <Events checkout={v} />
          </div>
        )}
      </Fetched>
    </>
  );
}

function Summary({ checkout: v }: { checkout: Checkout }) {
  const now = useNow();
  const web = asaasLink(v.link);
  return (
    <section className="card stack">
      <div className="row apart">
        <h2>{amount(v.total)}</h2>
        <CheckoutBadge checkout={v} now={now} />
      </div>
      <dl className="facts">
        <dt>Referência</dt>
        <dd>{v.externalReference ?? '—'}</dd>
        <dt>Cliente</dt>
        <dd>{v.customerData?.name ?? v.customerName ?? v.customer ?? '—'}</dd>
        <dt>Criado em</dt>
        <dd>
          <When at={v.createdAt} />
        </dd>
        <dt>Página</dt>
        <dd>
          {web ? (
            <a href={web} target="_blank" rel="noreferrer noopener">
              Abrir no Asaas
            </a>
          ) : (
            'Sem link'
          )}
        </dd>
        {v.maxInstallments && (
          <>
            <dt>Parcelas</dt>
            <dd>até {v.maxInstallments}×</dd>
          </>
        )}
        {v.subscription && (
          <>
            <dt>Assinatura</dt>
            <dd>
              {v.subscription.cycle ? wordFor(cycleWords, v.subscription.cycle) : '—'} · próxima{' '}
              {day(v.subscription.nextDueDate)} · fim {day(v.subscription.endDate)}
            </dd>
          </>
        )}
        {v.callback?.successUrl && (
          <>
            <dt>Volta depois de pagar</dt>
            <dd>
              <code>{v.callback.successUrl}</code>
            </dd>
          </>
        )}
        {v.callback?.cancelUrl && (
          <>
            <dt>Volta ao cancelar</dt>
            <dd>
              <code>{v.callback.cancelUrl}</code>
            </dd>
          </>
        )}
        {v.callback?.expiredUrl && (
          <>
            <dt>Volta ao vencer</dt>
            <dd>
              <code>{v.callback.expiredUrl}</code>
            </dd>
          </>
        )}
      </dl>
    </section>
  );
}

function Items({ checkout: v }: { checkout: Checkout }) {
  const rows = v.items.map((item, i) => ({
    ...item,
    key: String(i),
    sum: item.value ? item.value.amountCents * (item.quantity ?? 1) : null,
  }));
  return (
    <section className="stack">
      <h2>Itens</h2>
      <DataTable
        caption="Itens do checkout"
        rows={rows}
        id={(r) => r.key}
        columns={[
          {
            name: 'Item',
            cell: (r) => (
              <>
                {r.name ?? '—'}
                {r.description && <div className="small muted">{r.description}</div>}
              </>
            ),
          },
          { name: 'Quantidade', numeric: true, cell: (r) => r.quantity ?? 1 },
          { name: 'Valor', numeric: true, cell: (r) => amount(r.value) },
          { name: 'Subtotal', numeric: true, cell: (r) => (r.sum === null ? '—' : money(r.sum)) },
        ]}
      />
    </section>
  );
}

/** A part's state, and why it is cancelled. */
function splitState(status: string | null, reason: string | null): string {
  const state = status ? wordFor(splitStatusWords, status) : '—';
  return reason ? `${state}: ${wordFor(splitReasonWords, reason)}` : state;
}

function Split({ checkout: v }: { checkout: Checkout }) {
  const rows = v.split.map((s, i) => ({ ...s, key: String(i) }));
  return (
    <section className="stack">
      <h2>Divisão (split)</h2>
      <DataTable
        caption="Divisão do valor"
        rows={rows}
        id={(r) => r.key}
        columns={[
          { name: 'Carteira', cell: (r) => <code>{r.walletId ?? '—'}</code> },
          { name: 'Fixo', numeric: true, cell: (r) => amount(r.fixed) },
          { name: 'Percentual', numeric: true, cell: (r) => (r.percent ? percentage(r.percent) : '—') },
          { name: 'Situação', cell: (r) => splitState(r.status, r.cancellationReason) },
        ]}
      />
    </section>
  );
}

function Invoices({ checkout: v }: { checkout: Checkout }) {
  const made = useCheckoutInvoices(v);
  if (!made.data?.data.length) return null;
  return (
    <section className="card stack">
      <h2>Faturas deste checkout</h2>
      <ul>
        {made.data.data.map((i) => (
          <li key={i.id}>
            <Link to="/app/faturas/$id" params={{ id: i.id }}>
              {amount(i.value)}, vence em {day(i.dueDate)}
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Events({ checkout: v }: { checkout: Checkout }) {
  return (
    <section className="card stack">
      <h2>Eventos</h2>
      <Fetched query={useCheckoutEvents(v)}>
        {(page) => (
          <ol>
            {page.data.map((e) => (
              <li key={e.id}>
                <Link to="/app/eventos/$id" params={{ id: e.id }}>
                  {eventName(e.type)}
                </Link>{' '}
                · <When at={e.receivedAt} />
              </li>
            ))}
          </ol>
        )}
      </Fetched>
    </section>
  );
}
