import { Link } from '@tanstack/react-router';

import type { Schema } from '../lib/api';
import { actionLink } from '../lib/conditions';
import { day, instant, plural } from '../lib/format';
import { deadlineActionWords, deadlineKindWords } from '../lib/object-words';
import type { Tone } from '../lib/tone';
import { wordFor } from '../lib/words';
import { Badge } from './basics';

export type Deadline = Schema['DeadlineView'];

const counted: Deadline['kind'][] = ['card_refused', 'boleto_expiring'];

/** What it is, with the day and the number where one entry counts many. */
export function titleOf(d: Deadline): string {
  const title = wordFor(deadlineKindWords, d.kind);
  if (!counted.includes(d.kind)) return title;
  const many = d.kind === 'card_refused' ? plural(d.count, 'cartão', 'cartões') : plural(d.count, 'boleto', 'boletos');
  return `${title} ${d.subject ? day(d.subject) : ''}: ${many}`;
}

const hour = 3_600_000; // milliseconds

/** How near it is: what is late or due within a day stands out. */
export function toneOf(d: Deadline, now: number): Tone {
  if (d.actor === 'asaas' || d.state === 'closed') return 'neutral';
  if (!d.dueAt) return 'warning';
  return Date.parse(d.dueAt) - now <= 24 * hour ? 'danger' : 'warning';
}

/** Until when, as a day and an hour of São Paulo. */
export function Due({ entry: d }: { entry: Deadline }) {
  if (!d.dueAt) return <span className="muted">Sem prazo informado</span>;
  return (
    <Badge tone={toneOf(d, Date.now())}>
      <time dateTime={d.dueAt}>{instant(d.dueAt)}</time>
    </Badge>
  );
}

/** The one thing to do, as a link to where it is done. */
export function ActionOf({ entry: d }: { entry: Deadline }) {
  if (d.kind === 'work_item_old' && d.subject)
    return (
      <Link to="/app/pendencias/$id" params={{ id: d.subject }}>
        {deadlineActionWords.decide}
      </Link>
    );
  if (d.kind === 'dispute_deadline' || d.kind === 'dispute_documents')
    return (
      <Link to="/app/faturas/$id" params={{ id: d.subject ?? '' }}>
        {d.action === 'wait' ? 'Ver a fatura' : wordFor(deadlineActionWords, d.action)}
      </Link>
    );
  const link = actionLink({ kind: 'deadline', action: d.action });
  const text = wordFor(deadlineActionWords, d.action);
  return link ? <Link {...link}>{text}</Link> : <span className="muted">{text}</span>;
}
