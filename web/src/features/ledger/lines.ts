import { isoDay } from '../../lib/format';

// The ledger's bookings as lines of one account, with words for people.

interface Booking {
  id: string;
  at: string | null;
  bookedAt: string;
  kind: string;
  fact: string;
  subject: string;
  legs: { account: string; amount: { amountCents: number } }[] | null;
}

export interface Line {
  id: string;
  at: string;
  words: string;
  subject: string;
  cents: number; // into the account above zero, out of it below
  balance: number; // after the line, centavos
}

const payments: Record<string, string> = {
  recognise: 'Cobrança paga',
  credit: 'Cobrança recebida',
  adjust: 'Ajuste de valor',
  cash: 'Recebida em dinheiro',
  cash_undone: 'Recebimento em dinheiro desfeito',
  refund: 'Estorno',
  hold: 'Contestação aberta',
  won: 'Contestação ganha',
  lost: 'Contestação perdida',
  void: 'Lançamento anulado',
  correct: 'Correção',
  opening: 'Saldo ao conectar',
};
const advances: Record<string, string> = {
  credit: 'Antecipação creditada',
  debit: 'Antecipação debitada',
  adjust: 'Ajuste de antecipação',
  void: 'Lançamento anulado',
  correct: 'Correção',
};

/** What a booking is called. A fact that we have not met is shown by its code. */
export function factWords(kind: string, fact: string): string {
  const [name = ''] = fact.split(':');
  return (kind === 'anticipation' ? advances : payments)[name] ?? fact;
}

/** Lines of account, newest first, from its balance after the newest downwards. */
export function lines(bookings: Booking[], account: string, closing: number): Line[] {
  const rows: Line[] = [];
  let balance = closing;
  for (const b of bookings) {
    const cents = (b.legs ?? []).filter((l) => l.account === account).reduce((n, l) => n + l.amount.amountCents, 0);
    rows.push({
      id: b.id,
      at: b.at ?? b.bookedAt,
      words: factWords(b.kind, b.fact),
      subject: b.subject,
      cents,
      balance,
    });
    balance -= cents;
  }
  return rows;
}

export interface DayFlow {
  day: string; // YYYY-MM-DD, São Paulo
  in: number; // centavos
  out: number; // centavos, above zero
  due?: number; // centavos that are to be released on this day
}

/** In and out by day, oldest first; days without a line are left out. */
export function daysOf(rows: Line[]): DayFlow[] {
  const days = new Map<string, DayFlow>();
  for (const row of rows.toReversed()) {
    const day = isoDay(row.at);
    const flow = days.get(day) ?? { day, in: 0, out: 0 };
    if (row.cents > 0) flow.in += row.cents;
    else flow.out -= row.cents;
    days.set(day, flow);
  }
  return [...days.values()].sort((a, b) => a.day.localeCompare(b.day));
}
