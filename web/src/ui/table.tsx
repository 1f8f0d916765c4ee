import { Button } from '@mantine/core';
import type { KeyboardEvent, ReactNode } from 'react';

export interface Column<T> {
  name: string;
  cell: (row: T) => ReactNode;
  numeric?: boolean;
  /** The list's order by this column: the API's word, without its sign. */
  sort?: string;
  /** Where it stands in the two lines that a row is on a phone; left out, it is not there. */
  phone?: 'title' | 'amount' | 'state' | 'note';
  /** Left out on a tablet, where the table would be cut; the row's own page has it. */
  spare?: boolean;
}

const classOf = <T,>(c: Column<T>) => `${c.numeric ? 'num' : ''}${c.spare ? ' spare' : ''}` || undefined;

/** The order of a list: the API's word, with - in front for the greatest first; undefined is the list's own. */
export interface Order {
  value: string | undefined;
  set: (value: string | undefined) => void;
}

interface Props<T> {
  caption: string;
  columns: Column<T>[];
  rows: T[];
  id: (row: T) => string;
  testId?: string;
  order?: Order;
}

/** The head of a column: greatest first, then least first, then the list's own order again. */
function Head<T>({ column: c, order }: { column: Column<T>; order?: Order }) {
  const by = order && c.sort;
  const now = by && (order.value === by ? 'ascending' : order.value === `-${by}` ? 'descending' : 'none');
  const next = now === 'none' ? `-${by}` : now === 'descending' ? by : undefined;
  return (
    <th scope="col" role="columnheader" className={classOf(c)} aria-sort={now || undefined}>
      {by ? (
        <button type="button" className="sort" onClick={() => order.set(next)}>
          {c.name} <span aria-hidden>{now === 'ascending' ? '↑' : now === 'descending' ? '↓' : '↕'}</span>
        </button>
      ) : (
        c.name
      )}
    </th>
  );
}

/** The arrows move among the rows, and Enter opens the link that has the focus. */
function move(e: KeyboardEvent<HTMLElement>) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[e.key];
  if (!step || !(e.target instanceof HTMLAnchorElement) || e.altKey || e.ctrlKey || e.metaKey) return;
  const rows = [...e.currentTarget.querySelectorAll('tr')];
  const to = rows[rows.indexOf(e.target.closest('tr')!) + step]?.querySelector<HTMLElement>('a');
  if (!to) return;
  e.preventDefault();
  to.focus();
}

/** A table that becomes cards on a narrow screen and stays a table for readers: `display` would take its roles. */
export function DataTable<T>({ caption, columns, rows, id, testId, order }: Props<T>) {
  const twoLines = columns.some((c) => c.phone);
  return (
    <div className="table-wrap" role="region" aria-label={caption} tabIndex={0}>
      <table className={twoLines ? 'table lines' : 'table cards'} role="table">
        <caption className="sr">{caption}</caption>
        <thead role="rowgroup">
          <tr role="row">
            {columns.map((c) => (
              <Head key={c.name} column={c} order={order} />
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup" onKeyDown={move}>
          {rows.map((row) => (
            <tr key={id(row)} role="row" data-testid={testId}>
              {columns.map((c) => (
                <td key={c.name} role="cell" data-label={c.name} data-phone={c.phone} className={classOf(c)}>
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
