import { reasonWords } from './asaas-codes';
import names from './event-names.json';
import type { Tone } from './tone';
import { eventOutcomeWords } from './object-words';
import { wordFor } from './words';

// What Asaas's events are called, and what became of them.

/**
 * Every event with a name of its own, by Asaas's word: the table of api/docs/event_names.go, of which
 * event-names.json is the copy that a test holds to it.
 */
export const eventNames: Record<string, string> = names;

/** What an event is called. A type that we have not met is called an event of Asaas's. */
export const eventName = (type: string): string =>
  type === ownRead
    ? 'Consulta ao Asaas'
    : type === selfCheck
      ? 'Teste do nosso endereço'
      : (eventNames[type] ?? 'Evento do Asaas');

interface EventOutcome {
  outcome: string;
  reason: string | null;
  source: string;
  tries?: number;
}

const outcomeTones: Record<string, Tone> = {
  received: 'info',
  applied: 'success',
  held: 'warning',
  quarantined: 'danger',
  dead: 'danger',
};

const noEffect: Record<string, [string, Tone]> = {
  late: ['Fora de ordem', 'warning'],
  same_state: ['Já tratado', 'neutral'],
  final_state: ['Fora de ordem', 'warning'],
  view: ['Processado', 'success'],
};

/** The state's words and tone. */
export function eventState(e: EventOutcome): [string, Tone] {
  if (e.source === 'api' && e.reason === 'not_found') return ['Asaas respondeu que não conhece', 'danger'];
  if (e.source === 'api') return ['Conferido com o Asaas', 'success'];
  if (e.outcome === 'received' && (e.tries ?? 0) > 0) return ['Falhou', 'warning'];
  const exact = e.outcome === 'no_effect' ? noEffect[e.reason ?? ''] : undefined;
  return exact ?? [wordFor(eventOutcomeWords, e.outcome), outcomeTones[e.outcome] ?? 'neutral'];
}

/** Why an event had this outcome, in words; a code that we have not met stays as it is. */
export const reasonOf = (reason: string | null): string => (reason ? wordFor(reasonWords, reason) : '');

/** The type of the events that stand for our own reads of Asaas. */
export const ownRead = 'TRUTH';

/** The type of the events by which PataPay tests its own webhook address. */
export const selfCheck = 'PATAPAY_SELF_CHECK';

/** A named choice, and the filters of the API that it stands for. */
export interface Narrowed {
  name: string;
  outcome?: string[];
  reason?: string;
  source?: 'webhook' | 'api';
  tests?: 'without' | 'only'; // of the connection: our tries of the door, and the throw-away checkouts
  tries?: number;
}

const untreated = 'unknown_type,other_family,no_snapshot,undated';

/** The saved views. */
export const views: Record<string, Narrowed> = {
  todos: { name: 'Todos', source: 'webhook', tests: 'without' },
  acao: { name: 'Precisa de ação', outcome: ['dead', 'quarantined'] },
  processando: { name: 'Processando', tests: 'without', outcome: ['received', 'held'] },
  duplicados: { name: 'Já tratados', tests: 'without', outcome: ['no_effect'], reason: 'same_state' },
  atrasados: { name: 'Fora de ordem', tests: 'without', outcome: ['no_effect'], reason: 'late,final_state' },
  sem: { name: 'Sem tratamento', tests: 'without', outcome: ['no_effect'], reason: untreated },
  recusados: { name: 'Recusados', outcome: ['quarantined'] },
  consultas: { name: 'Nossas consultas', source: 'api' },
  testes: { name: 'Testes', tests: 'only' },
};

/** What became of an event, to filter by. */
export const situations: Record<string, Narrowed> = {
  recebido: { name: 'Recebido', outcome: ['held'] },
  processando: { name: 'Processando', outcome: ['received'] },
  processado: { name: 'Processado', outcome: ['applied'] },
  duplicado: { name: 'Já tratado', outcome: ['no_effect'], reason: 'same_state' },
  atrasado: { name: 'Fora de ordem', outcome: ['no_effect'], reason: 'late,final_state' },
  falhou: { name: 'Falhou', outcome: ['received'], tries: 1 },
  parado: { name: 'Parado', outcome: ['dead'] },
  sem: { name: 'Sem tratamento', outcome: ['no_effect'], reason: untreated },
  recusado: { name: 'Recusado', outcome: ['quarantined'] },
};

/** The names of narrowed choices, to choose by. */
export const namesOf = (list: Record<string, Narrowed>): Record<string, string> =>
  Object.fromEntries(Object.entries(list).map(([id, v]) => [id, v.name]));
