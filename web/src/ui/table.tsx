import { Button } from '@mantine/core';
import type { ReactNode } from 'react';

export interface Column<T> {
  name: string;
  cell: (row: T) => ReactNode;
  numeric?: boolean;
}

interface Props<T> {
  caption: string;
  columns: Column<T>[];
  rows: T[];
  id: (row: T) => string;
  testId?: string;
}

/** A table that becomes cards on a narrow screen and stays a table for readers: `display` would take its roles. */
export function DataTable<T>({ caption, columns, rows, id, testId }: Props<T>) {
  return (
    <div className="table-wrap" role="region" aria-label={caption} tabIndex={0}>
      <table className="table cards" role="table">
        <caption className="sr">{caption}</caption>
        <thead role="rowgroup">
          <tr role="row">
            {columns.map((c) => (
              <th key={c.name} scope="col" role="columnheader" className={c.numeric ? 'num' : undefined}>
                {c.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {rows.map((row) => (
            <tr key={id(row)} role="row" data-testid={testId}>
              {columns.map((c) => (
                <td key={c.name} role="cell" data-label={c.name} className={c.numeric ? 'num' : undefined}>
                  <div>{c.cell(row)}</div>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Where a page stands among its neighbours. */
export interface PageOf {
  hasMore: boolean;
  nextCursor: string | null;
  prevCursor?: string | null;
}

/** The pages beside this one. */
export function Pager({ page, go }: { page: PageOf; go: (cursor: string | undefined) => void }) {
  if (!page.nextCursor && !page.prevCursor) return null;
  return (
    <nav className="row noprint below" aria-label="Páginas">
      <Button disabled={!page.prevCursor} onClick={() => go(page.prevCursor ?? undefined)}>
        Anteriores
      </Button>
      <Button disabled={!page.nextCursor} onClick={() => go(page.nextCursor ?? undefined)}>
        Próximas
      </Button>
    </nav>
  );
}
