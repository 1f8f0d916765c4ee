import { Link, useNavigate, useSearch } from '@tanstack/react-router';

import { useClinic } from '../../lib/clinic';
import { known, useGlance } from '../../lib/glance';
import { workItemKindWords, workItemOutcomeWords, workItemStateWords } from '../../lib/object-words';
import { wordFor } from '../../lib/words';
import { Amount, Badge, PageHeader, When } from '../../ui/basics';
import { FilterBar, SelectFilter } from '../../ui/filters';
import { GrowingTable } from '../../ui/growing-table';
import type { Column } from '../../ui/table';
import { OpenBadge, PaymentOf } from './parts';
import { useWorkItems, type Item } from './queries';

const columns: Column<Item>[] = [
  { name: 'Desde', cell: (w) => <When at={w.openedAt} relative /> },
  {
    name: 'O que é',
    cell: (w) => (
      <Link to="/app/pendencias/$id" params={{ id: w.id }} className="open">
        {w.title}
      </Link>
    ),
  },
  { name: 'Pagamento', cell: (w) => <PaymentOf item={w} /> },
  { name: 'Valor', numeric: true, cell: (w) => <Amount value={w.amount} /> },
  { name: 'Responsável', cell: (w) => w.owner ?? 'Ninguém' },
  {
    name: 'Situação',
    cell: (w) =>
      w.state === 'open' ? (
        <OpenBadge item={w} />
      ) : (
        <Badge tone="success">
          {w.outcome ? wordFor(workItemOutcomeWords, w.outcome) : workItemStateWords.resolved}
        </Badge>
      ),
  },
];

/** Money that somebody must look at and explain. */
export default function WorkItems() {
  const clinic = useClinic().data;
  const search = useSearch({ from: '/shell/app/pendencias' });
  const navigate = useNavigate({ from: '/app/pendencias' });
  const all = search.situacao === 'todas';
  const explained = known(useGlance().data);
  const items = useWorkItems(search);
  const set = (next: typeof search) => void navigate({ search: next });
  return (
    <>
      <PageHeader
        title="Pendências"
        clinic={clinic?.name}
        lead="Dinheiro que entrou ou saiu sem explicação. Veja, diga o que era e resolva."
      />
      <FilterBar
        chips={[
          all && { name: 'Situação', text: 'Todas', remove: () => set({ ...search, situacao: undefined }) },
          search.tipo && {
            name: 'Tipo',
            text: wordFor(workItemKindWords, search.tipo),
            remove: () => set({ ...search, tipo: undefined }),
          },
        ]}
      >
        <SelectFilter
          label="Situação"
          all="Abertas"
          names={{ todas: 'Todas' }}
          value={search.situacao}
          set={(situacao) => set({ ...search, situacao })}
        />
        <SelectFilter
          label="Tipo"
          all="Todos"
          names={workItemKindWords}
          value={search.tipo}
          set={(tipo) => set({ ...search, tipo })}
        />
      </FilterBar>
      <GrowingTable
        pages={items}
        empty={
          all || search.tipo
            ? 'Nenhuma pendência com estes filtros.'
            : explained
              ? 'Nenhuma pendência: todo o dinheiro está explicado.'
              : 'Nenhuma pendência aberta; o saldo no Asaas ainda não é conhecido.'
        }
        more="Mostrar mais antigas"
        caption="Pendências, as mais novas primeiro"
        columns={columns}
        id={(w) => w.id}
        testId="work-item-row"
      />
    </>
  );
}
