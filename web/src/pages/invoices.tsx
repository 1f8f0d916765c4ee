import { Button } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';

import { api, body, type Schema } from '../app/api';
import { useClinic, useTenant } from '../app/clinic';
import type { InvoiceSearch } from '../app/search';
import { Amount, Badge, PageHeader } from '../parts/basics';
import { Choice, FilterBar, Typed } from '../parts/filters';
import { Share } from '../parts/share';
import { Empty, Fetched } from '../parts/states';
import { DataTable, Pager, type Column } from '../parts/table';
import { count, day, moneyHint, parseMoney } from '../words/format';
import { invoiceFilters, invoiceState, methodOf, methods } from '../words/objects';

type Invoice = Schema['InvoiceView'];

const columns: Column<Invoice>[] = [
  { name: 'Vencimento', cell: (v) => <Link to="/app/faturas/$id" params={{ id: v.id }} className="open">{v.dueDate ? <time dateTime={v.dueDate}>{day(v.dueDate)}</time> : 'Sem data'}</Link> },
  { name: 'Referência', cell: (v) => <>{v.externalReference ?? '—'}<br /><code className="muted">{v.asaasId}</code></> },
  { name: 'Descrição', cell: (v) => v.description ?? '—' },
  { name: 'Forma', cell: (v) => methodOf(v.method) },
  { name: 'Valor', numeric: true, cell: (v) => <Amount value={v.value} /> },
  { name: 'Líquido', numeric: true, cell: (v) => <Amount value={v.netValue} /> },
  { name: 'Situação', cell: (v) => <InvoiceBadge invoice={v} /> },
];

export function InvoiceBadge({ invoice }: { invoice: Invoice }) {
  const [words, tone] = invoiceState(invoice);
  return <Badge tone={tone} testId="invoice-state">{words}</Badge>;
}

const sorts: Record<string, string> = { '-dueDate': 'Vencimento mais distante', dueDate: 'Vencimento mais próximo', '-amountCents': 'Maior valor', '-updatedAt': 'Alteradas por último' };

/** The API's filters of an address; amounts in it stand as they were typed. */
function query(s: InvoiceSearch) {
  const known = s.status && s.status in invoiceFilters ? [s.status as Invoice['status']] : undefined;
  return {
    limit: 50, cursor: s.cursor, include: 'count' as const,
    sort: (s.ordem && s.ordem in sorts ? s.ordem : '-createdAt') as '-createdAt',
    status: known,
    method: s.forma ? [s.forma] : undefined,
    customer: s.cliente,
    asaasId: s.q?.startsWith('pay_') ? s.q : undefined,
    externalReference: s.q && !s.q.startsWith('pay_') ? s.q : undefined,
    'dueDate[gte]': s.vencimentoDe, 'dueDate[lte]': s.vencimentoAte,
    'amountCents[gte]': (s.valorDe && parseMoney(s.valorDe)) || undefined,
    'amountCents[lte]': (s.valorAte && parseMoney(s.valorAte)) || undefined,
  };
}

const typedMoney = (text: string) => (parseMoney(text) === null ? moneyHint : '');

/** The clinic's invoices, as Asaas's events tell of them. */
export default function Invoices() {
  const tenant = useTenant();
  const clinic = useClinic().data;
  const search = useSearch({ from: '/shell/app/faturas' });
  const navigate = useNavigate({ from: '/app/faturas' });
  const set = (change: InvoiceSearch) => void navigate({ search: (old) => ({ ...old, cursor: undefined, ...change }) });
  const clear = () => void navigate({ search: {} });
  const filtered = Object.values(search).some(Boolean);
  const list = useQuery({
    queryKey: ['invoices', tenant, search],
    placeholderData: keepPreviousData,
    queryFn: () => body(api.GET('/v1/tenants/{tenant}/invoices', { params: { path: { tenant }, query: query(search) } })),
  });
  return (
    <>
      <PageHeader title="Faturas" clinic={clinic?.name} lead="Cada cobrança do Asaas e onde ela está." />
      <Shares chosen={search.status} />
      <FilterBar clear={filtered ? clear : undefined}>
        <Typed label="Buscar" placeholder="ID pay_… ou referência" value={search.q} set={(q) => set({ q })} />
        <Choice label="Situação" all="Todas" names={invoiceFilters} value={search.status} set={(status) => set({ status })} />
        <Choice label="Forma" all="Todas" names={methods} value={search.forma} set={(forma) => set({ forma })} />
        <Typed label="Vencimento de" type="date" value={search.vencimentoDe} set={(vencimentoDe) => set({ vencimentoDe })} />
        <Typed label="até" type="date" value={search.vencimentoAte} set={(vencimentoAte) => set({ vencimentoAte })} />
        <Typed label="Valor de" placeholder="R$ 0,00" value={search.valorDe} set={(valorDe) => set({ valorDe })} check={typedMoney} />
        <Typed label="Valor até" placeholder="R$ 0,00" value={search.valorAte} set={(valorAte) => set({ valorAte })} check={typedMoney} />
        <Choice label="Ordem" all="Mais novas" names={sorts} value={search.ordem} set={(ordem) => set({ ordem })} />
      </FilterBar>
      <Fetched query={list}>
        {(page) => (
          <>
            {page.count && <p className="small muted">{count(page.count.total)}{page.count.capped ? ' ou mais' : ''} faturas</p>}
            {page.data.length > 0 && <DataTable caption="Faturas" columns={columns} rows={page.data} id={(v) => v.id} testId="invoice-row" />}
            {page.data.length === 0 && filtered && <Empty action={<Button onClick={clear}>Limpar filtros</Button>}>Nenhuma fatura com estes filtros.</Empty>}
            {page.data.length === 0 && !filtered && <Empty action={<Link to="/app/configuracoes/webhooks">Ver a conexão</Link>}>Nenhuma fatura ainda. Importe as dos últimos 90 dias.</Empty>}
            <Pager page={page.page} go={(cursor) => set({ cursor })} />
          </>
        )}
      </Fetched>
    </>
  );
}

const shown = ['pending', 'overdue', 'confirmed', 'received', 'received_in_cash', 'refunded', 'disputed'] as const;

/** How many invoices stand where: one bar, each part a filter. */
function Shares({ chosen }: { chosen: string | undefined }) {
  const tenant = useTenant();
  const counts = useQuery({
    queryKey: ['invoices', tenant, 'counts'],
    staleTime: 30_000,
    queryFn: () => Promise.all(shown.map(async (status) => {
      const page = await body(api.GET('/v1/tenants/{tenant}/invoices', { params: { path: { tenant }, query: { limit: 1, include: 'count', status: [status] } } }));
      return { id: status, name: invoiceFilters[status]!, count: page.count?.total ?? 0 };
    })),
  });
  if (!counts.data?.some((p) => p.count > 0)) return null;
  return <Share name="situacao" title="Faturas por situação" parts={counts.data} chosen={chosen} link={(status) => ({ to: '/app/faturas', search: { status } })} />;
}
