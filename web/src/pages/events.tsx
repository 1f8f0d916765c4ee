import { Button } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link, Navigate, useNavigate, useSearch } from '@tanstack/react-router';

import { api, body, type Schema } from '../app/api';
import { useClinic, useConnection, useTenant } from '../app/clinic';
import type { EventSearch } from '../app/search';
import { Amount, Badge, PageHeader, When } from '../parts/basics';
import { Choice, FilterBar, Typed } from '../parts/filters';
import { Empty, Fetched } from '../parts/states';
import { DataTable, Pager, type Column } from '../parts/table';
import { eventName, eventNames, eventState, kinds, reasonOf, views } from '../words/events';
import { count, took } from '../words/format';

type Event = Schema['EventView'];

const columns: Column<Event>[] = [
  { name: 'Recebido em', cell: (e) => <Link to="/app/eventos/$id" params={{ id: e.id }} className="open"><When at={e.receivedAt} /></Link> },
  { name: 'Evento', cell: (e) => <>{eventName(e.type)}{e.source === 'webhook' && <><br /><code className="muted">{e.type}</code></>}</> },
  { name: 'Referência', cell: (e) => <>{e.shows?.externalReference ?? '—'}{e.entity && <><br /><code className="muted">{e.entity}</code></>}</> },
  { name: 'Valor', numeric: true, cell: (e) => <Amount value={e.shows?.value} /> },
  { name: 'Situação', cell: (e) => <State event={e} /> },
  { name: 'Atraso', numeric: true, cell: (e) => delay(e) },
];

function State({ event }: { event: Event }) {
  const [words, tone] = eventState(event);
  return (
    <>
      <Badge tone={tone} testId="event-state">{words}</Badge>
      {event.outcome !== 'applied' && event.reason && <div className="small muted">{reasonOf(event.reason)}</div>}
    </>
  );
}

/** From Asaas's clock to ours. Asaas tells whole seconds, so a little less than nothing is nothing. */
function delay(e: Event): string {
  return e.occurredAt && e.source === 'webhook' ? took(Math.max(0, Date.parse(e.receivedAt) - Date.parse(e.occurredAt))) : '—';
}

/** The API's filters of an address. Days are São Paulo's, which is three hours behind UTC all year. */
function query(s: EventSearch) {
  const view = views[s.visao ?? ''];
  return {
    limit: 50, cursor: s.cursor, include: 'count' as const,
    kind: s.grupo ? [s.grupo as Event['kind']] : undefined,
    type: s.tipo ? [s.tipo] : undefined,
    outcome: view?.outcome as Event['outcome'][] | undefined,
    reason: view?.reason,
    asaasId: s.q?.startsWith('evt_') ? s.q : undefined,
    entity: s.q && !s.q.startsWith('evt_') ? s.q : undefined,
    'receivedAt[gte]': s.de && `${s.de}T03:00:00Z`,
    'receivedAt[lte]': s.ate && new Date(Date.parse(`${s.ate}T03:00:00Z`) + 86_399_999).toISOString(),
  };
}

function useEvents(s: EventSearch) {
  const tenant = useTenant();
  return useQuery({
    queryKey: ['events', tenant, s],
    placeholderData: keepPreviousData,
    staleTime: Infinity, // rows never move under the reader: new ones wait behind a button
    queryFn: () => body(api.GET('/v1/tenants/{tenant}/events', { params: { path: { tenant }, query: query(s) } })),
  });
}

/** How many events of the filter came after the newest one that is shown. */
function useNews(s: EventSearch, newest: Event | undefined, total: number | undefined) {
  const tenant = useTenant();
  const probe = useQuery({
    queryKey: ['events-news', tenant, s, newest?.id, total],
    enabled: total !== undefined && !s.cursor,
    refetchInterval: 5_000,
    queryFn: () => body(api.GET('/v1/tenants/{tenant}/events', { params: { path: { tenant }, query: { ...query(s), limit: 1 } } })),
  });
  return Math.max(0, (probe.data?.count?.total ?? 0) - (total ?? 0));
}

/** Everything that Asaas told of the clinic; the filters stand in the address. */
export default function Events() {
  const clinic = useClinic().data;
  const search = useSearch({ from: '/shell/app/eventos' });
  const navigate = useNavigate({ from: '/app/eventos' });
  const set = (change: EventSearch) => void navigate({ search: (old) => ({ ...old, cursor: undefined, ...change }) });
  const clear = () => void navigate({ search: {} });
  const list = useEvents(search);
  const filtered = Object.values(search).some(Boolean);
  return (
    <>
      <PageHeader title="Eventos" clinic={clinic?.name} lead="Cada aviso do Asaas (webhook), o que ele mudou e por quê." />
      <nav className="row noprint" aria-label="Visões" style={{ marginBottom: 16 }}>
        {Object.entries(views).map(([id, v]) => {
          const here = (search.visao ?? 'todos') === id;
          return <Button key={id} variant={here ? 'filled' : 'default'} aria-pressed={here} onClick={() => set({ visao: id === 'todos' ? undefined : id })}>{v.name}</Button>;
        })}
      </nav>
      <FilterBar clear={filtered ? clear : undefined}>
        <Typed label="Buscar por ID" placeholder="pay_… ou evt_…" value={search.q} set={(q) => set({ q })} />
        <Choice label="Grupo" all="Todos" names={kinds} value={search.grupo} set={(grupo) => set({ grupo })} />
        <Choice label="Tipo" all="Todos" names={eventNames} value={search.tipo} set={(tipo) => set({ tipo })} />
        <Typed label="De" type="date" value={search.de} set={(de) => set({ de })} />
        <Typed label="Até" type="date" value={search.ate} set={(ate) => set({ ate })} />
      </FilterBar>
      <Fetched query={list}>
        {(page) => (
          <>
            <News search={search} page={page} show={() => void list.refetch()} />
            {page.count && <p className="small muted">{count(page.count.total)}{page.count.capped ? ' ou mais' : ''} avisos</p>}
            {page.data.length === 0 ? <None clear={clear} /> : <DataTable caption="Eventos" columns={columns} rows={page.data} id={(e) => e.id} testId="event-row" />}
            <Pager page={page.page} go={(cursor) => set({ cursor })} />
          </>
        )}
      </Fetched>
    </>
  );
}

function News({ search, page, show }: { search: EventSearch; page: Schema['ListBodyEventView']; show: () => void }) {
  const n = useNews(search, page.data[0], page.count?.total);
  if (n === 0) return null;
  return <Button mb={12} onClick={show}>Mostrar {count(n)} {n === 1 ? 'novo' : 'novos'}</Button>;
}

function None({ clear }: { clear: () => void }) {
  const state = useConnection().data?.state;
  if (state === 'disconnected') return <Navigate to="/app/configuracoes/webhooks/asaas" />;
  return <Empty action={<Button onClick={clear}>Limpar filtros</Button>}>Nenhum evento neste período.</Empty>;
}
