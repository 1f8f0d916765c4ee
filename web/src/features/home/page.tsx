import { Skeleton } from '@mantine/core';
import { Link } from '@tanstack/react-router';

import { useClinic } from '../../lib/clinic';
import { amount, day, instant, plural } from '../../lib/format';
import { known, useGlance, type Glance } from '../../lib/glance';
import { methodOf } from '../../lib/object-labels';
import { Amount, Kpi, PageHeader } from '../../ui/basics';
import { AsOf, ConnectCard } from '../../ui/money-page';
import { Empty, ErrorBanner } from '../../ui/states';
import { DataTable } from '../../ui/table';
import { NextDeadlines } from './next-deadlines';
import { Attention } from './attention';
import { BalanceLine } from './balance-line';
import { Received } from './received';

/** The clinic's first page: whether its money is right, what needs somebody, and what came. One request. */
export default function Home() {
  const clinic = useClinic().data;
  const glance = useGlance();
  const { data, error } = glance;
  const unconnected = data?.connection === 'disconnected' || data?.connection === 'verifying';
  return (
    <>
      <PageHeader title="Início" clinic={clinic?.name} />
      <AsOf glance={data} />
      {error && <ErrorBanner error={error} retry={() => void glance.refetch()} />}
      {data && unconnected && <ConnectCard glance={data} />}
      {data && !unconnected && <Dashboard glance={data} />}
      {!data && !error && <Waiting />}
    </>
  );
}

/** The same boxes as the page has, so that nothing moves when it comes. */
function Waiting() {
  return (
    <div className="stack" aria-busy data-testid="home-waiting">
      <span className="sr">Carregando…</span>
      <Skeleton height={86} radius={10} />
      <div className="grid five">
        {['a', 'b', 'c', 'd', 'e'].map((id) => (
          <Skeleton key={id} height={112} radius={10} />
        ))}
      </div>
      <Skeleton height={330} radius={10} />
      <Skeleton height={300} radius={10} />
    </div>
  );
}

function Dashboard({ glance }: { glance: Glance }) {
  return (
    <div className="stack">
      {!known(glance) && <ConnectCard glance={glance} />}
      {known(glance) && <BalanceLine glance={glance} />}
      <Attention glance={glance} />
      <NextDeadlines entries={glance.agenda} />
      <Numbers glance={glance} />
      <Received glance={glance} />
      <Receipts glance={glance} />
    </div>
  );
}

/** Where the money stands. Numbers that are not known have no zero. */
function Numbers({ glance }: { glance: Glance }) {
  const { balances, overdue } = glance;
  const weeks = balances?.release.weeks ?? [];
  const advanced = balances?.release.advanced.amountCents ?? 0;
  return (
    <>
      <div className="grid five">
        <Kpi name="Disponível no Asaas">
          <span data-testid="kpi-available">{balances ? amount(balances.available) : '—'}</span>
        </Kpi>
        <Kpi name="A liberar" note={advanced > 0 && <>{amount(balances?.release.advanced)} já antecipados</>}>
          <span data-testid="kpi-release">{balances ? amount(balances.release.total) : '—'}</span>
        </Kpi>
        <Kpi name="Em questão" note="Contestado, ou sem explicação">
          <span data-testid="kpi-question">{balances ? amount(balances.inQuestion) : '—'}</span>
        </Kpi>
        <Kpi name="Bloqueado">
          <span data-testid="kpi-blocked">{balances ? amount(balances.blocked) : '—'}</span>
        </Kpi>
        <Kpi name="Vencidas" note={plural(overdue.count, 'fatura', 'faturas')}>
          <span data-testid="kpi-overdue">{balances || overdue.count > 0 ? amount(overdue.value) : '—'}</span>
        </Kpi>
      </div>
      {weeks.length > 0 && (
        <section className="card stack tight">
          <h2>A liberar, por semana</h2>
          <ul className="plain" data-testid="release-weeks">
            {weeks.map((w) => (
              <li key={w.from ?? 'none'} className="row apart">
                <span>
                  {w.from && w.to ? `${day(w.from).slice(0, 5)} a ${day(w.to).slice(0, 5)}` : 'Sem data no Asaas'}
                </span>
                <span className="num">
                  {amount(w.net)} <span className="muted small">({plural(w.count, 'fatura', 'faturas')})</span>
                </span>
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}

function Receipts({ glance }: { glance: Glance }) {
  const rows = glance.receipts;
  return (
    <section className="stack">
      <h2>Últimos recebimentos</h2>
      {rows.length === 0 ? (
        <Empty>Nenhum recebimento ainda.</Empty>
      ) : (
        <DataTable
          caption="Últimos recebimentos"
          testId="receipt"
          rows={rows}
          id={(v) => v.id}
          columns={[
            {
              name: 'Pago em',
              cell: (v) => (
                <Link to="/app/faturas/$id" params={{ id: v.id }} className="open">
                  {v.paidAt ? instant(v.paidAt) : 'Sem data'}
                </Link>
              ),
            },
            { name: 'Cliente', cell: (v) => v.customerName ?? v.externalReference ?? '—' },
            {
              name: 'Forma',
              cell: (v) => (
                <>
                  {methodOf(v.method)}
                  {v.confirmedBy !== 'api' && <span className="small muted"> · ainda não conferido</span>}
                </>
              ),
            },
            { name: 'Valor', numeric: true, cell: (v) => <Amount value={v.value} /> },
            { name: 'Líquido', numeric: true, cell: (v) => <Amount value={v.netValue} /> },
          ]}
        />
      )}
    </section>
  );
}
