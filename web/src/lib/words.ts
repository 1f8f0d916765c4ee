import type { Schema } from './api';

// What the values of the contract's enumerations are called; this half is what every page
// needs, object-words.ts is the other one. The types come from the contract
// (api/v1/openapi.json), so that a value without a word does not compile, and words.test.ts
// finds an enumeration that has no words at all.

/** The words for every value that an attribute may have. */
export type WordsOf<Name extends keyof Schema, Attribute extends keyof Schema[Name]> = Record<
  Extract<Schema[Name][Attribute], string>,
  string
>;

export const connectionStateWords: WordsOf<'ConnectionView', 'state'> = {
  disconnected: 'Desconectada',
  verifying: 'Verificando…',
  awaiting_first_event: 'Aguardando o primeiro evento',
  active: 'Funcionando',
  attention: 'Atenção',
  paused: 'Fila pausada no Asaas',
  key_refused: 'Chave recusada',
  silent: 'Sem avisos há mais tempo que o normal',
};

export const factorKindWords: WordsOf<'FactorView', 'kind'> = {
  app: 'Aplicativo',
  passkey: 'Chave de acesso',
};

export const checkNameWords: WordsOf<'CheckView', 'name'> = {
  key_accepted: 'Chave aceita',
  key_expiry: 'Validade da chave',
  permissions: 'Permissões',
  ip: 'Endereço (IP)',
  webhook: 'Webhook',
  webhook_enabled: 'Webhook ativado',
  queue: 'Fila',
  penalties: 'Penalizações',
  webhook_settings: 'Configuração do webhook',
  last_event: 'Último evento',
  delay: 'Atraso mediano',
  silence: 'Silêncio',
  processing: 'Nosso processamento',
  commercial_data: 'Dados comerciais',
  withdrawal_validation: 'Aprovação de saques',
};

export const checkStatusWords: WordsOf<'CheckView', 'status'> = {
  ok: 'Em ordem',
  warning: 'Atenção',
  failed: 'Com problema',
  unknown: 'Sem informação',
};

/** Why a queue is probably paused, as a sentence. */
export const pauseCauseWords: WordsOf<'CheckView', 'cause'> = {
  token: 'O token dos avisos não conferia.',
  firewall: 'Um firewall barrou o Asaas.',
  url: 'O endereço dos avisos estava errado.',
  slow: 'Nosso endereço demorou a responder.',
  ours: 'O problema é do nosso lado; já avisamos a equipe.',
  manual: 'Pausada manualmente no Asaas.',
  unreached: 'Nosso endereço não foi alcançado.',
};

/** What became of our webhook at Asaas when the clinic disconnected. */
export const webhookRemovalWords: WordsOf<'RemovalView', 'webhook'> = {
  deleted: 'Webhook excluído no Asaas',
  none: 'Não havia webhook nosso no Asaas',
  unknown: 'O webhook pode ainda estar no Asaas',
};

/** The state of long work and of each of its steps. */
export const operationStateWords: WordsOf<'OperationView', 'state'> = {
  running: 'em andamento',
  done: 'concluído',
  failed: 'falhou',
};

export const roleWords: WordsOf<'UserView', 'role'> = {
  admin: 'Administrador',
  finance: 'Responsável Financeiro',
  reader: 'Leitura',
};

export const userStateWords: WordsOf<'UserView', 'state'> = {
  active: 'Ativo',
  invited: 'Convidado',
  disabled: 'Desativado',
};

export const themeWords: WordsOf<'PreferencesView', 'theme'> = { auto: 'Automático', light: 'Claro', dark: 'Escuro' };

/** What a condition says by its kind alone; conditions.ts has those that name their subject. */
export const conditionWords: WordsOf<'ConditionView', 'kind'> = {
  clinic: 'Clínica suspensa: os avisos são guardados, e não aplicados',
  connection: 'Conexão com o Asaas',
  check: 'Verificação da conexão',
  unchecked: 'Conexão não verificada há pouco: não sabemos se está tudo certo',
  alarm: 'Alarme aberto',
  ledger_unopened: 'O extrato ainda não foi aberto: o saldo não é conhecido',
  balance_difference: 'Seu saldo não confere com o Asaas',
  not_compared: 'Saldo não conferido',
  agenda_unknown: 'A agenda não está atualizada',
  unexplained: 'Diferenças sem explicação na conferência',
  work_item: 'Pendência sobre dinheiro',
  flag: 'Objetos em dúvida',
  unconfirmed: 'Pagamentos ainda não conferidos no Asaas',
  not_at_asaas: 'Pagamentos que o Asaas não conhece',
  dispute: 'Contestações',
  deadline: 'Prazo aberto na agenda',
  events_waiting: 'Avisos esperando para serem processados',
  events_failed: 'Eventos com falha',
};

