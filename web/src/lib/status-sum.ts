import { money } from './format';

interface StatusSum {
  key: string;
  count: number;
  value: { amountCents: number };
}

/**
 * What a list that is narrowed by state comes to, in words behind its count. Nothing where the list is counted only in
 * part, or where the sums are of other rows than were counted; `sums` are by state, of what is searched for.
 */
export function statusSum(
  counted: { total: number; capped: boolean },
  sums: StatusSum[] | undefined,
  search: { status?: string },
): string {
  if (!sums || counted.capped) return '';
  const own = sums.filter((s) => !search.status || s.key === search.status);
  const same = own.reduce((n, s) => n + s.count, 0) === counted.total;
  return same && counted.total > 0 ? ` · ${money(own.reduce((n, s) => n + s.value.amountCents, 0))}` : '';
}
