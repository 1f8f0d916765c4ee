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

/** The word for a value; one that we have not met stays as it is. */
export const wordFor = (words: Record<string, string>, value: string): string => words[value] ?? value;
