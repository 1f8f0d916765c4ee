import { Button } from '@mantine/core';
import { Link, Navigate, useNavigate, useSearch } from '@tanstack/react-router';

import { useClinic, useConnection, useMay } from '../../lib/clinic';
import { eventName, eventNames, eventState, namesOf, reasonOf, situations, views } from '../../lib/event-labels';
import { count, countOf, day, took } from '../../lib/format';
import { useToday } from '../../lib/glance';
import { periods } from '../../lib/period';
import type { EventSearch } from '../../lib/search';
import { eventKindWords } from '../../lib/object-words';
import { wordFor } from '../../lib/words';
import { Amount, Badge, PageHeader, When } from '../../ui/basics';
import { Code } from '../../ui/code';
import { DateRange } from '../../ui/date-field';
import { ExportButton } from '../../ui/export-button';
import { FilterBar, SelectFilter, span, TextFilter } from '../../ui/filters';
import { List } from '../../ui/list';
import { Empty } from '../../ui/states';
import type { Column } from '../../ui/table';
import { BulkReplay } from './bulk';
import { filterOf, periodOf } from './filter';
import { useEvents, type Event, type FetchPage, type Page } from './queries';
import { EventSummary } from './summary';

const columns: Column<Event>[] = [
  {
    name: 'Recebido em',
    sort: 'receivedAt',
    phone: 'note',
    cell: (e) => (
      <Link to="/app/eventos/$id" params={{ id: e.id }} className="open">
        <When at={e.receivedAt} />
      </Link>
    ),
  },
  {
    name: 'Evento',
    phone: 'title',
    cell: (e) => (
      <>
        <div className="clip roomy">{eventName(e.type)}</div>
        {e.source === 'webhook' && (
          <div className="clip finer">
            <Code className="muted" title={eventName(e.type)}>
              {e.type}
            </Code>
          </div>
        )}
      </>
    ),
  },
  {
    name: 'Referência',
    cell: (e) => (
      <>
        <div className="clip">{e.shows?.externalReference ?? '—'}</div>
        {e.entity && (
          <div className="clip">
            <code className="muted">{e.entity}</code>
          </div>
        )}
      </>
    ),
  },
  { name: 'Valor', numeric: true, phone: 'amount', cell: (e) => <Amount value={e.shows?.value} /> },
  { name: 'Situação', phone: 'state', cell: (e) => <State event={e} /> },
  { name: 'Tentativas', numeric: true, spare: true, cell: (e) => (e.tries > 0 ? count(e.tries) : '—') },
  { name: 'Atraso', numeric: true, spare: true, cell: delay },
];

function State({ event }: { event: Event }) {
  const [words, tone] = eventState(event);
  return (
    <>
      <Badge tone={tone} testId="event-state">
        {words}
      </Badge>
      {event.outcome !== 'applied' && event.reason && <div className="small muted">{reasonOf(event.reason)}</div>}
    </>
  );
}

/** From Asaas's clock to ours. Asaas tells whole seconds, so a little less than nothing is nothing. */
function delay(e: Event): string {
  return e.occurredAt && e.source === 'webhook'
    ? took(Math.max(0, Date.parse(e.receivedAt) - Date.parse(e.occurredAt)))
    : '—';
}

/** Every event that Asaas sent for the clinic. The filters stand in the address. */
export default function Events() {
  const clinic = useClinic().data;
  const search = useSearch({ from: '/shell/app/eventos' });
  const navigate = useNavigate({ from: '/app/eventos' });
  const set = (change: EventSearch) => void navigate({ search: (old) => ({ ...old, cursor: undefined, ...change }) });
  const clear = () => void navigate({ search: {} });
  const { list, fetchPage } = useEvents(search);
  const start = { list: 'events', filter: search, fetch: () => fetchPage({ limit: 50 }), pollEvery: 30_000 };
  return (
    <>
      <PageHeader
        title="Eventos"
        clinic={clinic?.name}
        actions={<ExportButton kind="events" query={filterOf(search)} fileName="eventos.csv" />}
      />
      <Views chosen={search.visao} set={set} />
      <Filters search={search} set={set} clear={clear} counted={list.data?.count} />
      <List
        caption="Eventos"
        columns={columns}
        testId="event-row"
        query={list}
        order={{ value: search.ordem, set: (ordem) => set({ ordem }) }}
        start={search.cursor || search.ordem ? undefined : start}
        go={(cursor) => set({ cursor })}
        empty={<NoEvents search={search} clear={clear} />}
      />
      {list.data && <Bulk page={list.data} fetchPage={fetchPage} />}
      <div className="below">
        <EventSummary filter={filterOf(search)} all={periodOf(search) === 'tudo'} />
      </div>
      <p className="small muted note">
        Cada aviso do Asaas (webhook), o que ele mudou e por quê. Guardamos o conteúdo por 90 dias e o resumo para
        sempre.
      </p>
    </>
  );
}

