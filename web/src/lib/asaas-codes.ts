// What the codes are called that Asaas, or we, may add to at any time, so that the contract
// does not enumerate them. A code that we have not met is shown as it is.

/** What stands against an object until Asaas has been asked (domain/anomaly.go, domain/projection.go). */
export const flagWords: Record<string, string> = {
  transition: 'a situação mudou fora da ordem conhecida',
  name_status: 'o nome do aviso e a situação não combinam',
  amounts: 'os valores não fecham',
  order: 'a ordem dos avisos é duvidosa',
  undated: 'um aviso veio sem data que se possa usar',
  no_snapshot: 'um aviso veio sem a situação',
  bad_field: 'um campo não pôde ser lido',
  unknown_status: 'o Asaas usou uma situação que ainda não conhecemos',
  contradiction: 'o Asaas desmentiu um aviso',
  not_found: 'o Asaas não conhece este objeto',
  near_truth: 'o aviso e a consulta ao Asaas são do mesmo instante',
  not_found_at_asaas: 'o Asaas não conhece esta cobrança',
};

/** Why an event had its outcome (domain/outcome.go). */
export const reasonWords: Record<string, string> = {
  late: 'chegou atrasado; situação mantida',
  view: 'o cliente só olhou',
  same_state: 'já tratado; nada mudou',
  final_state: 'a situação já era final; foi mantida',
  no_snapshot: 'não mostra situação',
  unknown_type: 'tipo de evento que ainda não conhecemos',
  undated: 'sem data que se possa usar',
  truth: 'resposta do Asaas a uma consulta nossa',
  not_found: 'o Asaas não conhece este objeto',
  other_family: 'não é fatura, checkout nem antecipação',
  failed: 'tentativas esgotadas',
  ambiguous: 'conteúdo ambíguo',
  foreign_account: 'veio de outra conta Asaas',
  suspended: 'a clínica está suspensa',
};

/** Asaas's words for the state of a payment, a checkout or an anticipation. */
export const asaasStatusWords: Record<string, string> = {
  PENDING: 'Aguardando',
  RECEIVED: 'Recebida',
  CONFIRMED: 'Confirmada',
  OVERDUE: 'Vencida',
  REFUNDED: 'Estornada',
  RECEIVED_IN_CASH: 'Recebida em dinheiro',
  REFUND_REQUESTED: 'Estorno pedido',
  REFUND_IN_PROGRESS: 'Estorno em andamento',
  CHARGEBACK_REQUESTED: 'Contestação recebida',
  CHARGEBACK_DISPUTE: 'Contestação em disputa',
  AWAITING_CHARGEBACK_REVERSAL: 'Disputa encerrada, aguardando repasse',
  DUNNING_REQUESTED: 'Em negativação',
  DUNNING_RECEIVED: 'Recuperada',
  AWAITING_RISK_ANALYSIS: 'Em análise de risco',
  AUTHORIZED: 'Autorizada',
  ACTIVE: 'Ativo',
  PAID: 'Pago',
  CANCELED: 'Cancelado',
  EXPIRED: 'Vencido',
  SCHEDULED: 'Agendada',
  CREDITED: 'Creditada',
  DEBITED: 'Debitada',
  DENIED: 'Negada',
  CANCELLED: 'Cancelada',
};

/** Asaas's words for the state of a refund. */
export const refundStatusWords: Record<string, string> = {
  PENDING: 'em andamento',
  AWAITING_CRITICAL_ACTION_AUTHORIZATION: 'aguardando a sua autorização no Asaas',
  AWAITING_CUSTOMER_EXTERNAL_AUTHORIZATION: 'aguardando o cliente',
  CANCELLED: 'cancelado; o valor não foi devolvido',
  DONE: 'devolvido',
};

/** Asaas's words for the state of a part that goes to another wallet. */
export const splitStatusWords: Record<string, string> = {
  PENDING: 'Aguardando',
  PROCESSING: 'Em andamento',
  AWAITING_CREDIT: 'A creditar',
  CANCELLED: 'Cancelada',
  DONE: 'Paga',
  REFUNDED: 'Devolvida',
  PROCESSING_REFUND: 'Devolução em andamento',
  BLOCKED_BY_VALUE_DIVERGENCE: 'Bloqueada: os valores não fecham',
};

/** Asaas's words for why a part that was to go to another wallet does not. */
export const splitReasonWords: Record<string, string> = {
  EXTERNAL_AUTHORIZATION_REFUSED: 'recusada na validação por webhook da clínica',
  PAYMENT_SPLIT_VALIDATION_FAILED: 'a validação por webhook da clínica não respondeu',
};

/** How a webhook delivers, as Asaas's panel calls it. */
export const sendTypeWords: Record<string, string> = {
  SEQUENTIALLY: 'Sequencial',
  NON_SEQUENTIALLY: 'Não sequencial',
};

/** How often a subscription is charged. */
export const cycleWords: Record<string, string> = {
  WEEKLY: 'Semanal',
  BIWEEKLY: 'Quinzenal',
  MONTHLY: 'Mensal',
  BIMONTHLY: 'Bimestral',
  QUARTERLY: 'Trimestral',
  SEMIANNUALLY: 'Semestral',
  YEARLY: 'Anual',
};
