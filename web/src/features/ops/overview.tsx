import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';

import type { Schema } from '../../lib/api';
import { stateOf } from '../../lib/connection-labels';
import { concernWords } from '../../lib/fleet-words';
import { count, plural, took } from '../../lib/format';
import type { FleetSearch } from '../../lib/search';
import { Badge, Banner, Kpi, PageHeader, When } from '../../ui/basics';
import { Fetched } from '../../ui/states';
import { DataTable, type Column } from '../../ui/table';
import { useOverview } from './queries';

type Overview = Schema['OverviewView'];
type Queue = Schema['Queue'];

/** A number that leads to the clinics behind it. */
function Clinics({ search, n, children }: { search: FleetSearch; n: number; children?: ReactNode }) {
  return (
    <Link to="/ops/clinicas" search={search}>
      {count(n)} {children}
    </Link>
  );
}

/** The whole fleet on one page; each number is a link to the rows that it counts. */
export default function OpsOverview() {
  const overview = useOverview();
  return (
    <>
      <PageHeader
        title="Operação"
        lead="Todas as clínicas de uma vez. Cada número abre as linhas que ele conta."
        actions={<Link to="/ops/acoes">Ações em massa</Link>}
      />
      <Fetched query={overview}>{(o) => <Numbers o={o} />}</Fetched>
    </>
  );
}

function Numbers({ o }: { o: Overview }) {
  const concerns: [tema: string, n: number, note?: ReactNode][] = [
    [
      'loss',
      o.losing,
      o.soonestLossAt && (
        <>
          Primeira perda: <When at={o.soonestLossAt} />
        </>
      ),
    ],
    [
      'waiting',
      o.waiting,
      o.waitingSince && (
        <>
          O mais antigo: <When at={o.waitingSince} relative />
        </>
      ),
    ],
    ['dead', o.counts.deadEvents],
    ['quarantined', o.counts.quarantinedEvents],
    ['endpoints', o.counts.troubledEndpoints],
    ['mails', o.counts.unsentMails],
    ['quota', o.quotaNear],
  ];
  return (
    <div className="stack">
      {!o.countedAt && (
        <Banner tone="warning" title="Ainda não contamos">
          Os números das clínicas chegam quando um worker trabalhar.
        </Banner>
      )}
      <section className="stack tight" aria-labelledby="estado">
        <h2 id="estado">Clínicas por situação</h2>
        <ul className="plain row" data-testid="fleet-states">
          {o.connections.map((c) => {
            const [words, tone] = stateOf(c.connection);
            return (
              <li key={c.connection}>
                <Badge tone={tone}>{words}</Badge> <Clinics search={{ situacao: c.connection }} n={c.clinics} />
              </li>
            );
          })}
          <li>
            <Badge tone="neutral">Suspensas</Badge> <Clinics search={{ suspensas: 'sim' }} n={o.suspended} />
          </li>
        </ul>
      </section>
      <section className="stack tight" aria-labelledby="cuidar">
        <h2 id="cuidar">O que cuidar</h2>
        <div className="grid">
          {concerns.map(([tema, n, note]) => (
            <Kpi key={tema} name={concernWords[tema]!} note={note}>
              <Clinics search={{ tema }} n={n} />
            </Kpi>
          ))}
          <Kpi name={concernWords.alarms!} note={plural(o.platformAlarms, 'da plataforma', 'da plataforma')}>
            <Link to="/ops/avisos">{count(o.counts.openAlarms + o.platformAlarms)}</Link>
          </Kpi>
          <Kpi name={concernWords.operations!}>
            <Link to="/ops/trabalhos">{count(o.counts.runningOperations)}</Link>
          </Kpi>
          <Kpi name="Entregas sem clínica">
            <Link to="/ops/sem-clinica">{count(o.unclaimedDeliveries)}</Link>
          </Kpi>
          <Kpi name="Auditoria da plataforma">
            <Link to="/ops/auditoria">{count(o.auditEntries)}</Link>
          </Kpi>
        </div>
      </section>
      <section className="stack tight" aria-labelledby="filas">
        <h2 id="filas">Ritmo</h2>
        <p className="small">
          Feed da plataforma retido há {took(o.feedHeldMs)} · verificação mais atrasada: {took(o.monitorLateMs)}
          {o.countedAt && (
            <>
              {' '}
              · contado <When at={o.countedAt} relative />
            </>
          )}
        </p>
        <Queues o={o} />
      </section>
    </div>
  );
}

const queueColumns: Column<Queue>[] = [
  { name: 'Fila', cell: (q) => <code title={q.name}>{q.name}</code> },
  { name: 'Esperando', numeric: true, cell: (q) => count(q.waiting) },
  { name: 'Em andamento', numeric: true, cell: (q) => count(q.active) },
  { name: 'De novo', numeric: true, cell: (q) => count(q.retrying) },
  { name: 'Desistidas', numeric: true, cell: (q) => count(q.givenUp) },
  { name: 'Espera', numeric: true, cell: (q) => took(q.latencyMs) },
];

/** The queues of the workers' messages. They carry notifications only: nothing is lost with them. */
export function Queues({ o }: { o: Overview }) {
  if (o.queuesUnread)
    return (
      <Banner tone="warning" title="O Redis não respondeu">
        Nada se perde: a varredura encontra o trabalho em até dois segundos.
      </Banner>
    );
  if (!o.queues?.length) return <p className="small muted">Nenhuma fila: as notificações estão desligadas.</p>;
  return <DataTable caption="Filas" columns={queueColumns} rows={o.queues} id={(q) => q.name} testId="queue-row" />;
}
