import { Link } from '@tanstack/react-router';
import { useState } from 'react';

import { actionName } from '../../lib/audit-words';
import { PageHeader, When } from '../../ui/basics';
import { Empty, Fetched } from '../../ui/states';
import { DataTable, Pager, type Column } from '../../ui/table';
import { usePlatformAudit, type PlatformAct } from './queries';

const columns: Column<PlatformAct>[] = [
  { name: 'Quando', phone: 'title', cell: (e) => <When at={e.at} /> },
  {
    name: 'Quem',
    phone: 'note',
    cell: (e) => (
      <>
        <code title="Quem">{e.actor}</code>
        <div className="small muted">{e.source}</div>
      </>
    ),
  },
  {
    name: 'O quê',
    phone: 'state',
    cell: (e) => (
      <>
        {actionName(e.action)}
        {typeof e.detail.reason === 'string' && <div className="small">{e.detail.reason}</div>}
      </>
    ),
  },
];

/** What people did to the platform itself; what they did in a clinic stands in the clinic's own audit. */
export default function OpsAudit() {
  const [cursor, setCursor] = useState<string>();
  const log = usePlatformAudit(cursor);
  return (
    <>
      <PageHeader
        above={<Link to="/ops">Operação</Link>}
        title="Auditoria da plataforma"
        lead="O que se faz em uma clínica fica na auditoria dela."
      />
      <Fetched query={log}>
        {(page) => (
          <>
            {page.data?.length ? (
              <DataTable
                caption="Auditoria da plataforma"
                columns={columns}
                rows={page.data}
                id={(e) => String(e.no)}
                testId="platform-audit-row"
              />
            ) : (
              <Empty>Nada ainda.</Empty>
            )}
            <Pager page={page.page} go={setCursor} />
          </>
        )}
      </Fetched>
    </>
  );
}
