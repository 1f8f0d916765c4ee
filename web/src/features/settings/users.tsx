import { Button, Switch } from '@mantine/core';
import { useState } from 'react';

import { useClinic, useMay } from '../../lib/clinic';
import { session } from '../../lib/session';
import { Badge, PageHeader, When } from '../../ui/basics';
import { Allowed } from '../../ui/denied';
import { Empty, ErrorBanner, Fetched } from '../../ui/states';
import { DataTable, Pager, type Column } from '../../ui/table';
import { roleNames, userStateOf } from './labels';
import { useFactorRule, useUsers, type User } from './queries';
import { EditUserDialog, InvitedCard, NewUserDialog } from './user-forms';

/** The people of the clinic and their roles. */
export default function Users() {
  const clinic = useClinic().data;
  return (
    <>
      <PageHeader
        above="Configurações › Usuários"
        title="Usuários"
        clinic={clinic?.name}
        lead="Quem entra no PataPay da sua clínica e o que pode fazer."
      />
      <Allowed scope="users:read">
        <People />
      </Allowed>
    </>
  );
}

function People() {
  const may = useMay('users:write');
  const [cursor, setCursor] = useState<string>();
  const users = useUsers(cursor);
  const [adding, setAdding] = useState(false);
  const [editing, setEditing] = useState(''); // id: what is read anew after a refusal counts
  const [invited, setInvited] = useState<User | null>(null); // what became of this invitation is on the screen
  const edited = users.data?.data.find((u) => u.id === editing);
  const columns: Column<User>[] = [
    {
      name: 'Nome',
      cell: (u) => (
        <>
          {u.name}
          {u.id === session.me()?.subject && ' (você)'}
          <div className="small muted">{u.email}</div>
        </>
      ),
    },
    { name: 'Perfil', cell: (u) => roleNames[u.role] ?? u.role },
    { name: 'Situação', cell: (u) => <State user={u} /> },
    { name: 'Último acesso', cell: (u) => <When at={u.lastLoginAt} /> },
    {
      name: 'Ações',
      cell: (u) =>
        may && (
          <Button onClick={() => setEditing(u.id)} aria-label={`Alterar ${u.name}`}>
            Alterar
          </Button>
        ),
    },
  ];
  return (
    <div className="stack">
      {may && (
        <div className="row">
          <Button variant="filled" onClick={() => setAdding(true)} data-testid="user-add">
            Adicionar usuário
          </Button>
        </div>
      )}
      {invited && <InvitedCard user={invited} dismiss={() => setInvited(null)} />}
      <Fetched query={users}>
        {(page) => (
          <>
            {page.data.length ? (
              <DataTable
                caption="Usuários da clínica"
                columns={columns}
                rows={page.data}
                id={(u) => u.id}
                testId="user-row"
              />
            ) : (
              <Empty>Nenhum usuário ainda.</Empty>
            )}
            <Pager page={page.page} go={setCursor} />
          </>
        )}
      </Fetched>
      <Rule change={may} />
      {adding && <NewUserDialog close={() => setAdding(false)} onCreated={setInvited} />}
      {edited && <EditUserDialog user={edited} close={() => setEditing('')} onCreated={setInvited} />}
    </div>
  );
}

/** Whether everybody must have a second factor, and who has none yet. */
function Rule({ change }: { change: boolean }) {
  const { rule, save } = useFactorRule();
  return (
    <section className="card stack" data-testid="factor-rule">
      <h2>Segundo fator</h2>
      <Fetched query={rule}>
        {(r) => (
          <>
            <Switch
              label="Exigir de todas as pessoas da clínica"
              description="Quem não tem um cadastra o seu na próxima entrada, antes de qualquer outra coisa."
              checked={r.required}
              disabled={!change || save.isPending}
              onChange={(e) => save.mutate(e.currentTarget.checked)}
            />
            <p className="small muted">
              {r.without === 0
                ? 'Todas as pessoas já têm um.'
                : `Ainda sem segundo fator: ${r.without} de ${r.people}.`}
            </p>
          </>
        )}
      </Fetched>
      {save.error && <ErrorBanner error={save.error} />}
    </section>
  );
}

function State({ user }: { user: User }) {
  const [words, tone] = userStateOf(user.state);
  return (
    <>
      <span className="nowrap">
        <Badge tone={tone}>{words}</Badge>
      </span>
      {user.secondFactor && <div className="small muted">com segundo fator</div>}
      {user.state === 'invited' && user.startEndsAt && (
        <div className="small muted">
          O convite vale até <When at={user.startEndsAt} />.
        </div>
      )}
    </>
  );
}
