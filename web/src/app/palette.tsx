import '@mantine/spotlight/styles.css';

import { useDebouncedValue } from '@mantine/hooks';
import { createSpotlight, Spotlight } from '@mantine/spotlight';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useState } from 'react';

import { amount, day } from '../lib/format';
import { useToday } from '../lib/glance';
import { invoiceState } from '../lib/object-labels';
import { usePaletteSearch } from '../lib/palette-search';

const [store, palette] = createSpotlight();
const typingPause = 250; // milliseconds

interface Page {
  to: string;
  name: string;
}

/** Says a name without accents and case, as people type it. */
const plain = (text: string) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();

/** Where to go, by a few letters: pages, invoices, payers. It opens each time that `asked` grows. */
export default function Palette({ pages, asked }: { pages: Page[]; asked: number }) {
  const navigate = useNavigate();
  const [query, setQuery] = useState('');
  const today = useToday();
  const [settled] = useDebouncedValue(query, typingPause);
  const found = usePaletteSearch(settled);
  useEffect(() => palette.open(), [asked]);
  const invoices = query.trim() ? (found.data?.data ?? []) : [];
  const payers = new Map(invoices.flatMap((v) => (v.customer && v.customerName ? [[v.customer, v.customerName]] : [])));
  const here = pages.filter((p) => plain(p.name).includes(plain(query.trim())));
  const nothing = here.length + invoices.length === 0;
  return (
    <Spotlight.Root store={store} query={query} onQueryChange={setQuery} shortcut={null} scrollable>
      <Spotlight.Search placeholder="Páginas, faturas e clientes" aria-label="Ir para" />
      <Spotlight.ActionsList aria-label="Resultados">
        {here.map((p) => (
          <Spotlight.Action key={p.to} label={p.name} onClick={() => void navigate({ to: p.to })} />
        ))}
        {[...payers].map(([id, name]) => (
          <Spotlight.Action
            key={id}
            label={name}
            description="Cliente: suas faturas"
            onClick={() => void navigate({ to: '/app/faturas', search: { cliente: id } })}
          />
        ))}
        {invoices.map((v) => (
          <Spotlight.Action
            key={v.id}
            label={v.externalReference ?? v.asaasId}
            description={[v.customerName, amount(v.value), invoiceState(v, today)[0], day(v.dueDate)]
              .filter(Boolean)
              .join(' · ')}
            onClick={() => void navigate({ to: '/app/faturas/$id', params: { id: v.id } })}
          />
        ))}
        {nothing && <Spotlight.Empty>{found.isFetching ? 'Buscando…' : 'Nada encontrado.'}</Spotlight.Empty>}
      </Spotlight.ActionsList>
    </Spotlight.Root>
  );
}
