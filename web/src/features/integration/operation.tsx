import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';

import { api, body, type Schema } from '../../lib/api';
import { announce } from '../../ui/toast';
import { Badge, type Tone } from '../../ui/basics';
import { stepNames } from '../../lib/connection-labels';

export type Operation = Schema['OperationView'];

/** Long work, looked at twice a second while it runs. */
export function useOperation(id: string | undefined) {
  return useQuery({
    queryKey: ['operation', id],
    enabled: Boolean(id),
    refetchInterval: (q) => (q.state.data && q.state.data.state !== 'running' ? false : 500),
    queryFn: () => body(api.GET('/v1/operations/{id}', { params: { path: { id: id ?? '' } } })),
  });
}

/** The newest operation of a kind, whoever began it: another person, or the guardian; asked for only when wanted. */
export function useLatest(tenant: string, kind: string, wanted: boolean) {
  return useQuery({
    queryKey: ['operations', tenant, kind],
    enabled: wanted,
    queryFn: async () => (await body(api.GET('/v1/tenants/{tenant}/operations', { params: { path: { tenant } } }))).data?.find((o) => o.kind === kind) ?? null,
  });
}

const marks: Record<string, [string, Tone]> = { running: ['em andamento', 'info'], done: ['concluído', 'success'], failed: ['falhou', 'danger'] };

/** The steps of long work, each announced once as it begins. */
export function Steps({ operation, testId }: { operation: Operation; testId: string }) {
  const last = operation.steps?.at(-1);
  useEffect(() => {
    if (last) announce(stepNames[last.name] ?? last.name);
  }, [last?.name]);
  return (
    <ol className="stack" style={{ gap: 8, margin: 0, paddingLeft: 24 }}>
      {operation.steps?.map((step, i) => {
        const [words, tone] = marks[step.state] ?? [step.state, 'neutral' as Tone];
        return (
          <li key={step.name} data-testid={`${testId}-step-${i + 1}`}>
            <span className="row">
              <span>{stepNames[step.name] ?? step.name}</span>
              <Badge tone={tone}>{words}</Badge>
            </span>
            {step.detail && <span className="small muted">{step.detail}</span>}
          </li>
        );
      })}
    </ol>
  );
}
