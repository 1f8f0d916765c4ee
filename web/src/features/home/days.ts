import type { Glance } from '../../lib/glance';

export interface DayPair {
  day: number; // of the month
  now: number; // centavos
  before: number; // centavos, last month
}

/** Every day of the longer month, so that the axis is a real one. */
export function pairs({ thisMonth, lastMonth }: Glance['received']): DayPair[] {
  const days = Math.max(Number(thisMonth.to.slice(8)), Number(lastMonth.to.slice(8)));
  const of = (month: typeof thisMonth, n: number) =>
    month.days.find((d) => Number(d.day.slice(8)) === n)?.value.amountCents ?? 0;
  return Array.from({ length: days }, (_, i) => ({
    day: i + 1,
    now: of(thisMonth, i + 1),
    before: of(lastMonth, i + 1),
  }));
}
