// The ledger's bookings as lines of one account, with words for people.

interface Booking {
  id: string;
  bookedAt: string;
  effective: string; // YYYY-MM-DD
  kind: string;
  fact: string;
  cycle: number;
  subject: string;
  event: string | null;
  invoice: string | null;
  customerName: string | null;
  balanceAfter: { amountCents: number } | null;
  legs: { account: string; amount: { amountCents: number } }[] | null;
}

/** What put a line right, folded under it. */
export interface Correction {
  id: string;
  bookedAt: string;
  words: string;
  reason: string;
  event: string | null;
  cents: number;
}

export interface Line {
  id: string;
  day: string; // that it belongs to
  words: string;
  subject: string;
  invoice: string | null;
  payer: string | null;
  cents: number; // with its corrections: into the account above zero, out of it below
  balance: number | null; // after the line, centavos; null: lines are left out
  corrections: Correction[];
}

// The words are those of the file that the server makes (tenants/exports/booking.go), so that
// page and file say the same of a line; lines.test.ts compares them.

const factWordsOf: Record<string, string> = {
  recognise: 'Cobrança paga',
  credit: 'Cobrança recebida',
  adjust: 'Ajuste de valor',
  cash: 'Recebida em dinheiro',
  cash_undo: 'Recebimento em dinheiro desfeito',
  refund: 'Estorno',
  chargeback: 'Contestação aberta',
  chargeback_won: 'Contestação ganha',
  chargeback_lost: 'Contestação perdida',
  opening: 'Em aberto no início',
};

const advanceWords: Record<string, string> = {
  credit: 'Antecipação creditada',
  debit: 'Antecipação debitada',
  adjust: 'Ajuste de antecipação',
  opening: 'Em aberto no início',
};

/** Lines of Asaas's statement that no payment explains. */
export const statementWords: Record<string, string> = {
  transfer: 'Transferência',
  transfer_reversal: 'Transferência devolvida',
  transfer_fee: 'Taxa de transferência',
  pix_transaction_debit: 'Pix enviado',
  pix_transaction_debit_refund: 'Pix devolvido',
  pix_transaction_debit_fee: 'Taxa de Pix',
  chargeback: 'Contestação debitada',
  chargeback_reversal: 'Contestação devolvida',
  internal_transfer_debit: 'Transferência entre contas',
  internal_transfer_credit: 'Transferência entre contas',
  payment_custody_block: 'Saldo bloqueado',
  payment_custody_block_reversal: 'Saldo desbloqueado',
  bacen_judicial_lock: 'Bloqueio judicial',
  bacen_judicial_unlock: 'Desbloqueio judicial',
};

const decisionWords: Record<string, string> = {
  income: 'Receita reconhecida',
  refunded: 'Devolvido pelo Asaas',
  returned: 'Devolvido pelo banco',
  expense: 'Custo do Asaas',
};

/** The words of a fact without what stands before it. */
function baseWords(kind: string, name: string, decision: string): string | undefined {
  switch (kind) {
    case 'opening':
      return 'Saldo inicial';
    case 'statement':
      return statementWords[name] ?? 'Lançamento do Asaas';
    case 'work_item':
      return decisionWords[decision];
    case 'anticipation':
      return advanceWords[name];
    default:
      return factWordsOf[name];
  }
}

/** What a booking is called. A fact that we have not met is shown by its code. */
export function factWords(kind: string, fact: string): string {
  const [, corrects, voids, name = '', decision = ''] = /^(correct:)?(void:)?([^:]*):?([^:]*)/.exec(fact) ?? [];
  const words = baseWords(kind, name, decision);
  return words ? `${corrects ? 'Correção: ' : ''}${voids ? 'Anulação: ' : ''}${words}` : fact;
}

interface Place {
  fact: string;
  cycle: number;
}

/** The fact that a booking puts right or takes back, or the booking's own. */
export function baseOf({ fact, cycle }: Place): Place {
  const takenBack = /^void:(.+):(\d+):[0-9a-f]+$/.exec(fact);
  const corrected = /^correct:(.+):(\d+)$/.exec(fact);
  const base = corrected ?? takenBack;
  return base ? baseOf({ fact: base[1]!, cycle: Number(base[2]) }) : { fact, cycle };
}

/** Why a booking puts another one right. */
export function reasonOf(kind: string, fact: string): string {
  if (fact.startsWith('void:')) return 'O Asaas respondeu que isto não aconteceu.';
  if (kind === 'opening') return 'O Asaas passou a informar outro saldo inicial.';
  if (fact.startsWith('correct:void:')) return 'O que chegou depois desfez a anulação, ou mudou o valor dela.';
  return 'O que chegou depois contou outros valores.';
}

const keyOf = (b: Booking, place: Place) => `${b.effective} ${b.subject} ${place.fact} ${place.cycle}`;

/**
 * Lines of an account, in the order of its bookings, newest first. What puts a line of the same day right is folded under
 * it, and the line has the amount of both: each day still ends in its balance.
 */
export function lines(bookings: Booking[], account: string): Line[] {
  const own = new Map<string, Line>();
  const folded: [Booking, Line][] = [];
  const on = (b: Booking) =>
    (b.legs ?? []).filter((l) => l.account === account).reduce((n, l) => n + l.amount.amountCents, 0);
  const isOwn = (b: Booking) => baseOf(b).fact === b.fact;
  for (const b of bookings) if (isOwn(b)) own.set(keyOf(b, b), lineOf(b, on(b)));
  const rows: Line[] = [];
  for (const b of bookings) {
    const base = own.get(keyOf(b, baseOf(b)));
    if (isOwn(b)) rows.push(base!);
    else if (base) folded.push([b, base]);
    else rows.push(lineOf(b, on(b)));
  }
  for (const [b, base] of folded) {
    const words = factWords(b.kind, b.fact);
    base.cents += on(b);
    base.corrections.push({
      id: b.id,
      bookedAt: b.bookedAt,
      words,
      reason: reasonOf(b.kind, b.fact),
      event: b.event,
      cents: on(b),
    });
  }
  let balance = bookings[0]?.balanceAfter?.amountCents;
  for (const row of rows) {
    row.balance = balance ?? null;
    if (balance !== undefined) balance -= row.cents;
  }
  return rows;
}

const lineOf = (b: Booking, cents: number): Line => ({
  id: b.id,
  day: b.effective,
  words: factWords(b.kind, b.fact),
  subject: b.subject,
  invoice: b.invoice,
  payer: b.customerName,
  cents,
  balance: null,
  corrections: [],
});

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
    const day = row.day;
    const flow = days.get(day) ?? { day, in: 0, out: 0 };
    if (row.cents > 0) flow.in += row.cents;
    else flow.out -= row.cents;
    days.set(day, flow);
  }
  return [...days.values()].sort((a, b) => a.day.localeCompare(b.day));
}
