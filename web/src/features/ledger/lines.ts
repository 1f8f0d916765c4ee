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
