import { useMutation } from '@tanstack/react-query';

import { api, body, idempotencyKey, type Schema } from './api';
import { useTenant } from './clinic';
import { download } from './download';
import { exportFilter } from './export-filter';

export type ExportKind = Schema['ExportView']['kind'];
export type ExportFormat = Schema['ExportView']['format'];

const contentTypes: Record<ExportFormat, string> = { csv: 'text/csv;charset=utf-8', ofx: 'application/x-ofx' };

const askAgainEvery = 500; // milliseconds
const pause = () => new Promise((done) => setTimeout(done, askAgainEvery));

/** Has the server make a file of all rows of a query, and saves it; `rows` receives how many there are so far. */
export function useExport(
  kind: ExportKind,
  format: ExportFormat,
  query: object,
  fileName: string,
  rows: (n: number) => void,
) {
  const tenant = useTenant();
  return useMutation({
    mutationFn: async () => {
      const work = await body(
        api.POST('/v1/tenants/{tenant}/exports', {
          params: { path: { tenant }, header: idempotencyKey() },
          body: { kind, format, filter: exportFilter(query) },
        }),
      );
      const path = { tenant, id: work.id.replace(/^opr_/, 'exp_') }; // the file has the id of the work that makes it
      const readState = () => body(api.GET('/v1/tenants/{tenant}/exports/{id}', { params: { path } }));
      let made = await readState();
      while (made.state === 'running') {
        await pause();
        made = await readState();
        rows(made.rows);
      }
      if (made.state === 'failed') throw new Error('A exportação falhou. Tente de novo.');
      const file = await body(api.GET('/v1/tenants/{tenant}/exports/{id}/file', { params: { path }, parseAs: 'blob' }));
      download(fileName, file as unknown as Blob, contentTypes[format]);
    },
  });
}
