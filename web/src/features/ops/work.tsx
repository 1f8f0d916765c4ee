import { Link } from '@tanstack/react-router';

import { operationKindName } from '../../lib/fleet-words';
import { PageHeader, When } from '../../ui/basics';
import { operationStateWords } from '../../lib/words';
import { Empty, Fetched } from '../../ui/states';
import { DataTable, type Column } from '../../ui/table';
import { Queues } from './overview';
import { useOverview, useWork, type Work } from './queries';

const columns: Column<Work>[] = [
  {
    name: 'Clínica',
    phone: 'title',
    cell: (w) => (
      <Link to="/ops/clinicas/$id" params={{ id: w.tenantId }} className="open">
        {w.tenantName}
      </Link>
    ),
  },
  { name: 'Trabalho', phone: 'note', cell: (w) => operationKindName(w.kind) },
  {
    name: 'Andamento',
    phone: 'state',
    cell: (w) => (
      <>
        {operationStateWords[w.state]}
        {w.total > 0 && ` · ${w.progress} de ${w.total}`}
        {w.code && <code title="Por que falhou"> {w.code}</code>}
      </>
    ),
  },
  { name: 'Começou', cell: (w) => <When at={w.createdAt} relative /> },
  { name: 'Último sinal', cell: (w) => <When at={w.updatedAt} relative /> },
];

/** Long work of all clinics, and the queues that tell the workers of it. */
export default function OpsWork() {
  const overview = useOverview();
  return (
    <div className="stack">
      <PageHeader
        above={<Link to="/ops">Operação</Link>}
        title="Trabalhos"
        lead="Os 100 últimos de todas as clínicas."
      />
      <Rows state="running" title="Em andamento" empty="Nenhum trabalho em andamento." />
      <Rows state="failed" title="Falharam" empty="Nenhum trabalho falhou." />
      <section className="stack tight" aria-labelledby="filas">
        <h2 id="filas">Filas</h2>
        <Fetched query={overview}>{(o) => <Queues o={o} />}</Fetched>
      </section>
    </div>
  );
}

function Rows({ state, title, empty }: { state: 'running' | 'failed'; title: string; empty: string }) {
  const work = useWork(state);
  return (
    <section className="stack tight">
      <h2>{title}</h2>
      <Fetched query={work}>
        {(list) =>
          list.data.length ? (
            <DataTable caption={title} columns={columns} rows={list.data} id={(w) => w.id} testId={`work-${state}`} />
          ) : (
            <Empty>{empty}</Empty>
          )
        }
      </Fetched>
    </section>
  );
}
