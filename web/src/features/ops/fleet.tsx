import { Link, useNavigate, useSearch } from '@tanstack/react-router';

import { stateOf } from '../../lib/connection-labels';
import { concernWords } from '../../lib/fleet-words';
import { count, countOf } from '../../lib/format';
import type { FleetSearch } from '../../lib/search';
import { connectionStateWords } from '../../lib/words';
import { Badge, PageHeader, When } from '../../ui/basics';
import { Allowed } from '../../ui/denied';
import { FilterBar, SelectFilter, TextFilter } from '../../ui/filters';
import { List } from '../../ui/list';
import { Empty } from '../../ui/states';
import type { Column } from '../../ui/table';
import { LossCountdown } from './loss';
import { Quota } from './quota';
import { useFleet, type FleetRow } from './queries';

const columns: Column<FleetRow>[] = [
  {
    name: 'Clínica',
    phone: 'title',
    sort: 'name',
    cell: (c) => (
      <>
        <Link to="/ops/clinicas/$id" params={{ id: c.tenantId }} className="open">
          {c.name}
        </Link>
        <div className="small muted">
          {c.sandbox && 'Sandbox'}
          {c.state === 'suspended' && ' Suspensa'}
        </div>
      </>
    ),
  },
  {
    name: 'Situação',
    phone: 'state',
    cell: (c) => {
      const [words, tone] = stateOf(c.connection);
      return <Badge tone={tone}>{words}</Badge>;
    },
  },
  { name: 'Perda em', phone: 'note', sort: 'loss', cell: (c) => <LossCountdown at={c.lossAt} /> },
  { name: 'Esperando', sort: 'oldestWaiting', cell: (c) => <When at={c.waitingSince} relative /> },
  { name: 'Parados', numeric: true, sort: 'dead', cell: (c) => count(c.counts.deadEvents) },
  { name: 'Alarmes', numeric: true, sort: 'alarms', cell: (c) => count(c.counts.openAlarms) },
  { name: 'Cota', numeric: true, sort: 'quota', cell: (c) => <Quota calls={c.quotaCalls} /> },
  { name: 'Conferida', sort: 'comparedAt', cell: (c) => <When at={c.comparedAt} relative /> },
];

/** All clinics, those that lose something first. */
export default function Fleet() {
  const search = useSearch({ from: '/shell/ops/clinicas' });
  const navigate = useNavigate({ from: '/ops/clinicas' });
  const set = (change: FleetSearch) => void navigate({ search: (old) => ({ ...old, cursor: undefined, ...change }) });
  const fleet = useFleet(search);
  const counted = fleet.data?.count;
  return (
    <>
      <PageHeader
        above={<Link to="/ops">Operação</Link>}
        title="Clínicas"
        actions={
          <Allowed scope="fleet:act">
            <Link to="/ops/acoes" search={{ tema: search.tema, situacao: search.situacao, q: search.q }}>
              Agir sobre estas clínicas
            </Link>
          </Allowed>
        }
      />
      <FilterBar
        search={
          <TextFilter bare label="Nome ou id" placeholder="Nome ou id" value={search.q} set={(q) => set({ q })} />
        }
        chips={[
          search.tema && {
            name: 'Tema',
            text: concernWords[search.tema] ?? search.tema,
            remove: () => set({ tema: undefined }),
          },
          search.situacao && {
            name: 'Situação',
            text: stateOf(search.situacao)[0],
            remove: () => set({ situacao: undefined }),
          },
          search.suspensas && { name: 'Clínicas', text: 'suspensas', remove: () => set({ suspensas: undefined }) },
        ]}
        note={counted && countOf(counted, 'clínica', 'clínicas')}
      >
        <SelectFilter label="Tema" all="Todos" names={concernWords} value={search.tema} set={(tema) => set({ tema })} />
        <SelectFilter
          label="Situação"
          all="Todas"
          names={connectionStateWords}
          value={search.situacao}
          set={(situacao) => set({ situacao })}
        />
      </FilterBar>
      <List
        caption="Clínicas, as que perdem algo primeiro"
        columns={columns}
        testId="tenant-row"
        query={fleet}
        order={{ value: search.ordem, set: (ordem) => set({ ordem }) }}
        go={(cursor) => set({ cursor })}
        empty={<Empty>Nenhuma clínica assim.</Empty>}
      />
    </>
  );
}
