import { Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEffect } from 'react';

import { api, body, Failure, ifMatch, once, type Schema } from '../app/api';
import { useClinic, useConnection, useMay, useTenant } from '../app/clinic';
import { announce } from '../app/toast';
import { Badge, Banner, PageHeader, When } from '../parts/basics';
import { Empty, ErrorBanner, Fetched } from '../parts/states';
import { DataTable, type Column } from '../parts/table';
import { checkNames, checkStates, stateOf } from '../words/connection';
import { clock, day, daysBetween, instant, isoDay } from '../words/format';
import { Steps, useLatest, useOperation } from './integration/operation';
import type { Connection } from './integration/key-form';

type Check = Schema['CheckView'];

const actions: Record<string, string> = { replace_key: 'Substituir chave', edit_key: 'Editar a chave no Asaas', allow_ips: 'Liberar IPs no Asaas', ensure_webhook: 'Completar', test: 'Fazer teste completo', see_events: 'Ver eventos' };

function Action({ check }: { check: Check }) {
  if (check.status === 'ok' || !check.action || !(check.action in actions)) return null;
  const to = check.action === 'see_events' ? '/app/eventos' : '/app/configuracoes/webhooks/asaas';
  return <Link to={to}>{actions[check.action]}</Link>;
}

/** Times inside a check's text come in UTC; people read São Paulo's. */
const local = (text: string) => text.replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, (at) => instant(at));

const columns: Column<Check>[] = [
  { name: 'Item', cell: (c) => <>{checkNames[c.name] ?? c.name}{c.detail && <div className="small muted">{local(c.detail)}</div>}</> },
  {
    name: 'Situação',
    cell: (c) => {
      const [words, tone] = checkStates[c.status] ?? [c.status, 'neutral' as const];
      return <Badge tone={tone} testId={`check-${c.name}`}>{words}</Badge>;
    },
  },
  { name: 'Desde', cell: (c) => <When at={c.since} /> },
  { name: 'Ação', cell: (c) => <Action check={c} /> },
];

/** How the connection is, since when, what is at risk, and the one thing to do. */
export default function Health() {
  const clinic = useClinic().data;
  const conn = useConnection(5_000);
  return (
    <>
      <PageHeader above="Configurações › Webhooks › Asaas › Saúde" title="Saúde da conexão" clinic={clinic?.name} lead="Se os avisos do Asaas (webhook) estão chegando e sendo tratados." />
      <Fetched query={conn}>
        {(c) => (c.state === 'disconnected'
          ? <Empty action={<Link to="/app/configuracoes/webhooks/asaas">Conectar agora</Link>}>A clínica não está conectada ao Asaas.</Empty>
          : <div className="stack"><State conn={c} /><Checks state={c.state} /></div>)}
      </Fetched>
    </>
  );
}

function State({ conn }: { conn: Connection }) {
  const [words, tone] = stateOf(conn.state);
  return (
    <section className="stack">
      <div className={`card row tone-${tone}`} style={{ justifyContent: 'space-between' }}>
        <h2 style={{ margin: 0 }} data-testid="connection-state">{words}</h2>
        <span>{conn.since && <>desde <When at={conn.since} /></>}</span>
      </div>
      <Paused conn={conn} />
      {conn.state === 'key_refused' && (
        <Banner tone={tone} title="O Asaas recusou a chave. Ela pode ter sido desabilitada, vencida ou excluída.">
          <Link to="/app/configuracoes/webhooks/asaas">Substituir chave</Link>
        </Banner>
      )}
    </section>
  );
}

