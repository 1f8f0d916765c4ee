import { isoDay } from './format';

// Periods of a list, as addresses name them. Days are São Paulo's, which is three hours
// behind UTC all year.

/** The periods one can choose; "" is the one that a list has without a choice. */
export const periods: Record<string, string> = {
  hoje: 'Hoje',
  '7': '7 dias',
  '30': '30 dias',
  tudo: 'Desde o começo',
  datas: 'Personalizado',
};

export interface Bounds {
  from?: string; // instants, RFC 3339; the ends belong to it
  to?: string;
}

/** The first instant of a day. */
export const dayBegin = (day: string): string => `${day}T03:00:00Z`;

/** The last instant of a day. */
export const dayEnd = (day: string): string => new Date(Date.parse(dayBegin(day)) + 86_399_999).toISOString();

/** A plain date some days from another. */
export const daysFrom = (day: string, n: number): string =>
  new Date(Date.parse(`${day}T12:00:00Z`) + n * 86_400_000).toISOString().slice(0, 10);

/** The bounds of a chosen period. Those that reach to now have no end: what comes next belongs to them. */
export function boundsOf(
  period: string | undefined,
  de: string | undefined,
  ate: string | undefined,
  now: Date = new Date(),
): Bounds {
  const today = isoDay(now);
  switch (period) {
    case 'hoje':
      return { from: dayBegin(today) };
    case '7':
      return { from: dayBegin(daysFrom(today, -6)) };
    case '30':
      return { from: dayBegin(daysFrom(today, -29)) };
    case 'datas':
      return { from: de && dayBegin(de), to: ate && dayEnd(ate) };
    default:
      return {};
  }
}

/** The first and last day of the month that a day is in. */
export function monthOf(day: string): { from: string; to: string } {
  const [year = 0, month = 0] = day.split('-').map(Number);
  return { from: `${day.slice(0, 7)}-01`, to: new Date(Date.UTC(year, month, 0)).toISOString().slice(0, 10) };
}

/** Ranges of days that people ask for by name, as they stand on a day. */
export function namedRanges(today: string): { name: string; from: string; to: string }[] {
  const month = monthOf(today);
  return [
    { name: 'Hoje', from: today, to: today },
    { name: 'Este mês', ...month },
    { name: 'Mês passado', ...monthOf(daysFrom(month.from, -1)) },
    { name: 'Este ano', from: `${today.slice(0, 4)}-01-01`, to: `${today.slice(0, 4)}-12-31` },
  ];
}
