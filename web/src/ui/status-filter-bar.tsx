import type { ReactNode } from 'react';

import type { ListSearch } from '../lib/search';
import { FilterBar, SelectFilter, TextFilter } from './filters';

/** The filters of a list that is searched by text and narrowed by one state. */
export function StatusFilterBar({
  placeholder,
  names,
  search,
  set,
  note,
}: {
  placeholder: string;
  names: Record<string, string>;
  search: ListSearch;
  set: (change: ListSearch) => void;
  note?: ReactNode;
}) {
  return (
    <FilterBar
      search={<TextFilter bare label="Buscar" placeholder={placeholder} value={search.q} set={(q) => set({ q })} />}
      chips={[
        search.status && {
          name: 'Situação',
          text: names[search.status] ?? search.status,
          remove: () => set({ status: undefined }),
        },
      ]}
      clear={search.q || search.status ? () => set({ status: undefined, q: undefined }) : undefined}
      note={note}
    >
      <SelectFilter
        label="Situação"
        all="Todas"
        names={names}
        value={search.status}
        set={(status) => set({ status })}
      />
    </FilterBar>
  );
}
