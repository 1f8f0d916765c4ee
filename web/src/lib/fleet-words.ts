import type { Schema } from './api';

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
};

const operationKinds: Record<string, string> = {
  'connection.test': 'Teste da conexão',
  'connection.reactivate': 'Reativação da fila',
  'connection.reconcile': 'Conferência com o Asaas',
  'connection.setup': 'Configuração do webhook',
  'connection.backfill': 'Importação dos últimos 90 dias',
  export: 'Exportação',
  'events.replay': 'Reprocessamento de eventos',
};

/** What a kind of long work is called; one that we have not met stays as it is. */
export const operationKindName = (kind: string): string => operationKinds[kind] ?? kind;
