import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect, useState } from 'react';

import { api, body, type Schema } from '../app/api';
import { useClinic, useTenant } from '../app/clinic';
import type { ListSearch } from '../app/search';
import { Amount, Badge, PageHeader, When } from '../parts/basics';
import { Choice, FilterBar } from '../parts/filters';
import { Empty, Fetched } from '../parts/states';
import { DataTable, Pager, type Column } from '../parts/table';
import { count } from '../words/format';
import { billingTypes, chargeTypes, checkoutFilters, checkoutState } from '../words/objects';

type Checkout = Schema['CheckoutView'];

/** The time, each second; readers hear it with the minute, since the text's own region is not live. */
export function useNow(): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return now;
}

export function CheckoutBadge({ checkout, now }: { checkout: Checkout; now: number }) {
  const [words, tone] = checkoutState(checkout, now);
  return <Badge tone={tone} testId="checkout-state">{words}</Badge>;
}

/** The first item's name and how many more there are. */
export function itemsOf(v: Checkout): string {
  const first = v.items[0]?.name ?? v.items[0]?.description;
  if (!first) return '—';
  return v.items.length > 1 ? `${first} e mais ${v.items.length - 1}` : first;
}

const named = (list: string[], names: Record<string, string>) => [...new Set(list.map((w) => names[w] ?? w))].join(', ') || '—';

function columns(now: number): Column<Checkout>[] {
  return [
    { name: 'Criado em', cell: (v) => <Link to="/app/checkouts/$id" params={{ id: v.id }} className="open"><When at={v.createdAt} /></Link> },
    { name: 'Itens', cell: itemsOf },
    { name: 'Total', numeric: true, cell: (v) => <Amount value={v.total} /> },
    { name: 'Formas', cell: (v) => named(v.billingTypes, billingTypes) },
    { name: 'Tipo', cell: (v) => named(v.chargeTypes, chargeTypes) },
    { name: 'Situação', cell: (v) => <CheckoutBadge checkout={v} now={now} /> },
    { name: 'Cliente', cell: (v) => v.customerData?.name ?? v.customer ?? '—' },
  ];
}

/** Checkouts, made up of the events received: Asaas offers no list of them. */
export default function Checkouts() {
  const tenant = useTenant();
  const clinic = useClinic().data;
  const search = useSearch({ from: '/shell/app/checkouts' });
  const navigate = useNavigate({ from: '/app/checkouts' });
  const set = (change: ListSearch) => void navigate({ search: (old) => ({ ...old, cursor: undefined, ...change }) });
  const now = useNow();
  const status = search.status && search.status in checkoutFilters ? [search.status as Checkout['status']] : undefined;
  const list = useQuery({
    queryKey: ['checkouts', tenant, search],
    placeholderData: keepPreviousData,
    refetchInterval: 15_000,
    queryFn: () => body(api.GET('/v1/tenants/{tenant}/checkouts', { params: { path: { tenant }, query: { limit: 50, cursor: search.cursor, include: 'count', status } } })),
  });
  return (
    <>
      <PageHeader title="Checkouts" clinic={clinic?.name} lead="O Asaas não oferece esta lista; ela é montada com os avisos recebidos (webhook)." />
      <Funnel />
      <FilterBar>
        <Choice label="Situação" all="Todas" names={checkoutFilters} value={search.status} set={(s) => set({ status: s })} />
      </FilterBar>
      <Fetched query={list}>
        {(page) => (
          <>
            {page.data.length === 0
              ? <Empty action={<Link to="/app/eventos" search={{ grupo: 'checkout' }}>Ver eventos de checkouts</Link>}>{status ? 'Nenhum checkout nesta situação.' : 'Nenhum checkout ainda. Eles aparecem aqui assim que o Asaas avisa.'}</Empty>
              : <DataTable caption="Checkouts" columns={columns(now)} rows={page.data} id={(v) => v.id} testId="checkout-row" />}
            <Pager page={page.page} go={(cursor) => set({ cursor })} />
          </>
        )}
      </Fetched>
    </>
  );
}

/** Of all that were made, how many were paid, and what became of the others. */
function Funnel() {
  const tenant = useTenant();
  const counts = useQuery({
    queryKey: ['checkouts', tenant, 'counts'],
    staleTime: 30_000,
    queryFn: () => Promise.all(Object.entries(checkoutFilters).map(async ([status, name]) => {
      const page = await body(api.GET('/v1/tenants/{tenant}/checkouts', { params: { path: { tenant }, query: { limit: 1, include: 'count', status: [status as Checkout['status']] } } }));
      return { status, name, n: page.count?.total ?? 0 };
    })),
  });
  const all = counts.data?.reduce((sum, c) => sum + c.n, 0) ?? 0;
  if (all === 0) return null;
  const rows = [{ status: 'all', name: 'Criados', n: all }, ...(counts.data ?? [])];
  return (
    <figure className="card" style={{ margin: '0 0 16px' }} data-testid="chart-funil">
      <figcaption><strong>De {count(all)} criados, {count(counts.data?.find((c) => c.status === 'paid')?.n ?? 0)} pagos</strong></figcaption>
      <dl className="facts" style={{ marginTop: 12 }}>
        {rows.map((c) => (
          <div key={c.status} style={{ display: 'contents' }}>
            <dt>{c.name}</dt>
            <dd className="row" style={{ flexWrap: 'nowrap' }}>
              <span aria-hidden style={{ height: 12, borderRadius: 3, width: `${(85 * c.n) / all}%`, minWidth: c.n ? 4 : 0, background: `var(--pp-chart-${c.status === 'paid' ? 1 : 5})` }} />
              <span className="num">{count(c.n)}</span>
            </dd>
          </div>
        ))}
      </dl>
    </figure>
  );
}
