import { SegmentedControl } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';

import { Badge, When } from '../../ui/basics';
import { Empty, Fetched } from '../../ui/states';
import { DataTable, Pager, type Column } from '../../ui/table';
import { useDeliveries, type Delivery } from './queries';
import { resultOf, typeName } from './words';

const columns: Column<Delivery>[] = [
  { name: 'Quando', phone: 'note', cell: (d) => <When at={d.at} /> },
  { name: 'Assunto', phone: 'title', cell: (d) => <Subject delivery={d} /> },
  {
    name: 'Resultado',
    phone: 'state',
    cell: (d) => (
      <>
        <Badge tone={resultOf(d)[1]}>{resultOf(d)[0]}</Badge>
        {d.answer && (
          <details className="small">
            <summary>Resposta</summary>
            <pre className="break">{d.answer}</pre>
          </details>
        )}
      </>
    ),
  },
  { name: 'Tentativa', cell: (d) => `${d.try}ª` },
  { name: 'Demorou', cell: (d) => `${d.latencyMs} ms` },
];

function Subject({ delivery: d }: { delivery: Delivery }) {
  const page = { ivc: '/app/faturas/$id', chk: '/app/checkouts/$id' } as const;
  const to = page[d.objectId?.slice(0, 3) as keyof typeof page];
  if (!to || !d.objectId) return <>{typeName(d.type)}</>;
  return (
    <Link to={to} params={{ id: d.objectId }}>
      {typeName(d.type)}
    </Link>
  );
}

/** The tries of the last seven days. */
export function Deliveries({ id }: { id: string }) {
  const [state, setState] = useState<'all' | 'failed'>('all');
  const [cursor, setCursor] = useState<string>();
  const deliveries = useDeliveries(id, state, cursor);
  return (
    <section className="card stack" data-testid="endpoint-deliveries">
      <div className="row apart">
        <h2>Envios dos últimos 7 dias</h2>
        <SegmentedControl
          aria-label="Quais envios"
          value={state}
          onChange={(v) => {
            setState(v as 'all' | 'failed');
            setCursor(undefined);
          }}
          data={[
            { value: 'all', label: 'Todos' },
            { value: 'failed', label: 'Que falharam' },
          ]}
        />
      </div>
      <Fetched query={deliveries}>
        {(page) => (
          <>
            {page.data.length ? (
              <DataTable
                caption="Envios, os mais novos primeiro"
                columns={columns}
                rows={page.data}
                id={(d) => d.id}
                testId="endpoint-delivery"
              />
            ) : (
              <Empty>{state === 'failed' ? 'Nenhuma falha.' : 'Nenhum envio ainda. Envie um teste.'}</Empty>
            )}
            <Pager page={page.page} go={setCursor} />
          </>
        )}
      </Fetched>
    </section>
  );
}
