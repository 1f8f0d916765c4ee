import { Button } from '@mantine/core';

import { Badge, When } from '../../ui/basics';
import { ConfirmButton } from '../../ui/confirm';
import { ErrorBanner, Fetched } from '../../ui/states';
import { DataTable, type Column } from '../../ui/table';
import { useEndOtherSessions, useEndSession, useSessions, type OpenSession } from './queries';

const nameOf = (s: OpenSession) => s.browser ?? 'Navegador desconhecido';

/** The person's open sessions; each of the others can be ended. */
export function Sessions() {
  const sessions = useSessions();
  const end = useEndSession();
  const endOthers = useEndOtherSessions();
  const columns: Column<OpenSession>[] = [
    {
      name: 'Navegador',
      cell: (s) => (
        <>
          {nameOf(s)} {s.current && <Badge tone="success">esta sessão</Badge>}
          {s.address && <div className="small muted">{s.address}</div>}
        </>
      ),
    },
    { name: 'Entrou', cell: (s) => <When at={s.createdAt} /> },
    { name: 'Último uso', cell: (s) => <When at={s.lastUsedAt} /> },
    {
      name: 'Ações',
      cell: (s) =>
        !s.current && (
          <Button
            onClick={() => end.mutate(s.id)}
            aria-busy={end.isPending}
            aria-label={`Encerrar a sessão de ${nameOf(s)}`}
          >
            Encerrar
          </Button>
        ),
    },
  ];
  return (
    <section className="card stack" data-testid="sessions">
      <h2>Sessões abertas</h2>
      <p className="small muted">Não reconhece uma delas? Encerre-a e troque a senha.</p>
      <Fetched query={sessions}>
        {(rows) => (
          <>
            <DataTable caption="Sessões abertas" columns={columns} rows={rows} id={(s) => s.id} testId="session-row" />
            {rows.length > 1 && (
              <div className="row">
                <ConfirmButton action="Encerrar as outras sessões" title="Encerrar as outras sessões" work={endOthers}>
                  <p>Quem está nelas precisa entrar de novo. Esta sessão continua.</p>
                </ConfirmButton>
              </div>
            )}
          </>
        )}
      </Fetched>
      {end.error && <ErrorBanner error={end.error} />}
    </section>
  );
}
