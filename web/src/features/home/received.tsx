import { Button } from '@mantine/core';
import { lazy, Suspense, useState } from 'react';

import { amount, money } from '../../lib/format';
import type { Glance } from '../../lib/glance';
import { DataTable } from '../../ui/table';
import { pairs } from './days';

const Bars = lazy(() => import('./received-bars'));

/** What was received on each day of this month against the last: a sentence, a chart, and the same as a table. */
export function Received({ glance }: { glance: Glance }) {
  const [table, setTable] = useState(false);
  const { received } = glance;
  if (received.thisMonth.count === 0 && received.lastMonth.count === 0) return null;
  const rows = pairs(received);
  return (
    <figure className="card stack" data-testid="chart-recebido">
      <figcaption>
        <h2>Recebido por dia</h2>
        <p className="small muted">
          Este mês: {amount(received.thisMonth.value)}. Mês passado até o mesmo dia: {amount(received.soFar)}; inteiro:{' '}
          {amount(received.lastMonth.value)}.
        </p>
      </figcaption>
      {table ? (
        <DataTable
          caption="Recebido por dia"
          testId="chart-table-recebido"
          rows={rows.filter((r) => r.now || r.before)}
          id={(r) => String(r.day)}
          columns={[
            { name: 'Dia', cell: (r) => r.day },
            { name: 'Este mês', numeric: true, cell: (r) => money(r.now) },
            { name: 'Mês passado', numeric: true, cell: (r) => money(r.before) },
          ]}
        />
      ) : (
        <Suspense fallback={<div style={{ height: 220 }} />}>
          <Bars days={rows} />
        </Suspense>
      )}
      <div className="row noprint">
        <Button aria-pressed={table} onClick={() => setTable(!table)}>
          Ver como tabela
        </Button>
      </div>
    </figure>
  );
}
