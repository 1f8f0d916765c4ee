import { day, money, plural } from '../../lib/format';
import type { Tone } from '../../lib/tone';
import { balanceStateWords } from '../../lib/words';

interface Day {
  day: string;
  difference: { amountCents: number };
}

/** The days of a period as they were compared with Asaas's statement. */
export interface Compared {
  ledgerFrom: string | null;
  through: string | null; // the last day whose lines were read
  checkedOn: string | null; // the day of the last comparison, São Paulo's
  days: Day[] | null;
}

/**
 * Whether a day differs only because it was not over when it was compared: what moved since then is here and in no statement
 * that was read. A balance that was found equal says that nothing differed until then.
 */
export const awaitsComparison = (d: Day, checkedOn: string | null, balance: keyof typeof balanceStateWords): boolean =>
  d.difference.amountCents !== 0 && balance !== 'different' && checkedOn !== null && d.day >= checkedOn;

/**
 * Whether the days of a period equal Asaas's statement, in words. It is green only when the last comparison is recent and
 * whole and found the balance equal, every line of the period was read, and no day of it differs.
 */
export function comparedState(
  compared: Compared,
  balance: keyof typeof balanceStateWords,
  period: { from?: string; to: string },
): [words: string, tone: Tone] {
  const { ledgerFrom, through, checkedOn } = compared;
  const moved = compared.days ?? [];
  const awaiting = moved.filter((d) => awaitsComparison(d, checkedOn, balance));
  const differing = moved.filter((d) => d.difference.amountCents !== 0 && !awaiting.includes(d));
  if (differing.length > 0) {
    const sum = differing.reduce((n, d) => n + d.difference.amountCents, 0);
    const many = plural(differing.length, 'dia difere', 'dias diferem');
    return [`Não confere com o Asaas: ${many}, ${money(sum)} de diferença`, 'danger'];
  }
  if (ledgerFrom === null || through === null) return [balanceStateWords.never, 'neutral'];
  if (period.to < ledgerFrom)
    return [`O extrato começou em ${day(ledgerFrom)}: antes disso não há o que conferir`, 'neutral'];
  if (balance !== 'equal') return [balanceStateWords[balance], balance === 'different' ? 'danger' : 'warning'];
  if (awaiting.length > 0) return ['Conferia com o Asaas; o que veio depois ainda não foi conferido', 'neutral'];
  const since = period.from === undefined || period.from >= ledgerFrom ? '' : `, desde ${day(ledgerFrom)}`;
  const days = moved.length
    ? ` em ${plural(moved.length, 'dia com movimento', 'dias com movimento')}`
    : ', sem movimento';
  const what = `R$ 0,00 de diferença${days}${since}`;
  if (through < period.to) return [`Confere com o Asaas até ${day(through)}: ${what}`, 'neutral'];
  return [`Confere com o Asaas: ${what}`, 'success'];
}
