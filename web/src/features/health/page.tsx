import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';

import { Failure } from '../../lib/api';
import { useClinic, useConnection, useMay, type Connection } from '../../lib/clinic';
import { checkStateOf, stateOf } from '../../lib/connection-labels';
import { instant, plural } from '../../lib/format';
import { session } from '../../lib/session';
import { checkNameWords, wordFor } from '../../lib/words';
import { Badge, Banner, PageHeader, When } from '../../ui/basics';
import { Empty, ErrorBanner, Fetched } from '../../ui/states';
import { DataTable, type Column } from '../../ui/table';
import { Comparisons } from './comparisons';
import { DeliveryStrip } from './delivery-strip';
import { PausedQueueCard } from './paused-queue';
import { useChecks, type Check } from './queries';

const actions: Record<string, string> = {
  replace_key: 'Substituir chave',
  edit_key: 'Editar a chave no Asaas',
  allow_ips: 'Liberar IPs no Asaas',
  ensure_webhook: 'Completar',
  test: 'Fazer teste completo',
  see_events: 'Ver eventos',
};

function Action({ check }: { check: Check }) {
  if (check.status === 'ok' || !check.action || !(check.action in actions)) return null;
  const to = check.action === 'see_events' ? '/app/eventos' : '/app/configuracoes/webhooks/asaas';
  return <Link to={to}>{actions[check.action]}</Link>;
}

/** Replaces the instants inside of a check's text, which are in UTC, by São Paulo's time. */
const local = (text: string) => text.replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, (at) => instant(at));

const columns: Column<Check>[] = [
  {
    name: 'Item',
    cell: (c) => (
      <>
        {wordFor(checkNameWords, c.name)}
        {c.detail && <div className="small muted">{local(c.detail)}</div>}
      </>
    ),
  },
  {
    name: 'Situação',
    cell: (c) => {
      const [words, tone] = checkStateOf(c.status);
      return (
        <span className="nowrap">
          <Badge tone={tone} testId={`check-${c.name}`}>
            {words}
          </Badge>
        </span>
      );
    },
  },
  { name: 'Desde', cell: (c) => <When at={c.since} /> },
  { name: 'Ação', cell: (c) => <Action check={c} /> },
];

/** The state of the connection, since when, what is at risk, and the one thing to do. */
export default function Health() {
  const clinic = useClinic().data;
  const conn = useConnection(5_000);
  return (
    <>
      <PageHeader
        above="Configurações › Webhooks › Asaas › Saúde"
        title="Saúde da conexão"
        clinic={clinic?.name}
        lead="Se os avisos do Asaas (webhook) estão chegando e sendo tratados."
      />
      <Fetched query={conn}>
        {(c) =>
          c.state === 'disconnected' ? (
            <Empty action={<Link to="/app/configuracoes/webhooks/asaas">Conectar agora</Link>}>
              A clínica não está conectada ao Asaas.
            </Empty>
          ) : (
            <Healthy conn={c} />
          )
        }
      </Fetched>
    </>
  );
}

function Healthy({ conn }: { conn: Connection }) {
  const { checks, run } = useChecks(conn.state);
  const cause = checks.data?.checks?.find((c) => c.name === 'queue')?.cause;
  return (
    <div className="stack">
      <State conn={conn} cause={cause} />
      <DeliveryStrip />
      <Checks checks={checks} run={run} />
      <Comparisons version={conn.version} />
      {session.me()?.role === 'admin' && (
        <p className="small">
          Quem recebe e-mail quando algo para é escolhido em{' '}
          <Link to="/app/perfil">Meu perfil › Avisos por e-mail</Link>.
        </p>
      )}
    </div>
  );
}

function State({ conn, cause }: { conn: Connection; cause?: string }) {
  const [words, tone] = stateOf(conn.state);
  return (
    <section className="stack">
      <div className={`card row tone-${tone}`} style={{ justifyContent: 'space-between' }}>
        <h2 data-testid="connection-state">{words}</h2>
        <span>
          {conn.since && (
            <>
              desde <When at={conn.since} />
            </>
          )}
        </span>
      </div>
      <PausedQueueCard conn={conn} cause={cause} />
      {conn.state === 'key_refused' && (
        <Banner tone={tone} title="O Asaas recusou a chave. Ela pode ter sido desabilitada, vencida ou excluída.">
          <Link to="/app/configuracoes/webhooks/asaas">Substituir chave</Link>
        </Banner>
      )}
    </section>
  );
}

/** Every check with its state. They can be made anew once a minute. */
function Checks({ checks, run }: ReturnType<typeof useChecks>) {
  const may = useMay('connection:write');
  const asked = run.variables === 'person'; // a check that the page makes by itself announces nothing
  const soon = asked && run.error instanceof Failure && run.error.problem.status === 429;
  return (
    <section className="stack">
      <div className="row apart">
        <h2>Verificações</h2>
        {may && (
          <Button aria-busy={asked && run.isPending} onClick={() => run.mutate('person')} data-testid="check-all">
            Verificar tudo
          </Button>
        )}
      </div>
      {soon && (
        <Banner tone="info">
          Já verificamos há menos de um minuto. Tente de novo em {(run.error as Failure).retryAfter || 60} s.
        </Banner>
      )}
      {asked && run.error && !soon && <ErrorBanner error={run.error} retry={() => run.mutate('person')} />}
      <Fetched query={checks}>
        {(c) => (
          <>
            {c.checkedAt && (
              <p className="small muted">
                Verificado em <When at={c.checkedAt} />.
              </p>
            )}
            {c.checks?.length ? (
              <CheckTables checks={c.checks} />
            ) : (
              <Empty action={may && <Button onClick={() => run.mutate('person')}>Verificar tudo</Button>}>
                Ainda não verificamos esta conexão.
              </Empty>
            )}
          </>
        )}
      </Fetched>
    </section>
  );
}

/** What is not in order, on top; all that is in order is one line, which opens. */
function CheckTables({ checks }: { checks: Check[] }) {
  const fine = checks.filter((c) => c.status === 'ok');
  const others = checks.filter((c) => c.status !== 'ok').toSorted((a, b) => gravity(a) - gravity(b));
  return (
    <>
      {others.length > 0 && (
        <DataTable caption="Verificações da conexão" columns={columns} rows={others} id={(row) => row.name} />
      )}
      {fine.length > 0 && (
        <details data-testid="checks-in-order">
          <summary className="touch">
            {others.length === 0 ? 'Tudo em ordem: ' : 'Em ordem: '}
            {plural(fine.length, 'verificação', 'verificações')}
          </summary>
          <DataTable caption="Verificações em ordem" columns={columns} rows={fine} id={(row) => row.name} />
        </details>
      )}
    </>
  );
}

const gravity = (c: Check) => ({ danger: 0, warning: 1 })[checkStateOf(c.status)[1] as string] ?? 2;
