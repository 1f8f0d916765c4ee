import { Button } from '@mantine/core';
import { useState } from 'react';

import { clock, count, plural } from '../../lib/format';
import { Fetched } from '../../ui/states';
import { DataTable, type Column } from '../../ui/table';
import { useTraffic, type Quarter } from './queries';

/** Says in a sentence how the deliveries of the last day went. */
function summary(all: Quarter[]): string {
  const sum = (key: 'deliveries' | 'refused' | 'slow') => all.reduce((n, q) => n + q[key], 0);
  const counts = [
    plural(sum('deliveries'), 'aviso', 'avisos'),
    plural(sum('refused'), 'recusado', 'recusados'),
    plural(sum('slow'), 'lento', 'lentos'),
  ];
  return `Nas últimas 24 h: ${counts.join(', ')}.`;
}

const columns: Column<Quarter>[] = [
  { name: 'A partir de', cell: (q) => <time dateTime={q.at}>{clock(q.at)}</time> },
  { name: 'Avisos', numeric: true, cell: (q) => count(q.deliveries) },
  { name: 'Recusados', numeric: true, cell: (q) => count(q.refused) },
  { name: 'Lentos', numeric: true, cell: (q) => count(q.slow) },
];

/**
 * The last day in 96 quarters of an hour. The height of a bar is its number of deliveries; a cross marks a quarter with
 * refused ones, a circle one with slow ones.
 */
export function DeliveryStrip() {
  const [table, setTable] = useState(false);
  return (
    <Fetched query={useTraffic()}>
      {({ quarters }) => (
        <figure className="card stack" data-testid="chart-traffic">
          <figcaption className="row apart">
            <span>
              <strong>Últimas 24 horas</strong>
              <br />
              {summary(quarters)}
            </span>
            <Button aria-pressed={table} onClick={() => setTable(!table)}>
              Ver como tabela
            </Button>
          </figcaption>
          {table ? <BusyQuarters quarters={quarters} /> : <Bars quarters={quarters} />}
        </figure>
      )}
    </Fetched>
  );
}

/** A table of the quarters in which something was delivered. */
function BusyQuarters({ quarters }: { quarters: Quarter[] }) {
  const rows = quarters.filter((q) => q.deliveries + q.refused > 0).reverse();
  if (rows.length === 0) return <p>Nenhum aviso nas últimas 24 horas.</p>;
  return (
    <div data-testid="chart-table-traffic">
      <DataTable caption="Avisos por quarto de hora" columns={columns} rows={rows} id={(q) => q.at} />
    </div>
  );
}

const height = 64;
const step = 10;

function Bars({ quarters }: { quarters: Quarter[] }) {
  const most = Math.max(1, ...quarters.map((q) => q.deliveries));
  return (
    <div>
      <svg
        viewBox={`0 0 ${quarters.length * step} ${height + 16}`}
        width="100%"
        height="96"
        preserveAspectRatio="none"
        aria-hidden
        focusable="false"
        className="block"
      >
        <line
          x1="0"
          x2={quarters.length * step}
          y1={height + 15}
          y2={height + 15}
          stroke="var(--pp-border-strong)"
          strokeWidth="1"
          vectorEffect="non-scaling-stroke"
        />
        {quarters.map((q, i) => (
          <Bar key={q.at} q={q} x={i * step} tall={q.deliveries ? Math.max(4, (q.deliveries / most) * height) : 0} />
        ))}
      </svg>
      <div className="row small muted apart">
        <span>{clock(quarters[0]!.at)}</span>
        <span>agora</span>
      </div>
      <p className="small muted">altura: avisos · × recusado · ○ lento</p>
    </div>
  );
}

function Bar({ q, x, tall }: { q: Quarter; x: number; tall: number }) {
  const top = height + 15 - tall;
  const mid = x + step / 2;
  return (
    <>
      {tall > 0 && <rect x={x + 1} y={top} width={step - 2} height={tall} fill="var(--pp-chart-1)" />}
      {q.refused > 0 && (
        <path
          d={`M${mid - 4} ${top - 11}l8 8m0 -8l-8 8`}
          stroke="var(--pp-chart-4)"
          strokeWidth="2"
          vectorEffect="non-scaling-stroke"
        />
      )}
      {q.slow > 0 && q.refused === 0 && (
        <ellipse
          cx={mid}
          cy={top - 7}
          rx="4"
          ry="4"
          fill="none"
          stroke="var(--pp-chart-2)"
          strokeWidth="2"
          vectorEffect="non-scaling-stroke"
        />
      )}
    </>
  );
}
