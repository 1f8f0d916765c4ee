import type { Schema } from '../../lib/api';
import { useEventTimeline, type Event } from './queries';
import { changeWords } from './replay-labels';

type Story = Schema['TimelineView'];

/** The status before and after the change with which this event was applied: the last one between its receipt and the mark. Null when the feed no longer has it. */
export function changeOf(
  story: Story,
  receivedAt: string,
  appliedAt: string,
): { before: string | null; after: string | null } | null {
  const changes = story.moments.filter((m) => m.change);
  const at = changes.findLastIndex(
    (m) => Date.parse(m.at) <= Date.parse(appliedAt) && Date.parse(m.at) >= Date.parse(receivedAt),
  );
  if (at < 0) return null;
  return { before: changes[at - 1]?.change?.status ?? null, after: changes[at]!.change?.status ?? null };
}

/** What an event changed of its object's status, as far back as the feed goes. */
export function EffectOn({ event: e }: { event: Event }) {
  const story = useEventTimeline(e);
  const change = story.data && e.appliedAt ? changeOf(story.data, e.receivedAt, e.appliedAt) : null;
  if (!change) return null;
  const same = change.before === change.after;
  return (
    <p style={{ margin: 0 }} data-testid="event-effect">
      {same
        ? 'A situação ficou a mesma; os dados foram atualizados.'
        : changeWords(e.kind, { field: 'Status', before: change.before, after: change.after })}
    </p>
  );
}
