import { Button } from '@mantine/core';
import type { ReactNode } from 'react';

import { Empty, ErrorBanner, Loading } from './states';
import { DataTable, type Column } from './table';

/** What is read page by page, each behind the one before. */
interface Pages<T> {
  data?: { pages: { data: T[] | null }[] };
  error: unknown;
  refetch: () => unknown;
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  fetchNextPage: () => unknown;
}

interface Props<T> {
  pages: Pages<T>;
  empty: string; // what there being none means
  more: string; // the words of the button for the next page
  caption: string;
  columns: Column<T>[];
  id: (row: T) => string;
  testId: string;
}

/** A list that grows at its end: why it cannot be read, that there is nothing, or its rows and a button for more. */
export function GrowingTable<T>({ pages, empty, more, ...table }: Props<T>): ReactNode {
  if (pages.error) return <ErrorBanner error={pages.error} retry={() => void pages.refetch()} />;
  if (!pages.data) return <Loading />;
  const rows = pages.data.pages.flatMap((p) => p.data ?? []);
  return (
    <>
      {rows.length === 0 ? <Empty>{empty}</Empty> : <DataTable rows={rows} {...table} />}
      {pages.hasNextPage && (
        <div className="row noprint below">
          <Button loading={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
            {more}
          </Button>
        </div>
      )}
    </>
  );
}
