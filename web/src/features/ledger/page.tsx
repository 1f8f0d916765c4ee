import { Button } from '@mantine/core';
import type { InfiniteData } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';

import { useClinic } from '../../lib/clinic';
import { day, money } from '../../lib/format';
import { useGlance, useKnownMoney, useToday } from '../../lib/glance';
import { bookingKindWords } from '../../lib/object-words';
import type { LedgerSearch } from '../../lib/search';
import { Banner, PageHeader } from '../../ui/basics';
import { DateRange } from '../../ui/date-field';
import { ExportButton } from '../../ui/export-button';
import { FilterBar, SelectFilter, span, type Chip } from '../../ui/filters';
import { MoneyPage } from '../../ui/money-page';
import { Empty, ErrorBanner, Fetched, Loading } from '../../ui/states';
import { DataTable } from '../../ui/table';
import { FeesByMonth, OverdueByAge } from './charts';
import { columns } from './columns';
import { ComparedDays } from './compared';
import { daysToShow, CashFlow } from './flow';
import { daysOf, lines } from './lines';
import { isMonth, Months } from './months';
import { account, filterOf, isWhole, useEntries, usePeriod, type Entries, type Period } from './queries';

const orders: Record<string, string> = { lancamento: 'Ordem do lançamento' };

/** What came into and went out of the balance at Asaas by the days it belongs to, with the balance after each line. */
export default function Ledger() {
  const clinic = useClinic().data;
  const glance = useGlance().data;
  const today = useToday();
  const search = useSearch({ from: '/shell/app/extrato' });
  const period = usePeriod(search);
  const entries = useEntries(search);
  const opened = glance?.ledgerFrom !== null;
  return (
    <>
      <PageHeader
        title="Extrato"
        clinic={clinic?.name}
        beside={opened && <Filters today={today} search={search} />}
        actions={
          opened && (
            <>
              <Button className="large" onClick={() => print()}>
                Imprimir
              </Button>
              <ExportButton kind="statement" query={filterOf(search)} fileName="extrato.csv" />
              <ExportButton kind="statement" query={filterOf(search)} fileName="extrato.ofx" format="ofx" />
            </>
          )
        }
      />
      <MoneyPage hidden>
        <Fetched query={period}>
          {(p) => (
            <div className="stack tight">
              <section className="card period" aria-label="Resumo do período">
                <Sums period={p} open={!search.ate} />
                {glance && <ComparedDays glance={glance} search={search} />}
              </section>
              {entries.error && <ErrorBanner error={entries.error} retry={() => void entries.refetch()} />}
              {entries.isPending && <Loading />}
              {entries.data && (
                <Lines
                  period={p}
                  whole={isWhole(search)}
                  data={entries.data}
                  more={entries.hasNextPage}
                  loading={entries.isFetchingNextPage}
                  next={() => void entries.fetchNextPage()}
                />
              )}
              <OverdueByAge />
            </div>
          )}
        </Fetched>
      </MoneyPage>
    </>
  );
}

/** What stood before and after the days, and what moved between. */
function Sums({ period: p, open }: { period: Period; open: boolean }) {
  const known = useKnownMoney();
  const sums: [id: string, name: string, cents: number][] = [
    ['opening', 'Saldo inicial', p.opening.amountCents],
    ['in', 'Entradas', p.in.amountCents],
    ['out', 'Saídas', p.out.amountCents],
    ['balance', open ? 'Saldo no Asaas' : 'Saldo final', p.closing.amountCents],
    ['fees', 'Taxas do Asaas', p.fees.amountCents],
  ];
  return (
    <dl className="period-sums">
      {sums.map(([id, name, cents]) => (
        <div key={id}>
          <dt className="small muted">{name}</dt>
          <dd className="num" data-testid={id === 'balance' ? 'balance' : `period-${id}`}>
            {known(cents)}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Filters({ today, search: s }: { today: string; search: LedgerSearch }) {
  const navigate = useNavigate({ from: '/app/extrato' });
  const set = (change: LedgerSearch) => void navigate({ search: (old) => ({ ...old, ...change }) });
  const chip = (name: string, text: string | undefined, off: LedgerSearch): Chip | undefined =>
    text ? { name, text, remove: () => set(off) } : undefined;
  const kinds = Object.fromEntries(Object.entries(bookingKindWords)) as Record<string, string>;
  return (
    <div className="row beside noprint">
      <Months today={today} search={s} />
      <FilterBar
        chips={[
          !isMonth(today, s) &&
            chip('Período', span(s.de && day(s.de), s.ate && day(s.ate)), { de: undefined, ate: undefined }),
          chip('Tipo', s.tipo && kinds[s.tipo], { tipo: undefined }),
          chip('Ordem', s.ordem && orders[s.ordem]?.toLowerCase(), { ordem: undefined }),
        ]}
      >
        <DateRange today={today} from={s.de} to={s.ate} set={(de, ate) => set({ de, ate })} />
        <SelectFilter label="Tipo" all="Todos" names={kinds} value={s.tipo} set={(tipo) => set({ tipo })} />
        <SelectFilter
          label="Ordem"
          all="Ordem das datas"
          names={orders}
          value={s.ordem}
          set={(ordem) => set({ ordem })}
        />
      </FilterBar>
    </div>
  );
}

function Lines({
  period,
  whole,
  data,
  more,
  loading,
  next,
}: {
  period: Period;
  whole: boolean;
  data: InfiniteData<Entries>;
  more: boolean;
  loading: boolean;
  next: () => void;
}) {
  const rows = lines(
    data.pages.flatMap((p) => p.data ?? []),
    account,
  );
  const last = rows.at(-1);
  if (!last) return <Empty>Nenhum lançamento aqui. Eles aparecem quando uma fatura é recebida.</Empty>;
  const before = last.balance === null ? null : last.balance - last.cents;
  const gap = whole && !more && before !== null ? before - period.opening.amountCents : 0;
  return (
    <>
      {gap !== 0 && (
        <Banner tone="danger" alert>
          Diferença de {money(gap)} entre as linhas e o saldo.
        </Banner>
      )}
      <p className="printed">
        Período: de {day(period.from ?? last.day)} a {day(period.to ?? rows[0]!.day)}
      </p>
      <DataTable
        caption="Lançamentos, os mais novos primeiro"
        columns={columns}
        rows={rows}
        id={(l) => l.id}
        testId="ledger-row"
      />
      {more && (
        <div className="row noprint">
          <Button loading={loading} onClick={next}>
            Mostrar mais antigos
          </Button>
        </div>
      )}
      {whole && !period.from && !period.to && (
        <>
          <CashFlow days={daysOf(rows)} />
          {daysOf(rows).length >= daysToShow && <FeesByMonth />}
        </>
      )}
    </>
  );
}
