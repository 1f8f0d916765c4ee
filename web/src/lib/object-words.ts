import type { operations } from './schema';
import type { WordsOf } from './words';

// What the values of objects, events and the ledger are called: the half of the dictionary
// (words.ts) that comes with the pages that show them.

export const invoiceStatusWords: WordsOf<'InvoiceView', 'status'> = {
  pending: 'Aguardando pagamento',
  overdue: 'Vencida',
  authorized: 'Autorizada — falta capturar',
  in_review: 'Em análise de risco',
  confirmed: 'Paga',
  received: 'Recebida',
  received_in_cash: 'Recebida em dinheiro',
  refunding: 'Estorno em andamento',
  refunded: 'Estornada',
  disputed: 'Contestada',
  in_collection: 'Em negativação',
  collected: 'Recuperada',
  removed: 'Removida',
  unknown: 'Situação nova no Asaas',
  not_at_asaas: 'Asaas não conhece este pagamento',
};

export const refusalKindWords: WordsOf<'RefusalView', 'kind'> = {
  capture: 'recusado pelo banco do cartão',
  risk_analysis: 'reprovado na análise de risco do Asaas',
};

export const checkoutStatusWords: WordsOf<'CheckoutView', 'status'> = {
  active: 'Ativo',
  paid: 'Pago',
  canceled: 'Cancelado',
  expired: 'Vencido',
  unknown: 'Situação nova no Asaas',
};

export const anticipationStatusWords: WordsOf<'AnticipationView', 'status'> = {
  pending: 'Em análise',
  scheduled: 'Agendada',
  credited: 'Creditada',
  debited: 'Debitada',
  denied: 'Negada',
  overdue: 'Vencida',
  cancelled: 'Cancelada',
  unknown: 'Situação nova no Asaas',
  not_at_asaas: 'Asaas não conhece esta antecipação',
};

/** Where what we know of an object or an event comes from. */
export const sourceWords: WordsOf<'InvoiceView', 'confirmedBy'> = {
  webhook: 'aviso do Asaas (webhook)',
  api: 'consulta ao Asaas',
};

export const environmentWords: WordsOf<'EventView', 'environment'> = {
  production: 'Produção',
  sandbox: 'Sandbox (testes)',
  unknown: 'Ambiente não informado',
};

export const eventKindWords: WordsOf<'EventView', 'kind'> = {
  payment: 'Cobranças',
  checkout: 'Checkouts',
  anticipation: 'Antecipações',
  other: 'Chaves e outros',
};

export const eventOutcomeWords: WordsOf<'EventView', 'outcome'> = {
  received: 'Processando',
  applied: 'Processado',
  no_effect: 'Sem tratamento',
  held: 'Recebido',
  quarantined: 'Recusado',
  dead: 'Parado',
};

/** What an entry of a timeline says. */
export const timelineWords: WordsOf<'MomentView', 'what'> = {
  received: 'Recebido',
  deduplicated: 'Chegou de novo; já tratado',
  variant: 'Chegou com outro conteúdo; vale o primeiro',
  quarantined: 'Recusado',
  hint: 'Chegou sem o nosso token; conferimos com o Asaas',
  read: 'Conferido com o Asaas',
  read_wanted: 'Será conferido com o Asaas',
  waiting: 'Esperando para ser processado',
  applied: 'Processado',
  no_effect: 'Sem efeito',
  held: 'Guardado até que o objeto chegue',
  dead: 'Parado: as tentativas se esgotaram',
  booked: 'Lançado no extrato',
  changed: 'Situação mudou',
  person: 'Feito por uma pessoa',
};

export const exportKindWords: WordsOf<'ExportView', 'kind'> = {
  invoices: 'Faturas',
  checkouts: 'Checkouts',
  anticipations: 'Antecipações',
  ledger: 'Lançamentos',
  events: 'Eventos',
  statement: 'Extrato',
};

/** What a line of the ledger is about. */
export const bookingKindWords: WordsOf<'BookingView', 'kind'> = {
  payment: 'Fatura',
  anticipation: 'Antecipação',
  opening: 'Saldo inicial',
  statement: 'Lançamento do Asaas',
  work_item: 'Pendência',
};

type Account = NonNullable<NonNullable<operations['getLedgerStatement']['parameters']['query']>['account']>;

export const accountWords: Record<Account, string> = {
  asaas_available: 'saldo no Asaas',
  asaas_blocked: 'saldo bloqueado no Asaas',
  card_receivable: 'cartão a liberar',
  chargeback_hold: 'retido por contestação',
  cash_drawer: 'recebido em dinheiro',
  anticipation_liability: 'antecipações a debitar',
  sales: 'vendas',
  refunds_given: 'estornos',
  gateway_fee: 'taxas do Asaas',
  anticipation_fee: 'taxas de antecipação',
  chargeback_loss: 'contestações perdidas',
  refund_fee_clearing: 'taxas de estorno a acertar',
  chargeback_clearing: 'contestações a acertar',
  suspense: 'a explicar',
  opening_balance: 'saldo inicial',
  bank: 'banco',
  transfer_fee: 'taxas de transferência',
  internal_clearing: 'transferências entre contas',
  split_paid: 'divisões pagas (split)',
};

export const workItemKindWords: WordsOf<'WorkItemView', 'kind'> = {
  unexpected_money: 'Dinheiro sem cobrança conhecida',
  second_payment: 'Segundo pagamento da mesma cobrança',
  cancelled_charge: 'Pagamento de cobrança cancelada',
  deleted_charge: 'Pagamento de cobrança removida',
  amount_differs: 'Valor diferente do esperado',
  conflict: 'O Asaas desmentiu um aviso',
  negative_receivable: 'Recebível abaixo de zero',
  statement_line: 'Lançamento do extrato sem explicação',
  unbooked_money: 'Dinheiro que não foi lançado',
  unclear_discount: 'Desconto: no valor ou na taxa?',
  unexplained_difference: 'Diferença não explicada',
};

export const workItemOutcomeWords: WordsOf<'WorkItemView', 'outcome'> = {
  gone: 'Deixou de existir',
  income: 'É receita da clínica',
  refunded: 'Devolvido pelo Asaas',
  returned: 'Devolvido pelo banco',
  expense: 'É um custo do Asaas',
  explained: 'Está certo como está',
};

export const workItemStateWords: WordsOf<'WorkItemView', 'state'> = { open: 'Aberta', resolved: 'Resolvida' };

export const clinicStateWords: WordsOf<'TenantView', 'state'> = { active: 'Ativa', suspended: 'Suspensa' };

/** Whether a mail says that an incident began or that it is over. */
export const mailPhaseWords: WordsOf<'MailView', 'phase'> = { opened: 'Começou', solved: 'Resolvido' };
