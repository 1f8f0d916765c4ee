import { Button, Modal } from '@mantine/core';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';

import { useClinic } from '../../lib/clinic';
import { Badge, PageHeader, When } from '../../ui/basics';
import { Allowed } from '../../ui/denied';
import { Empty, Fetched } from '../../ui/states';
import { DataTable, Pager, type Column } from '../../ui/table';
import { EndpointForm } from './form';
import { useAddEndpoint, useEndpoints, type Endpoint } from './queries';
import { keepSecret } from './secret';
import { stateOf, typeName } from './words';

const columns: Column<Endpoint>[] = [
  {
    name: 'Sistema',
    phone: 'title',
    cell: (e) => (
      <>
        <Link to="/app/configuracoes/sistemas/$id" params={{ id: e.id }}>
          {e.description || new URL(e.url).host}
        </Link>
        <div className="small muted break">{e.url}</div>
      </>
    ),
  },
  { name: 'Assuntos', cell: (e) => (e.types.length ? e.types.map(typeName).join(' · ') : 'Todos') },
  { name: 'Último envio aceito', phone: 'note', cell: (e) => (e.succeededAt ? <When at={e.succeededAt} /> : 'Nenhum') },
  { name: 'Esperando', cell: (e) => e.waiting },
  { name: 'Situação', phone: 'state', cell: (e) => <Badge tone={stateOf(e)[1]}>{stateOf(e)[0]}</Badge> },
];

/** The systems that learn of each change, and how they take it. */
export default function Endpoints() {
  const clinic = useClinic().data;
  return (
    <>
      <PageHeader
        above="Configurações › Sistemas conectados"
        title="Sistemas conectados"
        clinic={clinic?.name}
        lead="Outros programas, como o faturamento, que avisamos na hora de cada mudança. Cada envio é assinado."
      />
      <Allowed scope="endpoints:write">
        <List />
      </Allowed>
    </>
  );
}

function List() {
  const [cursor, setCursor] = useState<string>();
  const [adding, setAdding] = useState(false);
  const endpoints = useEndpoints(cursor);
  return (
    <div className="stack">
      <div className="row">
        <Button variant="filled" onClick={() => setAdding(true)} data-testid="endpoint-add">
          Conectar um sistema
        </Button>
        <a href="/docs/envios" target="_blank" rel="noreferrer">
          Como conferir a assinatura (outra aba)
        </a>
      </div>
      <Fetched query={endpoints}>
        {(page) => (
          <>
            {page.data.length ? (
              <DataTable
                caption="Sistemas conectados, os mais novos primeiro"
                columns={columns}
                rows={page.data}
                id={(e) => e.id}
                testId="endpoint-row"
              />
            ) : (
              <Empty>Nenhum sistema ainda. Sem isso, os outros programas precisam perguntar de tempos em tempos.</Empty>
            )}
            <Pager page={page.page} go={setCursor} />
          </>
        )}
      </Fetched>
      {adding && <AddDialog close={() => setAdding(false)} />}
    </div>
  );
}

function AddDialog({ close }: { close: () => void }) {
  const navigate = useNavigate();
  const add = useAddEndpoint((endpoint) => {
    keepSecret(endpoint);
    void navigate({ to: '/app/configuracoes/sistemas/$id', params: { id: endpoint.id } });
  });
  return (
    <Modal opened onClose={close} title="Conectar um sistema" size="lg">
      <EndpointForm action="Conectar" work={add} />
    </Modal>
  );
}
