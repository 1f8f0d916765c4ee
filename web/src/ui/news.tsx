import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';

import { useTenant } from '../lib/clinic';
import { count } from '../lib/format';
import { usePolling } from '../lib/live';
import { queryKeys } from '../lib/query-keys';
import { announce } from './toast';

interface Row {
  id: string;
}

interface Props {
  list: string; // its name
  filter: unknown; // what the list was asked for
  first: Row | undefined; // the newest row that is shown
  fetch: () => Promise<{ data: Row[] }>; // the beginning of the list as it is now
  show: () => void;
  missed?: number; // also asked this often, in milliseconds: the feed does not tell of every row
}

/** What of a list's beginning stands before the first row that is shown. */
export function newRows(now: Row[], first: Row | undefined): number {
  const at = now.findIndex((row) => row.id === first?.id);
  return at < 0 ? now.length : at;
}

/** “Mostrar {n} novos”: rows that came wait behind it, so that none moves under the reader. */
export function News({ list, filter, first, fetch, show, missed }: Props) {
  const tenant = useTenant();
  const polling = usePolling(5_000);
  const probe = useQuery({
    queryKey: queryKeys.newRows(tenant, list, filter, first?.id),
    initialData: { data: [] as Row[] },
    staleTime: Infinity,
    refetchInterval: polling === false ? (missed ?? false) : polling,
    queryFn: fetch,
  });
  const n = newRows(probe.data.data, first);
  const words = n === 1 ? 'Mostrar 1 novo' : `Mostrar ${count(n)} novos`;
  useEffect(() => {
    if (n > 0) announce(words);
  }, [n, words]);
  if (n === 0) return null;
  return <Button mb={12} onClick={show} data-testid="news">{words}</Button>;
}
