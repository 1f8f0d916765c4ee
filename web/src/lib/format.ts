// How money, dates and numbers read. One formatter a side: the Go one is web/ptbr, and both
// are held to golden.json. Amounts are integer centavos; instants are shown in São Paulo's
// time, dates have no zone.

export interface Money {
  amountCents: number;
  currency: string;
}

const nbsp = '\u00a0';
const minus = '\u2212';

/** "R$ 1.234,56" of integer centavos, with a no-break space and a true minus. */
export function money(cents: number): string {
  const digits = Math.abs(cents).toString().padStart(3, '0');
  return `${cents < 0 ? minus : ''}R$${nbsp}${grouped(digits.slice(0, -2))},${digits.slice(-2)}`;
}

/** Like money, and "—" for an amount that is not known. */
export function amount(value: Money | null | undefined): string {
  return value ? money(value.amountCents) : '—';
}

/** "1.234" */
export function count(n: number): string {
  return (n < 0 ? minus : '') + grouped(Math.abs(n).toString());
}

/** "1 fatura" or "1.234 faturas" */
export const plural = (n: number, one: string, many: string): string => `${count(n)} ${n === 1 ? one : many}`;

/** "1.234 faturas", and "10.000 ou mais faturas" of what was counted to a limit. */
export const countOf = (counted: { total: number; capped: boolean }, one: string, many: string): string =>
  counted.capped ? `${count(counted.total)} ou mais ${many}` : plural(counted.total, one, many);

function grouped(digits: string): string {
  return digits.replace(/\B(?=(\d{3})+$)/g, '.');
}

/** "5,17%" of a share such as 0.0516940. */
export function percent(share: number | string): string {
  return percentage(100 * Number(share));
}

/** "5,17%" of a number that already is in per cent. */
export function percentage(value: number | string): string {
  const n = Number(value);
  return (n < 0 ? minus : '') + Math.abs(n).toFixed(2).replace('.', ',') + '%';
}

const zone = 'America/Sao_Paulo';
const inParts = new Intl.DateTimeFormat('pt-BR', {
  timeZone: zone,
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
});

function parts(instant: string | Date): Record<string, string> {
  return Object.fromEntries(inParts.formatToParts(new Date(instant)).map((p) => [p.type, p.value]));
}

/** "22/11/2026 às 14:05:09" */
export function instant(at: string | Date): string {
  const p = parts(at);
  return `${p.day}/${p.month}/${p.year} às ${p.hour}:${p.minute}:${p.second}`;
}

/** "14:05" */
export function clock(at: string | Date): string {
  const p = parts(at);
  return `${p.hour}:${p.minute}`;
}

/** "22/11/2026" of an instant, in São Paulo. */
export function dayOf(at: string | Date): string {
  const p = parts(at);
  return `${p.day}/${p.month}/${p.year}`;
}

/** "2026-11-22" of an instant, in São Paulo: as the API takes dates. */
export function isoDay(at: string | Date): string {
  const p = parts(at);
  return `${p.year}-${p.month}-${p.day}`;
}

/** "28/02/2026" of a plain date; "—" when there is none. */
export function day(date: string | null | undefined): string {
  return date ? date.slice(0, 10).split('-').reverse().join('/') : '—';
}

/** "há 3 min": how long ago, in the greatest unit; in full what is still to come by this clock, as a simulator's is. */
export function ago(at: string | Date, now: number = Date.now()): string {
  const seconds = Math.round((now - new Date(at).getTime()) / 1000);
  if (seconds < -3600) return instant(at);
  if (seconds < 5) return 'agora';
  if (seconds < 60) return `há ${seconds} s`;
  if (seconds < 3600) return `há ${Math.floor(seconds / 60)} min`;
  if (seconds < 86400) return `há ${Math.floor(seconds / 3600)} h`;
  const days = Math.floor(seconds / 86400);
  return `há ${plural(days, 'dia', 'dias')}`;
}

/** Whole days from one plain date to another. */
export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(to.slice(0, 10)) - Date.parse(from.slice(0, 10))) / 86400000);
}

