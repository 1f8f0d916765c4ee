import { situations, views } from '../../lib/event-labels';
import { searchTerm } from '../../lib/format';
import { boundsOf } from '../../lib/period';
import type { operations } from '../../lib/schema';
import type { EventSearch } from '../../lib/search';

type Query = NonNullable<operations['listEvents']['parameters']['query']>;

/** The period in force: what was chosen, else all for a search and 30 days without one. */
export const periodOf = (s: EventSearch): string => s.periodo ?? (s.de || s.ate ? 'datas' : s.q ? 'tudo' : '30');

/** The API's filters of an address: those that list and summary share. */
export function filterOf(s: EventSearch): Omit<Query, 'limit' | 'cursor' | 'include' | 'sort'> {
  const view = views[s.visao ?? ''] ?? views.todos;
  const situation = situations[s.situacao ?? ''];
  const { from, to } = boundsOf(periodOf(s), s.de, s.ate);
  const tries = Math.max(Number(s.tentativas) || 0, situation?.tries ?? 0);
  return {
    kind: s.grupo ? [s.grupo as 'payment'] : undefined,
    type: s.tipo ? [s.tipo] : undefined,
    source: view?.source && !s.tipo ? [view.source] : undefined,
    tests: s.tipo ? undefined : view?.tests,
    outcome: (situation?.outcome ?? view?.outcome) as Query['outcome'],
    reason: situation ? situation.reason : view?.reason,
    q: s.q && searchTerm(s.q),
    'tries[gte]': tries > 0 ? tries : undefined,
    'receivedAt[gte]': from,
    'receivedAt[lte]': to,
  };
}