/** What one does about a condition, as a link or a button says it. */
export const conditionActionWords: WordsOf<'ConditionView', 'action'> = {
  replace_key: 'Substituir a chave',
  edit_key: 'Ajustar a chave',
  allow_ips: 'Liberar nosso endereço',
  ensure_webhook: 'Configurar o webhook',
  reactivate: 'Reativar a fila',
  test: 'Fazer o teste completo',
  confirm_commercial_data: 'Confirmar os dados no Asaas',
  remove_withdrawal_validation: 'Ver como retirar nosso endereço',
  see_events: 'Ver os eventos',
  connect: 'Conectar agora',
  see_health: 'Ver a saúde da conexão',
  compare: 'Conferir agora',
  decide: 'Decidir',
  see_payments: 'Ver os pagamentos',
  answer_dispute: 'Responder no Asaas',
  rotate_token: 'Trocar o token',
  add_balance: 'Deixar saldo no Asaas',
  see_anticipation: 'Ver as antecipações',
  wait: 'Termina sozinho: nada a fazer',
  ask_support: 'Falar com o suporte',
};

/** What waits for somebody and speaks against no number, of more than one. */
export const reminderWords: WordsOf<'ReminderView', 'kind'> = {
  overdue: 'faturas vencidas: cobrar',
  denied: 'antecipações negadas: ver o motivo',
};

/** What is known of the balance against Asaas's. */
export const balanceStateWords: WordsOf<'BalanceCheckView', 'state'> = {
  equal: 'Seu saldo confere com o Asaas',
  different: 'Seu saldo não confere com o Asaas',
  partial: 'Saldo não conferido: o Asaas recusou parte da última conferência',
  stale: 'Saldo não conferido há mais de 36 horas',
  never: 'Saldo ainda não conferido com o Asaas',
};

/** The kinds of alarms (domain/kinds.go), as the clinic reads them. */
export const alarmWords: Record<string, string> = {
  paused: 'Fila pausada no Asaas',
  key_refused: 'Chave recusada pelo Asaas',
  key_ending: 'A chave vence em breve',
  silent: 'Sem avisos há mais tempo que o normal',
  differences: 'Diferenças na conferência com o Asaas',
  failing: 'O Asaas conta falhas seguidas ao nos avisar',
  deliveries_failing: 'Não conseguimos receber avisos do Asaas',
  body_too_large: 'Um aviso grande demais foi recusado',
  card_number: 'Um texto trazia o número completo de um cartão',
  token_missing: 'O webhook está sem o nosso token',
  event_variant: 'O mesmo aviso chegou com dois conteúdos',
  dead_letters: 'Há eventos com falha',
  forged_or_contradicted: 'Um aviso contou de dinheiro que o Asaas desmente',
  received_too_old: 'Há avisos esperando há mais de um minuto',
  self_check: 'Nosso endereço não respondeu ao próprio teste',
  withdrawal_validation: 'O Asaas pede a este endereço que aprove saques',
  commercial_expired: 'Os dados comerciais da conta venceram',
  gateway_shapes: 'O Asaas enviou algo que o PataPay ainda não conhece',
  endpoint_paused: 'O envio a um sistema conectado parou',
  agenda_failing: 'A agenda não pôde ser atualizada',
  quarantine_: 'Avisos recusados por dúvida sobre a conta',
};

/** The word for a value; one that we have not met stays as it is. */
export const wordFor = (words: Record<string, string>, value: string): string => words[value] ?? value;

/** How soon a delivery was answered, where it was not measured: it was ordinary, or the log has lost it. */
export const answerTimeWords: WordsOf<'DeliveryView', 'timing'> = {
  measured: 'em um tempo medido',
  under_100_ms: 'em menos de 100 ms',
  unknown: 'em –',
};
