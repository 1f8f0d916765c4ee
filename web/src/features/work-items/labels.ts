// The answers that a work item may have. A work item is a question about money without an explanation.

/** Only money in suspense is moved by a decision; any other item is explained. */
const onlyExplained = [
  'conflict',
  'negative_receivable',
  'deleted_charge',
  'unbooked_money',
  'unclear_discount',
  'unexplained_difference',
];

export const outcomesOf = (kind: string): string[] =>
  onlyExplained.includes(kind) ? ['explained'] : ['income', 'refunded', 'returned', 'expense', 'explained'];

export const outcomeHelp: Record<string, string> = {
  income: 'O valor entra como receita.',
  refunded: 'Você estornou pelo painel do Asaas.',
  returned: 'Você devolveu, ou transferiu, pela conta do banco.',
  expense: 'O valor entra como custo.',
  explained: 'Nada muda nos lançamentos; fica só a explicação.',
};
