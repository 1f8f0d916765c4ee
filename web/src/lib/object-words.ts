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

/** What must not be missed, by its kind. */
export const deadlineKindWords: WordsOf<'DeadlineView', 'kind'> = {
  dispute_deadline: 'Contestação: enviar documentos',
  dispute_documents: 'Contestação sem prazo informado: enviar documentos',
  events_loss: 'Fila pausada: avisos serão apagados',
  key_expiry: 'A chave do Asaas vence',
  key_unused: 'Chave sem uso: o Asaas a desativa',
  commercial_data: 'Dados comerciais a confirmar',
  advance_uncovered: 'O saldo não cobre o débito da antecipação',
  advance_overdue: 'Antecipação vencida',
  advance_denied: 'Antecipação negada',
  work_item_old: 'Pendência aberta há mais de uma semana',
  card_refused: 'Cartões recusados no dia',
  boleto_expiring: 'Boletos vencendo sem pagamento',
};

/** What one does about an entry of the agenda. */
export const deadlineActionWords: WordsOf<'DeadlineView', 'action'> = {
  answer_dispute: 'Responder no Asaas',
  replace_key: 'Substituir a chave',
  see_health: 'Ver a saúde da conexão',
  confirm_commercial_data: 'Confirmar os dados no Asaas',
  reactivate: 'Reativar a fila',
  add_balance: 'Deixar saldo no Asaas',
  see_anticipation: 'Ver as antecipações',
  see_payments: 'Ver os pagamentos',
  decide: 'Decidir',
  wait: 'Nada a fazer: o Asaas decide',
};

export const deadlineActorWords: WordsOf<'DeadlineView', 'actor'> = { clinic: 'A clínica', asaas: 'O Asaas' };

/** How an entry of the agenda ends, as a sentence. */
export const deadlineEndingWords: WordsOf<'DeadlineView', 'ends'> = {
  documents_sent: 'Termina quando os documentos são enviados.',
  dispute_decided: 'O prazo acabou: termina quando o Asaas decide.',
  key_replaced: 'Termina quando a chave é substituída.',
  key_used: 'Termina quando uma verificação alcança o Asaas.',
  data_confirmed: 'Termina quando os dados são confirmados no Asaas.',
  queue_resumed: 'Termina quando os avisos voltam a chegar.',
  advance_debited: 'Termina quando o Asaas debita o valor.',
  balance_covers: 'Termina quando o saldo cobre o débito ou o cliente paga.',
  advance_taken_again: 'Termina com um novo pedido, com o pagamento ou em uma semana.',
  paid: 'Termina quando tudo é pago ou o tempo passa.',
  item_resolved: 'Termina quando alguém decide.',
};

export const deadlineStateWords: WordsOf<'DeadlineView', 'state'> = { open: 'Em aberto', closed: 'Encerrado' };
