import { Button } from '@mantine/core';
import { lazy, Suspense, useState } from 'react';

import { day, money } from '../../lib/format';
import { useToday } from '../../lib/glance';
import { daysFrom } from '../../lib/period';
import { useInvoiceSums } from '../../lib/sums';
import { DataTable } from '../../ui/table';
import type { DayFlow } from './lines';

const Bars = lazy(() => import('./flow-bars'));
export const daysToShow = 14; // days; fewer say nothing

const back = 30; // days
const ahead = 60;

/** Paid invoices whose money is not in the balance yet, by the day on which it will be, up to 60 days ahead. */
function useReleases(today: string): DayFlow[] {
  const sums = useInvoiceSums({ status: ['confirmed'], by: 'availableOn' }).data?.sums ?? [];
  return sums
    .filter((s) => s.key >= today && s.key <= daysFrom(today, ahead))
    .map((s) => ({ day: s.key, in: 0, out: 0, due: s.netValue.amountCents }));
}

/** What came in, went out and is to be released on each day: a sentence, a chart, and the same as a table. */
export function CashFlow({ days: known }: { days: DayFlow[] }) {
  const [table, setTable] = useState(false);
  const today = useToday();
  const releases = useReleases(today);
  const days = [...known.filter((d) => d.day >= daysFrom(today, -back)), ...releases].sort((a, b) =>
    a.day.localeCompare(b.day),
  );
  if (known.length < daysToShow || days.length === 0)
    return <p className="small muted">Ainda há poucos dados para prever.</p>;
  const sum = (pick: (d: DayFlow) => number) => days.reduce((n, d) => n + pick(d), 0);
  return (
    <figure className="card stack" data-testid="chart-fluxo">
      <figcaption>
        <strong>Entradas e saídas por dia</strong>
        <p className="small muted">
          De {day(days[0]!.day)} a {day(days.at(-1)!.day)}: entraram {money(sum((d) => d.in))}, saíram{' '}
          {money(sum((d) => d.out))}, a liberar {money(sum((d) => d.due ?? 0))}.
        </p>
      </figcaption>
      {table ? (
        <DataTable
          caption="Entradas e saídas por dia"
          testId="chart-table-fluxo"
          rows={days.map((d, i) => ({ ...d, i }))}
          id={(d) => `${d.day}-${d.i}`}
          columns={[
            { name: 'Dia', cell: (d) => day(d.day) },
            { name: 'Entrada', numeric: true, cell: (d) => money(d.in) },
            { name: 'Saída', numeric: true, cell: (d) => money(d.out) },
            { name: 'A liberar', numeric: true, cell: (d) => money(d.due ?? 0) },
          ]}
        />
      ) : (
        <Suspense fallback={<div style={{ height: 220 }} />}>
          <Bars days={days} />
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
