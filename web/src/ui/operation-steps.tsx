import { useEffect } from 'react';

import { stepNames } from '../lib/connection-labels';
import type { Operation } from '../lib/operations';
import type { Tone } from '../lib/tone';
import { operationStateWords, wordFor } from '../lib/words';
import { Badge } from './basics';
import { announce } from './toast';

const tones: Record<string, Tone> = { running: 'info', done: 'success', failed: 'danger' };

/** The steps of long work, each announced once as it begins. */
export function OperationSteps({ operation, testId }: { operation: Operation; testId: string }) {
  const begun = operation.steps?.at(-1)?.name;
  useEffect(() => {
    if (begun) announce(stepNames[begun] ?? begun);
  }, [begun]);
  return (
    <ol className="stack tight">
      {operation.steps?.map((step, i) => (
        <li key={step.name} data-testid={`${testId}-step-${i + 1}`}>
          <span className="row">
            <span>{stepNames[step.name] ?? step.name}</span>
            <Badge tone={tones[step.state] ?? 'neutral'}>{wordFor(operationStateWords, step.state)}</Badge>
          </span>
          {step.detail && <span className="small muted">{step.detail}</span>}
        </li>
      ))}
    </ol>
  );
}
