import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useEffect } from 'react';

import { useMay, type Connection } from '../../lib/clinic';
import { causeOf } from '../../lib/connection-labels';
import { clock, day, daysBetween, isoDay, plural } from '../../lib/format';
import type { Operation } from '../../lib/operations';
import { Banner } from '../../ui/basics';
import { OperationSteps } from '../../ui/operation-steps';
import { ErrorBanner } from '../../ui/states';
import { announce } from '../../ui/toast';
import { useComparisonOf, useReactivate } from './queries';

/** A paused queue: when events will be lost, and its reactivation step by step. The steps stay when it is over. */
export function PausedQueueCard({ conn, cause }: { conn: Connection; cause?: string }) {
  const may = useMay('connection:write');
  const { start, operation } = useReactivate(conn);
  const running = start.isPending || operation?.state === 'running';
  const paused = conn.state === 'paused';
  if (!paused && !operation && !start.error) return null;
  return (
    <>
      {paused && (
        <Banner tone="danger" alert={!operation} title="Fila pausada no Asaas" testId="paused">
          <span>
            O Asaas parou de enviar avisos{conn.since && ` às ${clock(conn.since)}`}
            {cause ? causeOf(cause) : '.'} {conn.lossAt && lossOf(conn.lossAt)}
          </span>
          {may ? (
            <div className="row">
              <Button
                variant="filled"
                data-testid="reactivate"
                aria-busy={running}
                onClick={() => !running && start.mutate()}
              >
                Reativar com segurança
              </Button>
            </div>
          ) : (
            <span>Seu perfil não permite esta ação. Peça a um Administrador.</span>
          )}
        </Banner>
      )}
      {start.error && !operation && <ErrorBanner error={start.error} retry={() => start.mutate()} />}
      {operation && <Reactivation operation={operation} />}
    </>
  );
}

/** Says when Asaas begins to drop what waits. */
function lossOf(lossAt: string): string {
  const left = Math.max(0, daysBetween(isoDay(new Date()), isoDay(lossAt)));
  return `Os avisos mais antigos serão apagados em ${plural(left, 'dia', 'dias')} (${day(isoDay(lossAt))}).`;
}

function Reactivation({ operation }: { operation: Operation }) {
  const done = operation.state === 'done';
  const failed = operation.state === 'failed';
  const ours = failed && operation.steps?.length === 1;
  const denied = failed && operation.code === 'permission_missing';
  useEffect(() => {
    if (done) announce('Fila reativada.');
  }, [done]);
  return (
    <section className="card stack">
      <h2>Reativação segura</h2>
      <OperationSteps operation={operation} testId="reactivate" />
      {done && <ReactivationResult operation={operation} />}
      {ours && (
        <Banner tone="danger" alert>
          O problema é do nosso lado; já avisamos a equipe. Reativar agora pausaria de novo.
        </Banner>
      )}
      {denied && (
        <Banner tone="warning" alert title="A chave não permite reativar">
          <span>
            No Asaas, abra Menu do usuário › Integrações › Webhooks, edite o webhook do PataPay e marque “Fila de
            sincronização ativada”. Depois clique em “Verificar tudo”.
          </span>
        </Banner>
      )}
      {failed && !ours && !denied && (
        <Banner tone="danger" alert>
          {operation.steps?.at(-1)?.detail || 'A reativação parou nesta etapa. Tente de novo em instantes.'}
        </Banner>
      )}
    </section>
  );
}

/** The result of a reactivation: what was received, and what the comparison with Asaas found. */
function ReactivationResult({ operation }: { operation: Operation }) {
  const found = useComparisonOf(operation.id).data;
  const backlog = Number(operation.steps?.find((s) => s.name === 'receive_backlog')?.detail?.match(/\d+/)?.[0] ?? 0);
  const differ = found?.unexplained ?? 0;
  return (
    <Banner tone={differ ? 'warning' : 'success'} testId="reactivated">
      <span>
        Fila reativada. {plural(backlog, 'aviso recebido', 'avisos recebidos')}
        {found && (
          <>
            , {plural(found.repaired, 'fatura atualizada', 'faturas atualizadas')},{' '}
            {differ === 0 ? 'nenhuma diferença' : plural(differ, 'diferença', 'diferenças')}.
          </>
        )}
      </span>
      {differ > 0 && (
        <Link to="/app/configuracoes/webhooks/asaas/saude" hash="conferencias">
          Ver
        </Link>
      )}
    </Banner>
  );
}
