import { useMutation } from '@tanstack/react-query';

import { api, body, idempotencyKey, type Schema } from './api';
import { useTenant } from './clinic';
import { download } from './download';

export type ExportKind = Schema['ExportView']['kind'];

/** What a list is asked for that is no filter of its rows. */
const noFilter = new Set(['limit', 'cursor', 'include', 'sort', 'fields']);

/** The filter of a file of the rows that a list's query leaves: its parameters as they stand in an address. */
export function exportFilter(query: object): Record<string, string> {
  const given = Object.entries(query).filter(([name, value]) => !noFilter.has(name) && value !== undefined);
  return Object.fromEntries(
    given.map(([name, value]) => [name, Array.isArray(value) ? value.join(',') : String(value)]),
  );
}

const askAgainEvery = 500; // milliseconds
const pause = () => new Promise((done) => setTimeout(done, askAgainEvery));

/** Has the server make a file of all rows of a query, and saves it; `rows` hears how many there are so far. */
export function useExport(kind: ExportKind, query: object, fileName: string, rows: (n: number) => void) {
  const tenant = useTenant();
  return useMutation({
    mutationFn: async () => {
      const work = await body(
        api.POST('/v1/tenants/{tenant}/exports', {
          params: { path: { tenant }, header: idempotencyKey() },
          body: { kind, format: 'csv', filter: exportFilter(query) },
        }),
      );
      const path = { tenant, id: work.id.replace(/^opr_/, 'exp_') }; // the file has the id of the work that makes it
      const look = () => body(api.GET('/v1/tenants/{tenant}/exports/{id}', { params: { path } }));
      let made = await look();
      while (made.state === 'running') {
        await pause();
        made = await look();
        rows(made.rows);
      }
      if (made.state === 'failed') throw new Error('A exportação falhou. Tente de novo.');
      const file = await body(api.GET('/v1/tenants/{tenant}/exports/{id}/file', { params: { path }, parseAs: 'blob' }));
      download(fileName, file as unknown as Blob, 'text/csv;charset=utf-8');
    },
  });
}
