import { Link } from '@tanstack/react-router';

import { workItemOutcomeWords, workItemStateWords } from '../../lib/object-words';
import { useDecisions } from '../../lib/pending-decisions';
import { wordFor } from '../../lib/words';
import { Badge } from '../../ui/basics';
import type { Item } from './queries';

/** The payment that an item is about, as a link; what is about none shows its reference. */
export function PaymentOf({ item }: { item: Item }) {
  const id = item.asaasId ?? item.subject;
  if (!id.startsWith('pay_')) return <code>{id}</code>;
  return (
    <Link to="/app/faturas/$id" params={{ id }} className="over">
      <code>{id}</code>
    </Link>
  );
}

/** The state of an open item, or what was decided of it and is about to be sent. */
export function OpenBadge({ item }: { item: Item }) {
  const decision = useDecisions().get(item.id);
  if (decision?.state === 'failed') return <Badge tone="danger">Decisão não aceita</Badge>;
  if (decision) return <Badge tone="info">{wordFor(workItemOutcomeWords, decision.answer.outcome)}: enviando</Badge>;
  return <Badge tone="warning">{workItemStateWords.open}</Badge>;
}