/** The paused queue: what is lost when, and the way out of it, step by step; the steps stay when it is over. */
function Paused({ conn }: { conn: Connection }) {
  const tenant = useTenant();
  const may = useMay('connection:write');
  const queries = useQueryClient();
  const start = useMutation({
    mutationFn: () => body(api.POST('/v1/tenants/{tenant}/connection/webhook/reactivate', { params: { path: { tenant }, header: { ...ifMatch(conn.version), ...once() } } })),
    onSettled: () => queries.invalidateQueries({ queryKey: ['connection', tenant] }),
  });
  const theirs = useLatest(tenant, 'connection.reactivate', start.isError).data ?? undefined; // somebody, or the guardian, was first
  const begun = start.data ?? theirs;
  const operation = useOperation(begun?.id).data ?? begun;
  const running = start.isPending || operation?.state === 'running';
  const paused = conn.state === 'paused';
  if (!paused && !operation && !start.error) return null;
  return (
    <>
      {paused && <Banner tone="danger" alert={!operation} title="Fila pausada no Asaas" testId="paused">
        <span>
          O Asaas parou de enviar avisos{conn.since && ` às ${clock(conn.since)}`}.{' '}
          {conn.lossAt && `Os avisos mais antigos serão apagados em ${Math.max(0, daysBetween(isoDay(new Date()), isoDay(conn.lossAt)))} dias (${day(isoDay(conn.lossAt))}).`}
        </span>
        {may ? <div className="row"><Button variant="filled" data-testid="reactivate" aria-busy={running} onClick={() => !running && start.mutate()}>Reativar com segurança</Button></div> : <span>Seu perfil não permite esta ação. Peça a um Administrador.</span>}
      </Banner>}
      {start.error && !operation && <ErrorBanner error={start.error} retry={() => start.mutate()} />}
      {operation && <Reactivation operation={operation} />}
    </>
  );
}

function Reactivation({ operation }: { operation: Schema['OperationView'] }) {
  const done = operation.state === 'done';
  const ours = operation.state === 'failed' && operation.steps?.length === 1;
  useEffect(() => {
    if (done) announce('Fila reativada.');
  }, [done]);
  return (
    <section className="card stack">
      <h2 style={{ margin: 0 }}>Reativação segura</h2>
      <Steps operation={operation} testId="reactivate" />
      {done && <Banner tone="success" testId="reactivated">Fila reativada. {operation.steps?.map((s) => s.detail).filter(Boolean).join(' · ')}</Banner>}
      {ours && <Banner tone="danger" alert>O problema é do nosso lado; já avisamos a equipe. Reativar agora pausaria de novo.</Banner>}
    </section>
  );
}

/** Every check with its state; looked at anew at most once a minute. */
function Checks({ state }: { state: string }) {
  const tenant = useTenant();
  const may = useMay('connection:write');
  const queries = useQueryClient();
  const checks = useQuery({
    queryKey: ['checks', tenant, state],
    refetchInterval: 15_000,
    queryFn: () => body(api.GET('/v1/tenants/{tenant}/connection/checks', { params: { path: { tenant } } })),
  });
  const run = useMutation({
    mutationFn: () => body(api.POST('/v1/tenants/{tenant}/connection/checks', { params: { path: { tenant } } })),
    onSuccess: (r) => {
      queries.setQueryData(['checks', tenant, state], r);
      announce('Verificação concluída.');
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ['connection', tenant] }),
  });
  const soon = run.error instanceof Failure && run.error.problem.status === 429;
  return (
    <section className="stack">
      <div className="row" style={{ justifyContent: 'space-between' }}>
        <h2 style={{ margin: 0 }}>Verificações</h2>
        {may && <Button loading={run.isPending} onClick={() => run.mutate()} data-testid="check-all">Verificar tudo</Button>}
      </div>
      {soon && <Banner tone="info">Já verificamos há menos de um minuto. Tente de novo em {(run.error as Failure).retryAfter || 60} s.</Banner>}
      {run.error && !soon && <ErrorBanner error={run.error} retry={() => run.mutate()} />}
      <Fetched query={checks}>
        {(c) => (
          <>
            {c.checkedAt && <p className="small muted" style={{ margin: 0 }}>Verificado em <When at={c.checkedAt} />.</p>}
            {c.checks?.length
              ? <DataTable caption="Verificações da conexão" columns={columns} rows={c.checks} id={(row) => row.name} />
              : <Empty action={may && <Button onClick={() => run.mutate()}>Verificar tudo</Button>}>Ainda não verificamos esta conexão.</Empty>}
          </>
        )}
      </Fetched>
    </section>
  );
}
