import { workItemOutcomeWords } from '../lib/object-words';
import { decisions, useDecisions, useSendingOnLeave } from '../lib/pending-decisions';
import { wordFor } from '../lib/words';
import { toast } from './toast';

/** What was decided and can still be taken back, on every page; the shell renders it once. */
export function UndoBar() {
  useSendingOnLeave(toast);
  const waiting = [...useDecisions().values()].filter((d) => d.state === 'waiting').at(-1);
  if (!waiting) return null;
  return (
    <div className="toast undo" role="status" data-testid="undo-bar">
      <span>Pendência: {wordFor(workItemOutcomeWords, waiting.answer.outcome)}. Enviamos em 10 segundos.</span>
      <button type="button" onClick={() => decisions.undo(waiting.item.id)}>
        Desfazer
      </button>
    </div>
  );
}
