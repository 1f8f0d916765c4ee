import { Button } from '@mantine/core';
import { useState } from 'react';

import { useMay } from '../../lib/clinic';
import { csv, csvAmount } from '../../lib/csv';
import { download } from '../../lib/download';
import { eventName, eventState, reasonOf } from '../../lib/event-labels';
import { count, instant } from '../../lib/format';
import { ErrorBanner } from '../../ui/states';
import { toast } from '../../ui/toast';
import type { Event, FetchPage } from './queries';

const most = 10_000; // rows
const head = [
  'Recebido em',
  'Evento',
  'Código',
  'ID no Asaas',
  'Sobre',
  'Referência',
  'Valor',
  'Situação',
  'Motivo',
  'Tentativas',
];

function line(e: Event): string[] {
  return [
    instant(e.receivedAt),
    eventName(e.type),
    e.type,
    e.asaasId,
    e.entity ?? '',
    e.shows?.externalReference ?? '',
    csvAmount(e.shows?.value?.amountCents),
    eventState(e)[0],
    reasonOf(e.reason),
    String(e.tries),
  ];
}

/** Saves the rows of the filter as a file, read page by page, and shows the progress. */
export function ExportButton({ fetchPage }: { fetchPage: FetchPage }) {
  const may = useMay('exports:write');
  const [done, setDone] = useState<number | null>(null);
  const [error, setError] = useState<unknown>(null);
  if (!may) return null;
  const save = async () => {
    setError(null);
    setDone(0);
    try {
      const rows = [head];
      for (let cursor: string | undefined, more = true; more && rows.length <= most;) {
        const page = await fetchPage({ limit: 100, cursor });
        rows.push(...page.data.map(line));
        setDone(rows.length - 1);
        cursor = page.page.nextCursor ?? undefined;
        more = page.page.hasMore;
      }
      download('eventos.csv', csv(rows.slice(0, most + 1)), 'text/csv;charset=utf-8');
      toast('Exportação pronta.');
    } catch (e) {
      setError(e);
    }
    setDone(null);
  };
  return (
    <>
      <Button onClick={() => void save()} disabled={done !== null} data-testid="export-csv">
        Exportar CSV
      </Button>
      {done !== null && (
        <span className="small muted" role="status">
          {count(done)} de até {count(most)} linhas…
        </span>
      )}
      {error !== null && <ErrorBanner error={error} retry={() => void save()} />}
    </>
  );
}