function Views({ chosen = 'todos', set }: { chosen: string | undefined; set: (change: EventSearch) => void }) {
  return (
    <nav className="row months views noprint" aria-label="Visões">
      {Object.entries(views).map(([id, v]) => (
        <button
          key={id}
          type="button"
          className="chip"
          aria-pressed={chosen === id}
          onClick={() => set({ visao: id === 'todos' ? undefined : id, situacao: undefined })}
        >
          {v.name}
        </button>
      ))}
    </nav>
  );
}

const wholeNumber = (text: string) => (/^\d{1,3}$/.test(text) ? '' : 'Digite um número inteiro, como 3.');

function Filters({
  search,
  set,
  clear,
  counted,
}: {
  search: EventSearch;
  set: (change: EventSearch) => void;
  clear: () => void;
  counted: Page['count'] | undefined;
}) {
  const period = periodOf(search);
  const today = useToday();
  const choose = (p: string | undefined) =>
    set({ periodo: p, ...(p !== 'datas' && { de: undefined, ate: undefined }) });
  return (
    <FilterBar
      search={
        <TextFilter
          bare
          label="Buscar"
          placeholder="Busque por fatura, cliente, valor, ID pay_… ou evt_…"
          value={search.q}
          set={(q) => set({ q })}
        />
      }
      chips={[
        search.grupo && {
          name: 'Grupo',
          text: wordFor(eventKindWords, search.grupo),
          remove: () => set({ grupo: undefined }),
        },
        search.tipo && { name: 'Tipo', text: eventName(search.tipo), remove: () => set({ tipo: undefined }) },
        search.situacao && {
          name: 'Situação',
          text: situations[search.situacao]?.name ?? search.situacao,
          remove: () => set({ situacao: undefined }),
        },
        {
          name: 'Período',
          text:
            (period === 'datas' && span(search.de && day(search.de), search.ate && day(search.ate))) ||
            periods[period]!,
          remove: () => choose('tudo'),
        },
        search.tentativas && {
          name: 'Tentativas, ao menos',
          text: search.tentativas,
          remove: () => set({ tentativas: undefined }),
        },
      ]}
      clear={Object.values(search).some(Boolean) ? clear : undefined}
      note={counted && <span data-testid="event-total">{countOf(counted, 'aviso', 'avisos')}</span>}
    >
      <SelectFilter
        label="Grupo"
        all="Todos"
        names={eventKindWords}
        value={search.grupo}
        set={(grupo) => set({ grupo })}
      />
      <SelectFilter label="Tipo" all="Todos" names={eventNames} value={search.tipo} set={(tipo) => set({ tipo })} />
      <SelectFilter
        label="Situação"
        all="Todas"
        names={namesOf(situations)}
        value={search.situacao}
        set={(situacao) => set({ situacao })}
      />
      <SelectFilter
        label="Período"
        all={search.q ? 'Desde o começo' : '30 dias'}
        names={periods}
        value={period}
        set={choose}
      />
      {period === 'datas' && (
        <DateRange
          today={today}
          from={search.de}
          to={search.ate}
          set={(de, ate) => set({ periodo: 'datas', de, ate })}
        />
      )}
      <TextFilter
        label="Tentativas, ao menos"
        placeholder="0"
        value={search.tentativas}
        set={(tentativas) => set({ tentativas })}
        check={wholeNumber}
      />
    </FilterBar>
  );
}

function Bulk({ page, fetchPage }: { page: Page; fetchPage: FetchPage }) {
  const may = useMay('events:replay');
  if (!may || !page.count || page.count.capped) return null;
  return (
    <div className="row below">
      <BulkReplay total={page.count.total} fetchPage={fetchPage} />
    </div>
  );
}

function NoEvents({ search, clear }: { search: EventSearch; clear: () => void }) {
  const state = useConnection().data?.state;
  const names = useMay('personal:read');
  if (state === 'disconnected') return <Navigate to="/app/configuracoes/webhooks/asaas" />;
  if (!Object.values(search).some(Boolean))
    return (
      <Empty
        action={
          <Link to="/app/eventos" search={{ periodo: 'tudo' }}>
            Ver desde o começo
          </Link>
        }
      >
        Nenhum aviso do Asaas nos últimos 30 dias.
      </Empty>
    );
  const name = !names && search.q && /^\p{L}[\p{L} .'-]+$/u.test(search.q);
  return (
    <Empty action={<Button onClick={clear}>Limpar filtros</Button>}>
      Nenhum evento neste período.
      {name && (
        <p className="small muted">
          Seu perfil não mostra nomes de clientes. Busque pelo ID do cliente (cus_…), pela referência ou pelo valor.
        </p>
      )}
    </Empty>
  );
}
