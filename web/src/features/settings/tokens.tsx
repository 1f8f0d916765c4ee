import { Button, Checkbox, Modal, NativeSelect, TextInput } from '@mantine/core';
import { useEffect, useRef, useState, type FormEvent } from 'react';

import { useClinic, useMay } from '../../lib/clinic';
import { session } from '../../lib/session';
import type { Tone } from '../../lib/tone';
import { Badge, Banner, CopyField, PageHeader, When } from '../../ui/basics';
import { Allowed } from '../../ui/denied';
import { Empty, ErrorBanner, Fetched } from '../../ui/states';
import { DataTable, Pager, type Column } from '../../ui/table';
import { scopeName, scopeNames, usualScopes } from './labels';
import { useAddServiceToken, useRevokeServiceToken, useServiceTokens, type ServiceToken } from './queries';

function stateOf(t: ServiceToken): [string, Tone] {
  if (t.revokedAt) return ['Revogado', 'neutral'];
  return new Date(t.expiresAt) <= new Date() ? ['Vencido', 'neutral'] : ['Vale', 'success'];
}

/** The tokens of programs that work for the clinic. */
export default function Tokens() {
  const clinic = useClinic().data;
  return (
    <>
      <PageHeader
        above="Configurações › Tokens de serviço"
        title="Tokens de serviço"
        clinic={clinic?.name}
        lead="O acesso de programas, como o módulo de faturamento. Cada programa com o seu, e só com o que precisa."
      />
      <Allowed scope="tokens:read">
        <List />
      </Allowed>
    </>
  );
}

function List() {
  const may = useMay('tokens:write');
  const [cursor, setCursor] = useState<string>();
  const [adding, setAdding] = useState(false);
  const [ending, setEnding] = useState<ServiceToken | null>(null);
  const [created, setCreated] = useState<ServiceToken | null>(null);
  const tokens = useServiceTokens(cursor);
  const columns: Column<ServiceToken>[] = [
    {
      name: 'Programa',
      cell: (t) => (
        <>
          {t.name}
          <div className="small muted">
            <code>{t.id}</code>
          </div>
        </>
      ),
    },
    { name: 'Permissões', cell: (t) => t.scopes.map(scopeName).join(' · ') },
    { name: 'Criado em', cell: (t) => <When at={t.createdAt} /> },
    { name: 'Último uso', cell: (t) => (t.lastUsedAt ? <When at={t.lastUsedAt} /> : 'Nunca') },
    {
      name: 'Situação',
      cell: (t) => (
        <>
          <Badge tone={stateOf(t)[1]}>{stateOf(t)[0]}</Badge>
          <div className="small muted">
            {t.revokedAt ? (
              <When at={t.revokedAt} />
            ) : (
              <>
                até <When at={t.expiresAt} />
              </>
            )}
          </div>
        </>
      ),
    },
    {
      name: 'Ações',
      cell: (t) =>
        may &&
        stateOf(t)[1] === 'success' && (
          <Button color="danger" onClick={() => setEnding(t)} aria-label={`Revogar ${t.name}`}>
            Revogar
          </Button>
        ),
    },
  ];
  return (
    <div className="stack">
      {may && (
        <div className="row">
          <Button variant="filled" onClick={() => setAdding(true)} data-testid="token-add">
            Criar token
          </Button>
        </div>
      )}
      {created && <CreatedToken token={created} dismiss={() => setCreated(null)} />}
      <Fetched query={tokens}>
        {(page) => (
          <>
            {page.data.length ? (
              <DataTable
                caption="Tokens de serviço, os mais novos primeiro"
                columns={columns}
                rows={page.data}
                id={(t) => t.id}
                testId="token-row"
              />
            ) : (
              <Empty>Nenhum token ainda. Crie um para cada programa.</Empty>
            )}
            <Pager page={page.page} go={setCursor} />
          </>
        )}
      </Fetched>
      {adding && <NewTokenDialog close={() => setAdding(false)} onCreated={setCreated} />}
      {ending && <RevokeDialog token={ending} close={() => setEnding(null)} />}
    </div>
  );
}

/** The new token itself, which is shown only this once. */
function CreatedToken({ token, dismiss }: { token: ServiceToken; dismiss: () => void }) {
  const box = useRef<HTMLElement>(null);
  useEffect(() => box.current?.focus(), [token.id]);
  return (
    <section className="card stack" ref={box} tabIndex={-1} aria-label="Token criado" data-testid="token-shown">
      <Banner tone="warning" title={`Token de ${token.name}`}>
        Ele aparece uma única vez. Guarde-o no cofre do programa que vai usá-lo.
      </Banner>
      <CopyField field="service-token" label="Token" value={token.token ?? ''} />
      <div className="row">
        <Button onClick={dismiss}>Já guardei</Button>
      </div>
    </section>
  );
}

const lifetimes = [30, 90, 180, 365].map((d) => ({ value: String(d), label: `${d} dias` }));

function NewTokenDialog({ close, onCreated }: { close: () => void; onCreated: (t: ServiceToken) => void }) {
  const [name, setName] = useState('');
  const [scopes, setScopes] = useState(usualScopes);
  const [days, setDays] = useState('90');
  const [faults, setFaults] = useState<{ name?: string; scopes?: string }>({});
  const own = session.me()?.scopes ?? [];
  const add = useAddServiceToken((token) => {
    onCreated(token);
    close();
  });
  const submit = (e: FormEvent) => {
    e.preventDefault();
    const found = {
      name: /^[A-Za-z0-9][A-Za-z0-9 ._-]*$/.test(name.trim())
        ? undefined
        : 'Informe o nome do programa: letras sem acento, números, espaço, ponto, hífen.',
      scopes: scopes.length ? undefined : 'Marque ao menos uma permissão.',
    };
    setFaults(found);
    if (!found.name && !found.scopes && !add.isPending)
      add.mutate({ name: name.trim(), scopes, expiresInDays: Number(days) });
  };
  return (
    <Modal opened onClose={close} title="Criar token" size="lg">
      <form className="stack" noValidate onSubmit={submit}>
        <TextInput
          label="Nome do programa"
          description="Aparece na auditoria como quem fez."
          autoComplete="off"
          maxLength={60}
          value={name}
          error={faults.name}
          onChange={(e) => setName(e.currentTarget.value)}
          data-autofocus
        />
        <NativeSelect label="Validade" value={days} onChange={(e) => setDays(e.currentTarget.value)} data={lifetimes} />
        <Checkbox.Group
          label="Permissões"
          description="Só as que o programa precisa."
          error={faults.scopes}
          value={scopes}
          onChange={setScopes}
        >
          <div className="stack tight">
            {Object.entries(scopeNames)
              .filter(([s]) => own.includes(s))
              .map(([s, label]) => (
                <Checkbox key={s} value={s} label={label} />
              ))}
          </div>
        </Checkbox.Group>
        {add.error && <ErrorBanner error={add.error} />}
        <Button type="submit" variant="filled" aria-busy={add.isPending}>
          Criar
        </Button>
      </form>
    </Modal>
  );
}

function RevokeDialog({ token, close }: { token: ServiceToken; close: () => void }) {
  const end = useRevokeServiceToken(token.id, close);
  return (
    <Modal opened onClose={close} title={`Revogar ${token.name}`}>
      <div className="stack">
        <p>Em até 5 segundos o programa perde o acesso. Não há volta: para voltar a usar, crie outro token.</p>
        {end.error && <ErrorBanner error={end.error} />}
        <Button variant="filled" color="danger" aria-busy={end.isPending} onClick={() => end.mutate()}>
          Revogar
        </Button>
      </div>
    </Modal>
  );
}
