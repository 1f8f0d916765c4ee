// Labels of work items, which are questions about money that nobody explained, and of the answers to them.

export const kindNames: Record<string, string> = {
  unexpected_money: 'Dinheiro sem cobrança conhecida',
  second_payment: 'Segundo pagamento da mesma cobrança',
  cancelled_charge: 'Pagamento de cobrança cancelada',
  deleted_charge: 'Pagamento de cobrança removida',
  amount_differs: 'Valor diferente do esperado',
  conflict: 'O Asaas desmentiu um aviso',
  negative_receivable: 'Recebível abaixo de zero',
  statement_line: 'Lançamento do extrato sem explicação',
};

export const outcomeNames: Record<string, string> = {
  gone: 'Deixou de existir',
  income: 'É receita da clínica',
  refunded: 'Devolvido pelo Asaas',
  returned: 'Devolvido pelo banco',
  expense: 'É um custo do Asaas',
  explained: 'Está certo como está',
};

/** Only money in suspense is moved by a decision; any other item is explained. */
const onlyExplained = ['conflict', 'negative_receivable', 'deleted_charge'];

export const outcomesOf = (kind: string): string[] =>
  onlyExplained.includes(kind) ? ['explained'] : ['income', 'refunded', 'returned', 'expense', 'explained'];

export const outcomeHelp: Record<string, string> = {
  income: 'O valor entra como receita.',
  refunded: 'Você estornou pelo painel do Asaas.',
  returned: 'Você devolveu, ou transferiu, pela conta do banco.',
  expense: 'O valor entra como custo.',
  explained: 'Nada muda nos lançamentos; fica só a explicação.',
};