/** "12 ms", "1,8 s", "2 min 5 s", "3 h 20 min" or "2 dias 3 h" of milliseconds: two units at most. */
export function took(millis: number): string {
  if (millis < 999.5) return `${Math.round(millis)} ms`;
  if (millis < 59_950) return `${(millis / 1000).toFixed(1).replace('.', ',')} s`;
  const seconds = Math.round(millis / 1000);
  if (seconds < 3600) return inTwo(Math.floor(seconds / 60), 'min', seconds % 60, 's');
  const minutes = Math.round(seconds / 60);
  if (minutes < 1440) return inTwo(Math.floor(minutes / 60), 'h', minutes % 60, 'min');
  const hours = Math.round(minutes / 60);
  const days = Math.floor(hours / 24);
  return inTwo(days, days === 1 ? 'dia' : 'dias', hours % 24, 'h');
}

const inTwo = (n: number, unit: string, rest: number, smaller: string): string =>
  rest === 0 ? `${count(n)} ${unit}` : `${count(n)} ${unit} ${rest} ${smaller}`;

const twoDigits = (n: number) => String(n).padStart(2, '0');

/** What is left of a time that runs out: "09:41", and "1 h 05 min" from an hour on. */
export function countdown(seconds: number): string {
  if (seconds < 3600) return `${twoDigits(Math.floor(seconds / 60))}:${twoDigits(seconds % 60)}`;
  return `${Math.floor(seconds / 3600)} h ${twoDigits(Math.floor((seconds % 3600) / 60))} min`;
}

/** CNPJ or CPF with its punctuation; anything else, masked texts too, as it is. */
export function taxId(id: string): string {
  if (/^[0-9A-Z]{12}\d{2}$/.test(id)) return id.replace(/^(..)(...)(...)(....)(..)$/, '$1.$2.$3/$4-$5');
  if (/^\d{11}$/.test(id)) return id.replace(/^(...)(...)(...)(..)$/, '$1.$2.$3-$4');
  return id;
}

/** "CNPJ 12.345.678/0001-90" or "CPF 123.456.789-01". */
export function namedTaxId(id: string): string {
  const text = taxId(id);
  return `${text.includes('/') ? 'CNPJ' : 'CPF'} ${text}`;
}

/** What is said about typed text that is no amount. */
export const moneyFormatHelp = 'Use vírgula para os centavos: 1.234,56.';

/** Centavos of "1234,56", "1.234,56" or "R$ 1.234,56"; null for anything else. */
export function parseMoney(text: string): number | null {
  const bare = text.replace(/^\s*R\$\s*/, '').trim();
  if (!/^(\d+|\d{1,3}(\.\d{3})+)(,\d{1,2})?$/.test(bare)) return null;
  const [whole = '', cents = ''] = bare.replaceAll('.', '').split(',');
  return Number(whole) * 100 + Number(cents.padEnd(2, '0'));
}

/**
 * What people type into a search, in the form that the API reads: "5/1/2026" and "20/12/26" as 05/01/2026 and
 * 20/12/2026, "R$ 129,9" as R$ 129,90. Anything else stays as it was typed.
 */
export function searchTerm(typed: string): string {
  const text = typed.trim();
  const date = /^(\d{1,2})[/.-](\d{1,2})[/.-](\d{2}|\d{4})$/.exec(text);
  if (date) return plainDate(Number(date[1]), Number(date[2]), Number(date[3])) ?? text;
  const [, currency, reais, cents] = /^(r\$\s*)?([\d.]+)(?:,(\d{1,2}))?$/i.exec(text) ?? [];
  if (!reais || (!currency && !cents) || parseMoney(reais) === null) return text;
  return (currency ? 'R$ ' : '') + reais + (cents ? ',' + cents.padEnd(2, '0') : '');
}

/** "05/01/2026" of the parts of a date; undefined when there is no such day. A short year is of this century. */
function plainDate(day: number, month: number, year: number): string | undefined {
  const full = year < 100 ? 2000 + year : year;
  const date = new Date(Date.UTC(full, month - 1, day));
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined;
  return `${twoDigits(day)}/${twoDigits(month)}/${full}`;
}
