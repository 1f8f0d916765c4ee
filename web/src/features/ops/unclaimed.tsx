import { Link } from '@tanstack/react-router';

import type { Schema } from '../../lib/api';
import { count } from '../../lib/format';
import { PageHeader, When } from '../../ui/basics';
import { Empty, Fetched } from '../../ui/states';
import { DataTable, type Column } from '../../ui/table';
import { useUnclaimed } from './queries';

type Unclaimed = Schema['UnclaimedView'];

const columns: Column<Unclaimed>[] = [
  { name: 'Quando', phone: 'title', cell: (u) => <When at={u.receivedAt} /> },
  { name: 'Evento', phone: 'note', cell: (u) => <code title="Como veio">{u.event}</code> },
  { name: 'De onde', phone: 'state', cell: (u) => u.source },
];

/** Deliveries that no token proved and whose account is no clinic's: how many, when, from where; never what they say. */
export default function OpsUnclaimed() {
  const list = useUnclaimed();
  return (
    <>
      <PageHeader
        above={<Link to="/ops">Operação</Link>}
        title="Entregas sem clínica"
        lead="Chegaram sem token válido e de uma conta que nenhuma clínica conectou. O conteúdo fica lacrado."
      />
      <Fetched query={list}>
        {(l) =>
          l.data.length ? (
            <>
              <p className="small muted">{count(l.total)} guardadas; as 100 últimas:</p>
              <DataTable
                caption="Entregas sem clínica"
                columns={columns}
                rows={l.data}
                id={(u) => `${u.receivedAt} ${u.source} ${u.event}`}
                testId="unclaimed-row"
              />
            </>
          ) : (
            <Empty>Nenhuma.</Empty>
          )
        }
      </Fetched>
    </>
  );
}
