import type { Schema } from '../../lib/api';
import { useEventTimeline, type Event } from './queries';
import { changeWords } from './replay-labels';

type Timeline = Schema['TimelineView'];

/**
 * The status before and after the change that applied this event, which is the last change between its receipt and the
 * end of its processing. Null when the feed no longer has it.
 */
export function changeOf(
  timeline: Timeline,
  receivedAt: string,
  appliedAt: string,
): { before: string | null; after: string | null } | null {
  const changes = timeline.moments.filter((m) => m.change);
  const at = changes.findLastIndex(
    (m) => Date.parse(m.at) <= Date.parse(appliedAt) && Date.parse(m.at) >= Date.parse(receivedAt),
  );
  if (at < 0) return null;
  return { before: changes[at - 1]?.change?.status ?? null, after: changes[at]!.change?.status ?? null };
}

/** Says how an event changed the status of its object, as far back as the feed goes. */
export function StatusChange({ event: e }: { event: Event }) {
  const timeline = useEventTimeline(e);
  const change = timeline.data && e.appliedAt ? changeOf(timeline.data, e.receivedAt, e.appliedAt) : null;
  if (!change) return null;
  const same = change.before === change.after;
  return (
    <p data-testid="event-effect">
      {same
        ? 'A situação ficou a mesma; os dados foram atualizados.'
        : changeWords(e.kind, { field: 'Status', before: change.before, after: change.after })}
    </p>
  );
}
