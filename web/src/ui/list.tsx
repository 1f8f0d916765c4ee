import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';

import type { ListStart, Row } from '../lib/new-rows';
import { NewRowsButton } from './new-rows-button';
import { Fetched } from './states';
import { DataTable, Pager, type Column, type Order, type PageOf } from './table';

interface ListOf<T> {
  data: T[];
  page: PageOf;
}

interface Props<T extends Row, Page extends ListOf<T>> {
  caption: string;
  columns: Column<T>[];
  testId: string;
  query: UseQueryResult<Page>;
  /** How the beginning of the list is asked for again; left out where no new row can come before the first. */
  start?: Omit<ListStart, 'first'>;
  go: (cursor: string | undefined) => void;
  empty: ReactNode;
  order?: Order;
  above?: (page: Page) => ReactNode;
}

/** A list of the API: what came since it was read, its rows or why there are none, and the pages beside it. */
export function List<T extends Row, Page extends ListOf<T>>(props: Props<T, Page>) {
  const { caption, columns, testId, query, start, go, empty, above, order } = props;
  return (
    <Fetched query={query}>
      {(page) => (
        <>
          {start && <NewRowsButton {...start} first={page.data[0]} show={() => void query.refetch()} />}
          {above?.(page)}
          {page.data.length === 0 ? (
            empty
          ) : (
            <DataTable
              caption={caption}
              columns={columns}
              rows={page.data}
              id={(row) => row.id}
              testId={testId}
              order={order}
            />
          )}
          <Pager page={page.page} go={go} />
        </>
      )}
    </Fetched>
  );
}
