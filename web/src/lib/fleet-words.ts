import type { Schema } from './api';
import type { WordsOf } from './words';

// What operators read of the fleet.

export type FleetClinic = Schema['FleetClinicView'];

/** What a list of clinics can be narrowed to. */
export const concernWords: Record<string, string> = {
  loss: 'Perdem eventos',
  waiting: 'Eventos esperando',
  dead: 'Eventos parados por erro',
  quarantined: 'Eventos em quarentena',
  alarms: 'Alarmes abertos',
  operations: 'Trabalhos em andamento',
  endpoints: 'Envios com falha',
  mails: 'E-mails não enviados',
  quota: 'Cota do Asaas quase no fim',
};

const operationKinds: Record<string, string> = {
  'connection.test': 'Teste da conexão',
  'connection.reactivate': 'Reativação da fila',
  'connection.reconcile': 'Conferência com o Asaas',
  'connection.setup': 'Configuração do webhook',
  'connection.backfill': 'Importação dos últimos 90 dias',
  export: 'Exportação',
  'events.replay': 'Reprocessamento de eventos',
  'fleet.action': 'Ação em massa',
};

/** What a kind of long work is called; one that we have not met stays as it is. */
export const operationKindName = (kind: string): string => operationKinds[kind] ?? kind;

/** What can be done to many clinics at once. */
export const actionKindWords: WordsOf<'ActionView', 'kind'> = {
  check_connection: 'Verificar a conexão agora',
  reactivate_queue: 'Reativar a fila',
  replay_dead: 'Reprocessar eventos parados',
  repair_webhook: 'Consertar o webhook',
};

/** How far an action on many clinics is. */
export const actionStateWords: WordsOf<'ActionView', 'state'> = {
  preview: 'prévia',
  running: 'em andamento',
  stopped: 'parada',
  done: 'concluída',
  failed: 'falhou',
};

/** What becomes of one clinic of an action. */
export const actionItemStateWords: WordsOf<'ActionItemView', 'state'> = {
  waiting: 'na fila',
  skipped: 'nada a fazer',
  running: 'em andamento',
  done: 'feita',
  failed: 'falhou',
  left: 'não começada',
};

const actionCodes: Record<string, string> = {
  suspended: 'a clínica está suspensa',
  disconnected: 'a clínica não está conectada',
  queue_runs: 'a fila não está pausada',
  nothing_dead: 'não há evento parado',
  conflict: 'o mesmo trabalho já está em andamento',
};

/** Why nothing was done to a clinic; a code of the gateway's stays as it is. */
export const actionCodeText = (code: string): string => actionCodes[code] ?? code;
