import { Button } from '@mantine/core';
import { useEffect } from 'react';

import { plural } from '../lib/format';
import { useNewRowCount, type ListStart } from '../lib/new-rows';
import { announce } from './toast';

/** “Mostrar {n} novos”: rows that came wait behind it, so that none moves under the reader. */
export function NewRowsButton({ show, ...start }: ListStart & { show: () => void }) {
  const n = useNewRowCount(start);
  const words = `Mostrar ${plural(n, 'novo', 'novos')}`;
  useEffect(() => {
    if (n > 0) announce(words);
  }, [n, words]);
  if (n === 0) return null;
  return (
    <Button mb={12} onClick={show} data-testid="new-rows">
      {words}
    </Button>
  );
}
