import type { Tone } from './tone';
import { checkStatusWords, connectionStateWords, pauseCauseWords, wordFor } from './words';

// What a connection's states, checks and long work are called.

const stateTones: Record<string, Tone> = {
  verifying: 'info',
  awaiting_first_event: 'info',
  active: 'success',
  attention: 'warning',
  paused: 'danger',
  key_refused: 'danger',
  silent: 'warning',
};

/** A state's words and tone; an unknown one is shown as it is. */
export const stateOf = (state: string): [string, Tone] => [
  wordFor(connectionStateWords, state),
  stateTones[state] ?? 'neutral',
];

/** Whether the clinic's key is stored. */
export const connected = (state: string) => state !== 'disconnected' && state !== 'verifying';

/** Whether events have come, which alone proves that the connection works. */
export const proven = (state: string) => connected(state) && state !== 'awaiting_first_event';

/** Whether nothing is known to be wrong with the connection: what is not active is no reason to say that all is well. */
export const well = (state: string) => state === 'active';

const checkTones: Record<string, Tone> = { ok: 'success', warning: 'warning', failed: 'danger' };

/** The words and tone of what a check found. */
export const checkStateOf = (status: string): [string, Tone] => [
  wordFor(checkStatusWords, status),
  checkTones[status] ?? 'neutral',
];

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

/** Why a queue is probably paused: the end of one sentence, and another one. A pause by hand had no failures. */
export function causeOf(cause: string): string {
  const words = wordFor(pauseCauseWords, cause);
  return cause === 'manual' ? `. ${words}` : `, depois de 15 falhas. ${words}`;
}
