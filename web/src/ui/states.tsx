import { Button, Skeleton } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import { useEffect, useState, type ReactNode } from 'react';

import { Failure } from '../lib/api';
import { clock } from '../lib/format';
import { Banner, copy } from './basics';

/** Whether `after` milliseconds have gone by since this appeared. */
function useElapsed(after: number): boolean {
  const [later, setLater] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLater(true), after);
    return () => clearTimeout(timer);
  }, [after]);
  return later;
}

/** The place of something that is being fetched: empty at first, then a skeleton, then words. */
export function Loading({ retry }: { retry?: () => void }) {
  const shown = useElapsed(150);
  const slow = useElapsed(8000);
  if (!shown) return <div className="loading" aria-busy />;
  return (
    <div className="stack loading" aria-busy>
      <span className="sr">Carregando…</span>
      <Skeleton height={72} radius={10} />
      <Skeleton height={160} radius={10} />
      {slow && (
        <div className="row">
          <span>Está demorando mais que o normal…</span>
          {retry && <Button onClick={retry}>Tentar de novo</Button>}
        </div>
      )}
    </div>
  );
}

/** Refusals that are no one's fault, in words for people instead of the API's, by their status. */
const ownWords: Record<number, string> = {
  403: 'Seu perfil não permite esta ação. Peça a um Administrador.',
  412: 'Alguém alterou isto agora. Confira o que está na tela e salve de novo.',
};

/** A failure in the reader's words, with what to do about it. */
export function ErrorBanner({ error, retry }: { error: unknown; retry?: () => void }) {
  const failure = error instanceof Failure ? error : null;
  const problem = failure?.problem;
  const denied = problem?.status === 403;
  const own = ownWords[problem?.status ?? 0];
  const text = own ?? failure?.message ?? 'Esta parte da página falhou. Tente de novo.';
  return (
    <Banner tone="danger" alert title={own ? undefined : problem?.title}>
      {(own || text !== problem?.title) && <span>{text}</span>}
      <div className="row">
        {retry && !denied && <Button onClick={retry}>Tentar de novo</Button>}
        {problem?.requestId && problem.status !== 412 && (
          <Button onClick={() => copy(problem.requestId ?? '')}>Copiar código do erro</Button>
        )}
      </div>
    </Banner>
  );
}

/** Says why a list is empty, and offers the next step. */
export function Empty({ children, action }: { children: ReactNode; action?: ReactNode }) {
  return (
    <div
      className="card stack empty"

      data-testid="empty"
    >
      <span>{children}</span>
      {action}
    </div>
  );
}

/** Shows what is fetched in its four states: loading, failed, stale because the last refresh failed, and present. */
export function Fetched<T>({ query, children }: { query: UseQueryResult<T>; children: (data: T) => ReactNode }) {
  const retry = () => void query.refetch();
  if (query.data === undefined)
    return query.error ? <ErrorBanner error={query.error} retry={retry} /> : <Loading retry={retry} />;
  return (
    <>
      {query.error && (
        <div role="status" className="small muted above">
          Dados de {clock(new Date(query.dataUpdatedAt))}. Atualizando…
        </div>
      )}
      {children(query.data)}
    </>
  );
}
