import { money } from './format';

interface StatusSum {
  key: string;
  count: number;
  value: { amountCents: number };
}

/**
 * What a list that is narrowed by state alone comes to, in words behind its count. Nothing where the list is searched by
 * text or counted only in part, or where the sums are of other rows than were counted.
 */
export function statusSum(
  counted: { total: number; capped: boolean },
  sums: StatusSum[] | undefined,
  search: { status?: string; q?: string },
): string {
  if (!sums || search.q || counted.capped) return '';
  const own = sums.filter((s) => !search.status || s.key === search.status);
  const same = own.reduce((n, s) => n + s.count, 0) === counted.total;
  return same && counted.total > 0 ? ` · ${money(own.reduce((n, s) => n + s.value.amountCents, 0))}` : '';
}
