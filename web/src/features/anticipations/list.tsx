import { Link, useNavigate, useSearch } from '@tanstack/react-router';

import type { Schema } from '../../lib/api';
import { useClinic } from '../../lib/clinic';
import { count, countOf, day, money, percent } from '../../lib/format';
import { useKnownMoney } from '../../lib/glance';
import { advanceFilters, advanceState, costOf } from '../../lib/object-labels';
import type { ListSearch } from '../../lib/search';
import { statusSum } from '../../lib/status-sum';
import { advanced, useAdvanceSums, useAdvanceSumsOfMonth } from '../../lib/sums';
import { Amount, Badge, Kpi, PageHeader } from '../../ui/basics';
import { MoneyPage } from '../../ui/money-page';
import { ExportButton } from '../../ui/export-button';
import { List } from '../../ui/list';
import { Empty } from '../../ui/states';
import { StatusFilterBar } from '../../ui/status-filter-bar';
import type { Column } from '../../ui/table';
import { useAnticipations } from './queries';

type Advance = Schema['AnticipationView'];

/** What an advance costs, in its period and a month; "—" for a denied one, and while an amount or the days are missing. */
export function costText(v: Advance): string {
  const cost =
    v.value && v.fee && v.netValue && v.days
      ? costOf(v.value.amountCents, v.fee.amountCents, v.netValue.amountCents, v.days)
      : null;
  return cost && v.status !== 'denied' ? `${percent(cost.period)} no período · ${percent(cost.monthly)} a.m.` : '—';
}

const columns: Column<Advance>[] = [
  {
    name: 'Solicitada',
    phone: 'note',
    cell: (v) => (v.requestDate ? <time dateTime={v.requestDate}>{day(v.requestDate)}</time> : '—'),
  },
  { name: 'Cliente', phone: 'title', cell: (v) => <Payer advance={v} /> },
  { name: 'Valor', numeric: true, sort: 'amountCents', phone: 'amount', cell: (v) => <Amount value={v.value} /> },
  { name: 'Taxa', numeric: true, spare: true, cell: (v) => <Amount value={v.status === 'denied' ? null : v.fee} /> },
  { name: 'Dias', numeric: true, spare: true, cell: (v) => v.days ?? '—' },
  { name: 'Custo efetivo', cell: (v) => <Cost advance={v} /> },
  {
    name: 'Líquido',
    numeric: true,
    spare: true,
    cell: (v) => <Amount value={v.status === 'denied' ? null : v.netValue} />,
  },
  { name: 'Situação', phone: 'state', cell: (v) => <State advance={v} /> },
];

/** Who pays what came early, as a link to the invoice, with Asaas's id of it or of the plan below. */
function Payer({ advance: v }: { advance: Advance }) {
  const of = v.payment ?? v.installment;
  if (!of) return <>—</>;
  const who = v.customerName ?? v.customer ?? of;
  return (
    <>
      {v.payment ? (
        <Link to="/app/faturas/$id" params={{ id: v.payment }}>
          {who}
        </Link>
      ) : (
        who
      )}
      {who !== of && (
        <div className="small muted clip finer">
          {v.payment ? '' : 'Parcelamento '}
          <code>{of}</code>
        </div>
      )}
    </>
  );
}

/** The cost, broken at most between its two shares. */
function Cost({ advance }: { advance: Advance }) {
  const [period, monthly] = costText(advance).split(' · ');
  return (
    <span data-testid="antic-cost">
      <span className="whole">{period}</span>
      {monthly && (
        <>
          {' · '}
          <span className="whole">{monthly}</span>
        </>
      )}
    </span>
  );
}

function State({ advance }: { advance: Advance }) {
  const [words, tone] = advanceState(advance);
  return (
    <>
      <Badge tone={tone} testId="antic-state">
        {words}
      </Badge>
      {advance.denialObservation && <div className="small muted">{advance.denialObservation}</div>}
      {advance.status === 'denied' && (
        <div className="small" data-testid="antic-denied">
          Nada foi cobrado.
        </div>
      )}
    </>
  );
}

/** Receivables that came early, and what that cost. */
export default function Anticipations() {
  const clinic = useClinic().data;
  const search = useSearch({ from: '/shell/app/antecipacoes' });
  const navigate = useNavigate({ from: '/app/antecipacoes' });
  const set = (change: ListSearch) => void navigate({ search: (old) => ({ ...old, cursor: undefined, ...change }) });
  const { list, fetch, filter, filtered } = useAnticipations(search);
  const counted = list.data?.count;
  const sums = useAdvanceSums({ q: filter.q }).data?.sums;
  return (
    <>
      <PageHeader
        title="Antecipações"
        clinic={clinic?.name}
        actions={<ExportButton kind="anticipations" query={filter} fileName="antecipacoes.csv" />}
      />
      <MoneyPage>
        <StatusFilterBar
          placeholder="Busque por ID pay_…, valor ou dia"
          names={advanceFilters}
          search={search}
          set={set}
          note={counted && countOf(counted, 'antecipação', 'antecipações') + statusSum(counted, sums, search)}
        />
        <List
          caption="Antecipações"
          columns={columns}
          testId="antic-row"
          query={list}
          order={{ value: search.ordem, set: (ordem) => set({ ordem }) }}
          start={search.cursor || search.ordem ? undefined : { list: 'anticipations', filter: search, fetch }}
          go={(cursor) => set({ cursor })}
          empty={
            <Empty action={<Link to="/app/faturas">Ver faturas</Link>}>
              {filtered
                ? 'Nenhuma antecipação com estes filtros.'
                : 'Nenhuma antecipação ainda. Elas aparecem aqui assim que o Asaas avisa.'}
            </Empty>
          }
        />
        {list.data?.data.some((v) => v.status === 'denied') && (
          <p className="small below" data-testid="antic-denied-help">
            Antecipação negada: corrija o que o Asaas aponta, envie os documentos no painel do Asaas e peça de novo.
          </p>
        )}
        <div className="below">
          <Sums />
        </div>
      </MoneyPage>
    </>
  );
}

/** What waits for Asaas's answer, and what this month brought and cost. */
function Sums() {
  const waiting = useAdvanceSums().data?.sums.find((s) => s.key === 'pending');
  const month = useAdvanceSumsOfMonth().data;
  const known = useKnownMoney();
  if (!month) return null;
  const credited = month.sums.filter((s) => advanced.has(s.key));
  const sum = (pick: (s: (typeof credited)[number]) => number) => credited.reduce((n, s) => n + pick(s), 0);
  const value = sum((s) => s.value.amountCents);
  const fee = sum((s) => s.fee.amountCents);
  const net = sum((s) => s.netValue.amountCents);
  const days = value > 0 ? sum((s) => (s.days ?? 0) * s.value.amountCents) / value : 0; // weighted by what was advanced
  const cost = costOf(value, fee, net, days);
  return (
    <div className="grid above">
      <Kpi name="Em análise" note={waiting && money(waiting.value.amountCents)}>
        {count(waiting?.count ?? 0)}
      </Kpi>
      <Kpi name="Creditado no mês">
        <span data-testid="kpi-credited">{known(net)}</span>
      </Kpi>
      <Kpi name="Custo no mês" note={cost && `${percent(cost.period)} no período · ${percent(cost.monthly)} a.m.`}>
        <span data-testid="kpi-cost">{known(fee)}</span>
      </Kpi>
    </div>
  );
}
