import { useEffect } from 'react';

import { stepNames } from '../lib/connection-labels';
import type { Operation } from '../lib/operations';
import type { Tone } from '../lib/tone';
import { Badge } from './basics';
import { announce } from './toast';

const marks: Record<string, [string, Tone]> = {
  running: ['em andamento', 'info'],
  done: ['concluído', 'success'],
  failed: ['falhou', 'danger'],
};

/** The steps of long work, each announced once as it begins. */
export function OperationSteps({ operation, testId }: { operation: Operation; testId: string }) {
  const begun = operation.steps?.at(-1)?.name;
  useEffect(() => {
    if (begun) announce(stepNames[begun] ?? begun);
  }, [begun]);
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
