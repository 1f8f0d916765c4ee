import { Button } from '@mantine/core';
import { useState } from 'react';

import { useMay } from '../lib/clinic';
import { useExport, type ExportFormat, type ExportKind } from '../lib/exports';
import { plural } from '../lib/format';
import { nothingCame, useGlance } from '../lib/glance';
import { ErrorBanner } from './states';
import { toast } from './toast';

/** Saves all rows that a list's query leaves as a file, which the server makes; shows how far it is. */
export function ExportButton({
  kind,
  query,
  fileName,
  format = 'csv',
}: {
  kind: ExportKind;
  query: object;
  fileName: string;
  format?: ExportFormat;
}) {
  const may = useMay('exports:write');
  const [rows, setRows] = useState(0);
  const make = useExport(kind, format, query, fileName, setRows);
  const { data: glance } = useGlance();
  if (!may || nothingCame(glance)) return null;
  const save = () => {
    setRows(0);
    make.mutate(undefined, { onSuccess: () => toast('Exportação pronta.') });
  };
  return (
    <>
      {make.isPending && (
        <span className="small muted" role="status">
          {plural(rows, 'linha', 'linhas')}…
        </span>
      )}
      <Button onClick={save} disabled={make.isPending} data-testid={`export-${format}`}>
        Exportar {format.toUpperCase()}
      </Button>
      {make.error ? <ErrorBanner error={make.error} retry={save} /> : null}
    </>
  );
}
