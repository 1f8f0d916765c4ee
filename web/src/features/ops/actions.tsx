import { Button, Select } from '@mantine/core';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useState, type FormEvent } from 'react';

import { actionKindWords, actionStateWords, concernWords } from '../../lib/fleet-words';
import { count } from '../../lib/format';
import { connectionStateWords } from '../../lib/words';
import { PageHeader, When } from '../../ui/basics';
import { Allowed } from '../../ui/denied';
import { SelectFilter, TextFilter } from '../../ui/filters';
import { Empty, ErrorBanner, Fetched } from '../../ui/states';
import { DataTable, type Column } from '../../ui/table';
import { useActions, usePreviewAction, type Action, type ActionKind } from './queries';

const columns: Column<Action>[] = [
  {
    name: 'Ação',
    phone: 'title',
    cell: (a) => (
      <Link to="/ops/acoes/$id" params={{ id: a.id }} className="open">
        {actionKindWords[a.kind]}
      </Link>
    ),
  },
  { name: 'Andamento', phone: 'state', cell: (a) => actionStateWords[a.state] },
  { name: 'Clínicas', numeric: true, cell: (a) => count(a.clinics) },
  { name: 'Feitas', numeric: true, cell: (a) => count(a.done) },
  { name: 'Falharam', numeric: true, cell: (a) => count(a.failed) },
  { name: 'Motivo', phone: 'note', cell: (a) => a.reason || '—' },
  { name: 'Quando', cell: (a) => <When at={a.startedAt ?? a.createdAt} relative /> },
];

export { OpsAction } from './action'; // one script with the list: a page of its own would cost the first page its name

/** What was done to many clinics at once, and the way to do it again. */
export default function OpsActions() {
  const actions = useActions();
  return (
    <div className="stack">
      <PageHeader
        above={<Link to="/ops">Operação</Link>}
        title="Ações em massa"
        lead="A prévia congela as clínicas e mostra o que seria feito em cada uma. Nada começa sem motivo."
      />
      <Allowed scope="fleet:act">
        <PreviewForm />
      </Allowed>
      <section className="stack tight">
        <h2>As 100 últimas</h2>
        <Fetched query={actions}>
          {(list) =>
            list.data.length ? (
              <DataTable
                caption="Ações em massa"
                columns={columns}
                rows={list.data}
                id={(a) => a.id}
                testId="action-row"
              />
            ) : (
              <Empty>Nenhuma ainda.</Empty>
            )
          }
        </Fetched>
      </section>
    </div>
  );
}

/** Asks what is to be done, and to which clinics. */
function PreviewForm() {
  const search = useSearch({ from: '/shell/ops/acoes' });
  const navigate = useNavigate({ from: '/ops/acoes' });
  const [kind, setKind] = useState<ActionKind>('check_connection');
  const preview = usePreviewAction();
  const submit = (e: FormEvent) => {
    e.preventDefault();
    preview.mutate(
      { kind, search },
      { onSuccess: (a) => void navigate({ to: '/ops/acoes/$id', params: { id: a.id } }) },
    );
  };
  const set = (change: typeof search) => void navigate({ search: (old) => ({ ...old, ...change }) });
  return (
    <form className="card stack" onSubmit={submit} aria-labelledby="nova-acao">
      <h2 id="nova-acao">Nova ação</h2>
      <Select
        label="O que fazer"
        data={Object.entries(actionKindWords).map(([value, label]) => ({ value, label }))}
        value={kind}
        onChange={(value) => value && setKind(value as ActionKind)}
        allowDeselect={false}
        data-testid="action-kind"
      />
      <div className="row">
        <SelectFilter label="Tema" all="Todos" names={concernWords} value={search.tema} set={(tema) => set({ tema })} />
        <SelectFilter
          label="Situação"
          all="Todas"
          names={connectionStateWords}
          value={search.situacao}
          set={(situacao) => set({ situacao })}
        />
        <TextFilter bare label="Nome ou id" placeholder="Nome ou id" value={search.q} set={(q) => set({ q })} />
      </div>
      {preview.error && <ErrorBanner error={preview.error} />}
      <Button type="submit" variant="filled" className="rigid" loading={preview.isPending}>
        Ver prévia
      </Button>
    </form>
  );
}
