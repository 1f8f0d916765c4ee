import { Link } from '@tanstack/react-router';
import { useState } from 'react';

import { count } from '../../lib/format';
import { alarmWords, wordFor } from '../../lib/words';
import { PageHeader, When } from '../../ui/basics';
import { Empty, Fetched } from '../../ui/states';
import { DataTable, Pager, type Column } from '../../ui/table';
import { useAlarms, type Alarm } from './queries';

const nameOf = (kind: string) => wordFor(alarmWords, kind.startsWith('quarantine_') ? 'quarantine_' : kind);

const columns: Column<Alarm>[] = [
  { name: 'Alarme', phone: 'title', cell: (a) => nameOf(a.kind) },
  {
    name: 'Clínica',
    phone: 'note',
    cell: (a) =>
      a.tenantId ? (
        <Link to="/ops/clinicas/$id" params={{ id: a.tenantId }} className="open">
          {a.tenantName}
        </Link>
      ) : (
        'Plataforma'
      ),
  },
  { name: 'Desde', phone: 'state', cell: (a) => <When at={a.openedAt} relative /> },
  { name: 'Última vez', cell: (a) => <When at={a.lastAt} relative /> },
  { name: 'Vezes', numeric: true, cell: (a) => count(a.count) },
  { name: 'O que fazer', cell: (a) => <span lang="en">{a.nextAction}</span> },
];

/** Every open alarm of the platform and of all clinics. */
export default function OpsAlarms() {
  const [cursor, setCursor] = useState<string>();
  const alarms = useAlarms(cursor);
  return (
    <>
      <PageHeader above={<Link to="/ops">Operação</Link>} title="Alarmes" lead="Abertos, os mais novos primeiro." />
      <Fetched query={alarms}>
        {(page) => (
          <>
            {page.data.length ? (
              <DataTable
                caption="Alarmes abertos"
                columns={columns}
                rows={page.data}
                id={(a) => `${a.tenantId} ${a.kind} ${a.openedAt}`}
                testId="alarm-row"
              />
            ) : (
              <Empty>Nenhum alarme aberto.</Empty>
            )}
            <Pager page={page.page} go={setCursor} />
          </>
        )}
      </Fetched>
    </>
  );
}
