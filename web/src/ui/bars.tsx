import { Button } from '@mantine/core';
import { useState } from 'react';

import { DataTable } from './table';

export interface BarPart {
  name: string;
  size: number; // the length of the bar; its unit is said by the row's text
  pattern: number; // 1 to 5, see barPattern
}

export interface BarRow {
  name: string;
  text: string; // the number as people read it
  parts: BarPart[];
}

interface Props {
  name: string;
  title: string;
  sentence: string;
  rows: BarRow[];
  columns: string[]; // the table's columns after the row's name
  cells: (row: number) => string[];
}

/** Returns the colour and the hatch of a pattern; each differs by both, so that neither is needed alone. */
export function barPattern(n: number): string {
  const colour = `var(--pp-chart-${n})`;
  if (n === 1) return colour;
  return `repeating-linear-gradient(${45 * n}deg, ${colour} 0 ${1 + n}px, var(--pp-surface) ${1 + n}px ${4 + n}px)`;
}

/** Horizontal bars with a sentence, which can also be read as a table. */
export function BarFigure({ name, title, sentence, rows, columns, cells }: Props) {
  const [table, setTable] = useState(false);
  const sizes = rows.map((r) => r.parts.reduce((sum, p) => sum + p.size, 0));
  const most = Math.max(1, ...sizes);
  const legend = [...new Map(rows.flatMap((r) => r.parts).map((p) => [p.name, p.pattern]))].filter(([n]) => n);
  const listed = rows.map((row, i) => ({ ...row, i }));
  return (
    <figure className="card stack" data-testid={`chart-${name}`}>
      <figcaption>
        <strong>{title}</strong>
        <p className="small muted">{sentence}</p>
      </figcaption>
      {table ? (
        <DataTable
          caption={title}
          testId={`chart-table-${name}`}
          rows={listed}
          id={(r) => r.name}
          columns={[
            { name: ' ', cell: (r) => r.name },
            ...columns.map((c, k) => ({ name: c, numeric: true, cell: (r: { i: number }) => cells(r.i)[k] })),
          ]}
        />
      ) : (
        <dl className="facts">
          {rows.map((r) => (
            <div key={r.name} className="pair">
              <dt>{r.name}</dt>
              <dd className="row">
                <span aria-hidden className="bar">
                  {r.parts.map((p) => (
                    <span
                      key={p.name}
                      style={{
                        width: `${(100 * p.size) / most}%`,
                        minWidth: p.size > 0 ? 3 : 0,
                        background: barPattern(p.pattern),
                      }}
                    />
                  ))}
                </span>
                <span className="num">{r.text}</span>
              </dd>
            </div>
          ))}
        </dl>
      )}
      {!table && legend.length > 1 && (
        <div className="row small" aria-hidden>
          {legend.map(([n, pattern]) => (
            <span key={n} className="row" style={{ gap: 6 }}>
              <span style={{ width: 12, height: 12, borderRadius: 3, background: barPattern(pattern) }} />
              {n}
            </span>
          ))}
        </div>
      )}
      <div className="row noprint">
        <Button aria-pressed={table} onClick={() => setTable(!table)}>
          Ver como tabela
        </Button>
      </div>
    </figure>
  );
}
