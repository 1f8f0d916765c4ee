import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';

import { api, body, type Schema } from '../app/api';
import { useClinic, useTenant } from '../app/clinic';
import type { ListSearch } from '../app/search';
import { Amount, Badge, Kpi, PageHeader } from '../parts/basics';
import { Choice, FilterBar } from '../parts/filters';
import { Empty, Fetched } from '../parts/states';
import { DataTable, Pager, type Column } from '../parts/table';
import { count, day, money, percent } from '../words/format';
import { advanceFilters, advanceState, costOf } from '../words/objects';

type Advance = Schema['AnticipationView'];

/** What an advance costs, in its period and a month; "—" while an amount or the days are missing. */
export function costText(v: Advance): string {
  const cost = v.value && v.fee && v.netValue && v.days ? costOf(v.value.amountCents, v.fee.amountCents, v.netValue.amountCents, v.days) : null;
  return cost ? `${percent(cost.period)} no período · ${percent(cost.monthly)} a.m.` : '—';
}

const columns: Column<Advance>[] = [
  { name: 'Solicitada', cell: (v) => (v.requestDate ? <time dateTime={v.requestDate}>{day(v.requestDate)}</time> : '—') },
  { name: 'Fatura', cell: (v) => (v.payment ? <Link to="/app/faturas/$id" params={{ id: v.payment }}>{v.payment}</Link> : v.installment ? <>Parcelamento <code>{v.installment}</code></> : '—') },
  { name: 'Valor', numeric: true, cell: (v) => <Amount value={v.value} /> },
  { name: 'Taxa', numeric: true, cell: (v) => <Amount value={v.fee} /> },
  { name: 'Dias', numeric: true, cell: (v) => v.days ?? '—' },
  { name: 'Custo efetivo', cell: (v) => <span data-testid="antic-cost">{costText(v)}</span> },
  { name: 'Líquido', numeric: true, cell: (v) => <Amount value={v.netValue} /> },
  { name: 'Situação', cell: (v) => <State advance={v} /> },
];

function State({ advance }: { advance: Advance }) {
  const [words, tone] = advanceState(advance);
  return (
    <>
      <Badge tone={tone} testId="antic-state">{words}</Badge>
      {advance.denialObservation && <div className="small muted">{advance.denialObservation}</div>}
    </>
  );
}

/** Receivables that came early, and what that cost. */
export default function Anticipations() {
  const tenant = useTenant();
  const clinic = useClinic().data;
  const search = useSearch({ from: '/shell/app/antecipacoes' });
  const navigate = useNavigate({ from: '/app/antecipacoes' });
  const set = (change: ListSearch) => void navigate({ search: (old) => ({ ...old, cursor: undefined, ...change }) });
  const status = search.status && search.status in advanceFilters ? [search.status as Advance['status']] : undefined;
  const list = useQuery({
    queryKey: ['anticipations', tenant, search],
    placeholderData: keepPreviousData,
    refetchInterval: 15_000,
    queryFn: () => body(api.GET('/v1/tenants/{tenant}/anticipations', { params: { path: { tenant }, query: { limit: 50, cursor: search.cursor, include: 'count', status } } })),
  });
  return (
    <>
      <PageHeader title="Antecipações" clinic={clinic?.name} lead="O que veio antes do prazo e quanto custou." />
      <FilterBar>
        <Choice label="Situação" all="Todas" names={advanceFilters} value={search.status} set={(s) => set({ status: s })} />
      </FilterBar>
      <Fetched query={list}>
        {(page) => (
          <>
            {page.data.length === 0
              ? <Empty action={<Link to="/app/faturas">Ver faturas</Link>}>{status ? 'Nenhuma antecipação nesta situação.' : 'Nenhuma antecipação ainda. Elas aparecem aqui assim que o Asaas avisa.'}</Empty>
              : <><Sums rows={page.data} of={page.count?.total ?? page.data.length} /><DataTable caption="Antecipações" columns={columns} rows={page.data} id={(v) => v.id} testId="antic-row" /></>}
            <Pager page={page.page} go={(cursor) => set({ cursor })} />
          </>
        )}
      </Fetched>
    </>
  );
}

/** Sums of the rows that are shown; of nothing else, and they say so. */
function Sums({ rows, of }: { rows: Advance[]; of: number }) {
  const credited = rows.filter((v) => v.status === 'credited' || v.status === 'debited');
  const sum = (pick: (v: Advance) => Schema['MoneyView'] | null | undefined) => credited.reduce((n, v) => n + (pick(v)?.amountCents ?? 0), 0);
  const value = sum((v) => v.value);
  const fee = sum((v) => v.fee);
  return (
    <div className="stack" style={{ marginBottom: 16 }}>
      <div className="grid">
        <Kpi name="Em análise">{count(rows.filter((v) => v.status === 'pending').length)}</Kpi>
        <Kpi name="Creditado">{money(sum((v) => v.netValue))}</Kpi>
        <Kpi name="Custo" note={value > 0 ? `${percent(fee / value)} do valor antecipado` : undefined}>{money(fee)}</Kpi>
      </div>
      {of > rows.length && <p className="small muted" style={{ margin: 0 }}>Somas das {count(rows.length)} antecipações mostradas, de {count(of)}.</p>}
    </div>
  );
}

