import type { Tone } from './tone';

// What a connection's states, checks and long work are called.

export const states: Record<string, [string, Tone]> = {
  disconnected: ['Desconectada', 'neutral'],
  verifying: ['Verificando…', 'info'],
  awaiting_first_event: ['Aguardando o primeiro evento', 'info'],
  active: ['Funcionando', 'success'],
  attention: ['Atenção', 'warning'],
  paused: ['Fila pausada no Asaas', 'danger'],
  key_refused: ['Chave recusada', 'danger'],
  silent: ['Sem avisos há mais tempo que o normal', 'warning'],
};

/** A state's words and tone; an unknown one is shown as it is. */
export const stateOf = (state: string): [string, Tone] => states[state] ?? [state, 'neutral'];

/** Whether the clinic's key is stored. */
export const connected = (state: string) => state !== 'disconnected' && state !== 'verifying';

/** Whether events have come, which alone proves that the connection works. */
export const proven = (state: string) => connected(state) && state !== 'awaiting_first_event';

export const checkNames: Record<string, string> = {
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
};

export const checkStates: Record<string, [string, Tone]> = {
  ok: ['Em ordem', 'success'],
  warning: ['Atenção', 'warning'],
  failed: ['Com problema', 'danger'],
  unknown: ['Sem informação', 'neutral'],
};

/** Lines of the webhook's configuration, in the order of Asaas's panel. */
export const lineNames: Record<string, string> = {
  name: 'Nome',
  url: 'URL',
  email: 'E-mail',
  apiVersion: 'Versão da API',
  authToken: 'Token de autenticação',
  interrupted: 'Fila interrompida',
  enabled: 'Webhook ativado',
  sendType: 'Tipo de envio',
  events: 'Eventos',
};

export const stepNames: Record<string, string> = {
  ensure_webhook: 'Configurando os avisos no Asaas',
  create_checkout: 'Abrindo um checkout de teste',
  created_event: 'Esperando o aviso da abertura',
  cancel_checkout: 'Cancelando o checkout de teste',
  canceled_event: 'Esperando o aviso do cancelamento',
  self_check: 'Testando nosso endereço',
  resume_queue: 'Reativando a fila',
  remove_penalties: 'Removendo penalizações',
  receive_backlog: 'Recebendo avisos acumulados',
  check_invoices: 'Conferindo faturas',
};

const after = ', depois de 15 falhas. ';

/** Why a queue is probably paused: the end of one sentence, and another one. */
export const causes: Record<string, string> = {
  token: after + 'O token dos avisos não conferia.',
  firewall: after + 'Um firewall barrou o Asaas.',
  url: after + 'O endereço dos avisos estava errado.',
  slow: after + 'Nosso endereço demorou a responder.',
  ours: after + 'O problema é do nosso lado; já avisamos a equipe.',
  manual: '. Pausada manualmente no Asaas.',
  unreached: after + 'Nosso endereço não foi alcançado.',
};
