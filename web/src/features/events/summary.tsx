import { Button } from '@mantine/core';
import { lazy, Suspense, useState } from 'react';

import type { Schema } from '../../lib/api';
import { clock, count, dayOf, plural, took } from '../../lib/format';
import { Kpi } from '../../ui/basics';
import { ErrorBanner } from '../../ui/states';
import { DataTable } from '../../ui/table';
import type { filterOf } from './filter';
import { useEventSummary } from './queries';

const Bars = lazy(() => import('./bars'));

type EventSums = Schema['EventSummaryView'];

/** “1.204 avisos, 3 falhas, atraso mediano 1,2 s” */
export function sentence(s: Pick<EventSums, 'received' | 'failed' | 'medianDelayMillis'>): string {
  const delay = s.medianDelayMillis === null ? '' : `, atraso mediano ${took(s.medianDelayMillis)}`;
  return `${plural(s.received, 'aviso', 'avisos')}, ${plural(s.failed, 'falha', 'falhas')}${delay}`;
}

/** What came in the period, in numbers and as a picture. "All" has no bounded period, so it has none of this. */
export function EventSummary({ filter, all }: { filter: ReturnType<typeof filterOf>; all: boolean }) {
  const summed = useEventSummary(filter, !all);
  if (all) return null;
  if (summed.error) return <ErrorBanner error={summed.error} retry={() => void summed.refetch()} />;
  const s = summed.data;
  return (
    <div className="stack above summary">
      {s && (
        <div className="grid" data-testid="event-summary">
          <Kpi name="Recebidos">{count(s.received)}</Kpi>
          <Kpi name="Com falha">{count(s.failed)}</Kpi>
          <Kpi name="Recusados">{count(s.refused)}</Kpi>
          <Kpi name="Atraso mediano">{s.medianDelayMillis === null ? '—' : took(s.medianDelayMillis)}</Kpi>
        </div>
      )}
      {s && s.received > 0 && <EventFigure summed={s} />}
    </div>
  );
}

function EventFigure({ summed: s }: { summed: EventSums }) {
  const [table, setTable] = useState(false);
  const title = s.step === 'hour' ? 'Avisos por hora' : 'Avisos por dia';
  const begin = (at: string) => (s.step === 'hour' ? `${dayOf(at).slice(0, 5)} ${clock(at)}` : dayOf(at));
  return (
    <figure className="card stack" data-testid="chart-eventos">
      <figcaption>
        <strong>{title}</strong>
        <p className="small muted">{sentence(s)}</p>
      </figcaption>
      {table ? (
        <DataTable
          caption={title}
          testId="chart-table-eventos"
          rows={s.buckets}
          id={(b) => b.at}
          columns={[
            { name: s.step === 'hour' ? 'Hora' : 'Dia', cell: (b) => begin(b.at) },
            { name: 'Processados', numeric: true, cell: (b) => count(b.done) },
            { name: 'Em andamento', numeric: true, cell: (b) => count(b.waiting) },
            { name: 'Com falha', numeric: true, cell: (b) => count(b.failed) },
            { name: 'Recusados', numeric: true, cell: (b) => count(b.refused) },
          ]}
        />
      ) : (
        <Suspense fallback={<div style={{ height: 180 }} />}>
          <Bars buckets={s.buckets.map((b) => ({ ...b, name: begin(b.at) }))} />
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
