import type { Schema } from './api';
import { wordFor, type WordsOf } from './words';

export { wordFor };

// What the values of the contract's enumerations about connected systems are called.

type EntryType = NonNullable<Schema['NewEndpoint']['types']>[number];

export const endpointTypeWords: Record<EntryType, string> = {
  'invoice.updated': 'Faturas',
  'checkout.updated': 'Checkouts',
  'anticipation.updated': 'Antecipações',
  'deadline.opened': 'Prazo novo',
  'deadline.changed': 'Prazo alterado',
  'deadline.closed': 'Prazo encerrado',
  'work_item.opened': 'Pendência nova',
  'work_item.changed': 'Pendência alterada',
  'work_item.closed': 'Pendência encerrada',
  'connection.changed': 'Conexão com o Asaas',
};

export const endpointPayloadWords: WordsOf<'EndpointView', 'payload'> = {
  whole: 'O objeto inteiro',
  thin: 'Só o aviso; o sistema busca o resto pela API',
};

export const endpointStateWords: WordsOf<'EndpointView', 'state'> = { active: 'Recebendo', paused: 'Parado' };

export const endpointReasonWords: WordsOf<'EndpointView', 'reason'> = {
  by_request: 'alguém parou',
  failing: 'não recebe há três dias',
  gone: 'respondeu que não quer mais receber',
  cursor_expired: 'o que faltava passou de 30 dias',
  new_epoch: 'nossos dados foram restaurados; ele deve ler tudo de novo',
};
