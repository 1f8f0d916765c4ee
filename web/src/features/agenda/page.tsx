import { useNavigate, useSearch } from '@tanstack/react-router';

import { useClinic } from '../../lib/clinic';
import { conditionText } from '../../lib/conditions';
import { useGlance, type Glance } from '../../lib/glance';
import { deadlineActorWords, deadlineEndingWords, deadlineKindWords, deadlineStateWords } from '../../lib/object-words';
import type { WorkSearch } from '../../lib/search';
import { wordFor } from '../../lib/words';
import { Amount, Badge, PageHeader, When } from '../../ui/basics';
import { ActionOf, Due, titleOf, type Deadline } from '../../ui/deadline-parts';
import { FilterBar, SelectFilter } from '../../ui/filters';
import { GrowingTable } from '../../ui/growing-table';
import type { Column } from '../../ui/table';
import { useAgenda } from './queries';

const columns: Column<Deadline>[] = [
  { name: 'Prazo', cell: (d) => <Due entry={d} /> },
  {
    name: 'O que é',
    cell: (d) => (
      <>
        <strong>{titleOf(d)}</strong>
        <br />
        <span className="small muted">{wordFor(deadlineEndingWords, d.ends)}</span>
      </>
    ),
  },
  { name: 'Em jogo', numeric: true, cell: (d) => <Amount value={d.amount} /> },
  { name: 'Quem age', cell: (d) => wordFor(deadlineActorWords, d.actor) },
  { name: 'Desde', cell: (d) => <When at={d.since} /> },
  {
    name: 'O que fazer',
    cell: (d) =>
      d.state === 'open' ? <ActionOf entry={d} /> : <Badge tone="neutral">{deadlineStateWords.closed}</Badge>,
  },
];

const agendaUnknown = (glance: Glance | undefined) => glance?.conditions.find((c) => c.kind === 'agenda_unknown');

/** What an empty list says: an agenda that is not up to date does not say that nothing is due. */
function emptyText(search: WorkSearch, glance: Glance | undefined): string {
  if (search.tipo || search.situacao) return 'Nada com estes filtros.';
  if (glance?.connection === 'disconnected')
    return 'A clínica não está conectada ao Asaas: sem isso não sabemos de prazos.';
  return !glance || agendaUnknown(glance) ? 'Ainda não sabemos se há prazos.' : 'Nenhum prazo em aberto.';
}

/** What the clinic must not miss, the first due first. */
export default function Agenda() {
  const clinic = useClinic().data;
  const search = useSearch({ from: '/shell/app/agenda' });
  const navigate = useNavigate({ from: '/app/agenda' });
  const agenda = useAgenda(search);
  const glance = useGlance().data;
  const unknown = agendaUnknown(glance);
  const set = (next: WorkSearch) => void navigate({ search: next });
  return (
    <>
      <PageHeader
        title="Agenda"
        clinic={clinic?.name}
        lead="O que tem prazo, o valor em jogo e o que fazer. Cada linha some sozinha quando o assunto termina."
      />
      {unknown && (
        <p role="status" className="above" data-testid="agenda-unknown">
          {conditionText(unknown)}
          {unknown.since && (
            <>
              {' '}
              (última vez <When at={unknown.since} />)
            </>
          )}
          . Pode haver prazos que não estão aqui.
        </p>
      )}
      <FilterBar
        chips={[
          search.situacao && { name: 'Situação', text: 'Todas', remove: () => set({ ...search, situacao: undefined }) },
          search.tipo && {
            name: 'Tipo',
            text: wordFor(deadlineKindWords, search.tipo),
            remove: () => set({ ...search, tipo: undefined }),
          },
        ]}
      >
        <SelectFilter
          label="Situação"
          all="Em aberto"
          names={{ todas: 'Todas' }}
          value={search.situacao}
          set={(situacao) => set({ ...search, situacao })}
        />
        <SelectFilter
          label="Tipo"
          all="Todos"
          names={deadlineKindWords}
          value={search.tipo}
          set={(tipo) => set({ ...search, tipo })}
        />
      </FilterBar>
      <GrowingTable
        pages={agenda}
        empty={emptyText(search, glance)}
        more="Mostrar mais"
        caption="Agenda, o que vence primeiro em cima"
        columns={columns}
        id={(d) => d.id}
        testId="deadline-row"
      />
    </>
  );
}
