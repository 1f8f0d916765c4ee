import { Button } from '@mantine/core';
import { useState } from 'react';

import { actionName } from '../../lib/audit-words';
import { useClinic } from '../../lib/clinic';
import { PageHeader, When } from '../../ui/basics';
import { Allowed } from '../../ui/denied';
import { Empty, Fetched } from '../../ui/states';
import { DataTable, type Column } from '../../ui/table';
import { detailName, detailValue, roleNames } from './labels';
import { useAuditTrail, useUsers, type AuditEntry } from './queries';

type Values = Record<string, unknown>;

/** Who changed or revealed what, newest first; the log cannot be changed, not even by us. */
export default function Audit() {
  const clinic = useClinic().data;
  return (
    <>
      <PageHeader
        above="Configurações › Auditoria"
        title="Auditoria"
        clinic={clinic?.name}
        lead="Tudo o que alguém mudou ou revelou, do mais novo ao mais antigo. Ninguém pode apagar ou alterar este registro."
      />
      <Allowed scope="audit:read">
        <Trail />
      </Allowed>
    </>
  );
}

function Trail() {
  const [trail, setTrail] = useState<string[]>([]); // cursors of the pages that led here
  const cursor = trail.at(-1);
  const people = useUsers().data?.data ?? [];
  const log = useAuditTrail(cursor);
  const nameOf = (id: string) => people.find((p) => p.id === id)?.name ?? id;
  const columns: Column<AuditEntry>[] = [
    { name: 'Quando', cell: (e) => <When at={e.at} /> },
    {
      name: 'Quem',
      cell: (e) => (
        <>
          {nameOf(e.actor)}
          <div className="small muted">{[roleNames[e.role] ?? e.role, e.source].filter(Boolean).join(' · ')}</div>
        </>
      ),
    },
    {
      name: 'O quê',
      cell: (e) => (
        <>
          {actionName(e.action)}
          <div className="small muted">
            {e.subject.startsWith('usr_') ? nameOf(e.subject) : <code>{e.subject}</code>}
          </div>
        </>
      ),
    },
    { name: 'Antes → depois', cell: (e) => <Change detail={e.detail} /> },
  ];
  return (
    <Fetched query={log}>
      {(page) => (
        <>
          {page.data?.length ? (
            <DataTable
              caption="Auditoria, do mais novo ao mais antigo"
              columns={columns}
              rows={page.data}
              id={(e) => String(e.no)}
              testId="audit-row"
            />
          ) : (
            <Empty>Nada foi mudado ainda.</Empty>
          )}
          <nav className="row noprint below" aria-label="Páginas">
            {trail.length > 0 && <Button onClick={() => setTrail(trail.slice(0, -1))}>Mais novas</Button>}
            {page.page.nextCursor && (
              <Button onClick={() => setTrail([...trail, page.page.nextCursor!])}>Mais antigas</Button>
            )}
          </nav>
        </>
      )}
    </Fetched>
  );
}

/** The changes of an entry: pairs of before and after where it has them, and its notes. */
function Change({ detail }: { detail: Values }) {
  const before = (detail.before ?? {}) as Values;
  const after = (detail.after ?? {}) as Values;
  const rows = Object.keys({ ...before, ...after }).map((k) => (
    <li key={k}>
      {detailName(k)}:{' '}
      {k in before && (
        <>
          {detailValue(k, before[k])} <span aria-hidden>→</span>
          <span className="sr"> passou a </span>{' '}
        </>
      )}
      {detailValue(k, after[k])}
    </li>
  ));
  const notes = Object.entries(detail)
    .filter(([k, v]) => k !== 'before' && k !== 'after' && v !== '' && v !== null && v !== false)
    .map(([k, v]) => (
      <li key={k}>
        {detailName(k)}: {detailValue(k, v)}
      </li>
    ));
  if (rows.length + notes.length === 0) return <>—</>;
  return (
    <ul className="plain">
      {rows}
      {notes}
    </ul>
  );
}
