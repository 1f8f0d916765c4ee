import { Button } from '@mantine/core';
import { lazy, Suspense, useState } from 'react';

import { DataTable } from '../parts/table';
import { day, money } from '../words/format';
import type { DayFlow } from '../words/ledger';

const Bars = lazy(() => import('./ledger-bars'));
const enough = 14; // days; fewer say nothing

/** In and out by day: a sentence, a picture, and the same as a table. */
export function Flow({ days }: { days: DayFlow[] }) {
  const [table, setTable] = useState(false);
  if (days.length < enough) return <p className="small muted" style={{ margin: 0 }}>Ainda há poucos dados para prever.</p>;
  const sum = (pick: (d: DayFlow) => number) => days.reduce((n, d) => n + pick(d), 0);
  return (
    <figure className="card stack" style={{ margin: 0 }} data-testid="chart-fluxo">
      <figcaption>
        <strong>Entradas e saídas por dia</strong>
        <p className="small muted" style={{ margin: 0 }}>De {day(days[0]!.day)} a {day(days.at(-1)!.day)}: entraram {money(sum((d) => d.in))}, saíram {money(sum((d) => d.out))}.</p>
      </figcaption>
      {table
        ? <DataTable caption="Entradas e saídas por dia" testId="chart-table-fluxo" rows={days} id={(d) => d.day} columns={[
            { name: 'Dia', cell: (d) => day(d.day) },
            { name: 'Entrada', numeric: true, cell: (d) => money(d.in) },
            { name: 'Saída', numeric: true, cell: (d) => money(d.out) },
          ]} />
        : <Suspense fallback={<div style={{ height: 220 }} />}><Bars days={days} /></Suspense>}
      <div className="row noprint"><Button aria-pressed={table} onClick={() => setTable(!table)}>Ver como tabela</Button></div>
    </figure>
  );
}
