import type { WordsOf } from '../../lib/words';

// What a decision about a work item means. Which ones there are, and what each books, the API tells with the item.

export const outcomeHelp: Record<string, string> = {
  income: 'O valor entra como receita.',
  refunded: 'Você estornou pelo painel do Asaas.',
  returned: 'Você devolveu, ou transferiu, pela conta do banco.',
  expense: 'O valor entra como custo.',
  explained: 'Nada muda nos lançamentos; fica só a explicação.',
};

/** The order in which decisions are offered. */
export const outcomeOrder = Object.keys(outcomeHelp);

/** What each kind of item means, for somebody who does not know the ledger. */
export const kindHelp: WordsOf<'WorkItemView', 'kind'> = {
  unexpected_money:
    'Entrou um pagamento que nenhuma cobrança sua explica. Até a decisão, o valor fica fora das receitas.',
  second_payment:
    'O cliente pagou duas vezes a mesma cobrança. O segundo valor espera que você diga se devolve ou fica.',
  cancelled_charge: 'O cliente pagou uma cobrança que você já tinha cancelado.',
  deleted_charge: 'O cliente pagou uma cobrança que foi removida no Asaas.',
  amount_differs: 'O valor pago é diferente do que o faturamento esperava.',
  conflict: 'Um aviso disse uma coisa e a consulta ao Asaas respondeu outra. Vale a consulta.',
  negative_receivable: 'Saiu mais do cartão a liberar do que tinha entrado.',
  statement_line: 'Há uma linha no extrato do Asaas que nenhuma cobrança explica.',
  unbooked_money: 'O Asaas mostra dinheiro que ainda não está nos lançamentos.',
  unclear_discount: 'Houve um desconto, e o Asaas não diz se ele está no valor ou na taxa.',
  unexplained_difference: 'O Asaas reteve mais do que as taxas da conta explicam.',
};
