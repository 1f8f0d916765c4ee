import { Link, useNavigate, useSearch } from '@tanstack/react-router';

import type { Schema } from '../../lib/api';
import { useClinic } from '../../lib/clinic';
import { count, countOf, money, plural } from '../../lib/format';
import { billingTypes, chargeTypes, checkoutFilters } from '../../lib/object-labels';
import type { ListSearch } from '../../lib/search';
import { statusSum } from '../../lib/status-sum';
import { BarFigure } from '../../ui/bars';
import { Amount, PageHeader, When } from '../../ui/basics';
import { MoneyPage } from '../../ui/money-page';
import { ExportButton } from '../../ui/export-button';
import { List } from '../../ui/list';
import { Empty } from '../../ui/states';
import { StatusFilterBar } from '../../ui/status-filter-bar';
import type { Column } from '../../ui/table';
import { CheckoutBadge, itemsOf, useNow } from './badge';
import { useCheckouts, useCheckoutSums } from './queries';

type Checkout = Schema['CheckoutView'];

const named = (list: string[], names: Record<string, string>) =>
  [...new Set(list.map((w) => names[w] ?? w))].join(', ') || '—';

function columns(now: number): Column<Checkout>[] {
  return [
    {
      name: 'Criado em',
      sort: 'createdAt',
      phone: 'note',
      cell: (v) => (
        <Link to="/app/checkouts/$id" params={{ id: v.id }} className="open">
          <When at={v.createdAt} />
        </Link>
      ),
    },
    { name: 'Itens', phone: 'title', cell: itemsOf },
    { name: 'Total', numeric: true, sort: 'amountCents', phone: 'amount', cell: (v) => <Amount value={v.total} /> },
    { name: 'Formas', cell: (v) => named(v.billingTypes, billingTypes) },
    { name: 'Tipo', cell: (v) => named(v.chargeTypes, chargeTypes) },
    { name: 'Situação', phone: 'state', cell: (v) => <CheckoutBadge checkout={v} now={now} /> },
    { name: 'Cliente', cell: (v) => v.customerData?.name ?? v.customerName ?? v.customer ?? '—' },
  ];
}

/** Checkouts, made up of the events received: Asaas offers no list of them. */
export default function Checkouts() {
  const clinic = useClinic().data;
  const search = useSearch({ from: '/shell/app/checkouts' });
  const navigate = useNavigate({ from: '/app/checkouts' });
  const set = (change: ListSearch) => void navigate({ search: (old) => ({ ...old, cursor: undefined, ...change }) });
  const now = useNow();
  const { list, fetch, filter, filtered } = useCheckouts(search);
  const counted = list.data?.count;
  const sums = useCheckoutSums(search.q).data?.sums;
  return (
    <>
      <PageHeader
        title="Checkouts"
        clinic={clinic?.name}
        actions={<ExportButton kind="checkouts" query={filter} fileName="checkouts.csv" />}
      />
      <MoneyPage>
        <StatusFilterBar
          placeholder="Busque por cliente, item, referência ou valor"
          names={checkoutFilters}
          search={search}
          set={set}
          note={counted && countOf(counted, 'checkout', 'checkouts') + statusSum(counted, sums, search)}
        />
        <List
          caption="Checkouts"
          columns={columns(now)}
          testId="checkout-row"
          query={list}
          order={{ value: search.ordem, set: (ordem) => set({ ordem }) }}
          start={search.cursor || search.ordem ? undefined : { list: 'checkouts', filter: search, fetch }}
          go={(cursor) => set({ cursor })}
          empty={
            <Empty
              action={
                <Link to="/app/eventos" search={{ grupo: 'checkout' }}>
                  Ver eventos de checkouts
                </Link>
              }
            >
              {filtered
                ? 'Nenhum checkout com estes filtros.'
                : 'Nenhum checkout ainda. Eles aparecem aqui assim que o Asaas avisa.'}
            </Empty>
          }
        />
        <div className="below stack">
          <p className="small muted">
            O Asaas não oferece esta lista; ela é montada com os avisos recebidos (webhook).
          </p>
          <Funnel />
        </div>
      </MoneyPage>
    </>
  );
}

/** Shows how many of all checkouts were paid, and what became of the others. */
function Funnel() {
  const sums = useCheckoutSums();
  const all = sums.data?.total;
  if (!all?.count) return null;
  const of = (status: string) => sums.data?.sums.find((s) => s.key === status);
  const patterns: Record<string, number> = { all: 5, paid: 1, active: 3, expired: 2, canceled: 4 };
  const rows = [
    { id: 'all', name: 'Criados', n: all.count, cents: all.value.amountCents },
    ...['paid', 'active', 'expired', 'canceled'].map((id) => ({
      id,
      name: plurals[id]!,
      n: of(id)?.count ?? 0,
      cents: of(id)?.value.amountCents ?? 0,
    })),
  ];
  const text = (r: { n: number; cents: number }) => `${count(r.n)} · ${money(r.cents)}`;
  const [made, paid] = rows;
  const said = (r: { n: number; cents: number }, one: string, many: string) =>
    `${plural(r.n, one, many)} (${money(r.cents)})`;
  return (
    <div className="above">
      <BarFigure
        name="funil"
        title="Criados e pagos"
        sentence={`De ${said(made!, 'criado', 'criados')}, ${said(paid!, 'pago', 'pagos')}.`}
        rows={rows.map((r) => ({
          name: r.name,
          text: text(r),
          parts: [{ name: '', size: r.n, pattern: patterns[r.id]! }],
        }))}
        columns={['Quantidade', 'Valor']}
        cells={(i) => [count(rows[i]!.n), money(rows[i]!.cents)]}
      />
    </div>
  );
}

const plurals: Record<string, string> = {
  paid: 'Pagos',
  active: 'Ativos',
  expired: 'Vencidos',
  canceled: 'Cancelados',
};
