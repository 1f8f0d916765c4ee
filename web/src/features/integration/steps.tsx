import { useEffect, useState, type ReactNode } from 'react';

import { Badge } from '../../ui/basics';
import { useNarrow } from '../../ui/narrow';

export type StepState = 'done' | 'current' | 'later';

const words = { done: 'concluído', current: 'em andamento', later: 'depois' } as const;
const tones = { done: 'success', current: 'info', later: 'neutral' } as const;

/** One step of the set-up, with its state in words. In a narrow window only the current step is open by itself. */
export function Step({
  no,
  of,
  name,
  state,
  children,
}: {
  no: number;
  of: number;
  name: string;
  state: StepState;
  children: ReactNode;
}) {
  const narrow = useNarrow();
  const [chosen, setChosen] = useState<boolean | null>(null);
  useEffect(() => setChosen(null), [state]);
  const open = chosen ?? (narrow ? state === 'current' : state !== 'later');
  return (
    <li className="card stack">
      <h2 className="smaller">
        <button
          type="button"
          className="row"
          aria-expanded={open}
          onClick={() => setChosen(!open)}
          style={{
            font: 'inherit',
            color: 'inherit',
            background: 'none',
            border: 0,
            padding: 0,
            width: '100%',
            justifyContent: 'space-between',
            cursor: 'pointer',
            textAlign: 'left',
          }}
        >
          <span>
            <span className="sr">Passo </span>
            {no}
            <span className="sr"> de {of},</span>
            <span aria-hidden>.</span> {name}
            <span className="sr">,</span>
          </span>
          <Badge tone={tones[state]}>{words[state]}</Badge>
        </button>
      </h2>
      {open && <div className="stack">{children}</div>}
    </li>
  );
}
