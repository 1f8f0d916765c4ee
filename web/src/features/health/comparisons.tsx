import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';

import { useMay } from '../../lib/clinic';
import { count, day, plural } from '../../lib/format';
import { Badge, When } from '../../ui/basics';
import { Empty, ErrorBanner, Fetched } from '../../ui/states';
import { DataTable, type Column } from '../../ui/table';
import { useComparisons, useCompare, type Comparison } from './queries';

const columns: Column<Comparison>[] = [
  { name: 'Conferida em', cell: (c) => <When at={c.endedAt} /> },
  { name: 'Período', cell: (c) => `${day(c.from)} a ${day(c.to)}` },
  { name: 'Lidas', numeric: true, cell: (c) => count(c.read) },
  { name: 'Atualizadas', numeric: true, cell: (c) => count(c.repaired) },
  { name: 'Resultado', cell: (c) => <Result of={c} /> },
];

function Result({ of }: { of: Comparison }) {
  if (of.unexplained === 0)
    return (
      <span className="nowrap">
        <Badge tone="success">Nenhuma diferença</Badge>
      </span>
    );
  const odd = of.objects?.filter((o) => o.found === 'unexplained') ?? [];
  return (
    <>
      <Badge tone="warning">{plural(of.unexplained, 'diferente', 'diferentes')}</Badge>
      <div className="small">
        {odd.slice(0, 5).map((o) => (
          <div key={o.id}>
            {o.kind === 'payment' ? (
              <Link to="/app/faturas/$id" params={{ id: o.id }}>
                {o.id}
              </Link>
            ) : (
              <code>{o.id}</code>
            )}
          </div>
        ))}
      </div>
    </>
  );
}

/** The last comparisons with Asaas, and one more now. */
export function Comparisons({ version }: { version: number }) {
  const may = useMay('connection:write');
  const { run, busy } = useCompare(version);
  return (
    <section className="stack" id="conferencias">
      <div className="row apart">
        <h2>Conferências com o Asaas</h2>
        {may && (
          <Button aria-busy={busy} onClick={() => !busy && run.mutate()} data-testid="compare-now">
            {busy ? 'Conferindo…' : 'Conferir agora'}
          </Button>
        )}
      </div>
      {run.error && <ErrorBanner error={run.error} />}
      <Fetched query={useComparisons()}>
        {(page) =>
          page.data?.length ? (
            <DataTable
              caption="Conferências, as mais novas primeiro"
              columns={columns}
              rows={page.data.slice(0, 10)}
              id={(c) => c.id}
              testId="comparison-row"
            />
          ) : (
            <Empty>Ainda não conferimos esta conta. Conferimos sozinhos toda noite e depois de cada pausa.</Empty>
          )
        }
      </Fetched>
    </section>
  );
}
