import type { QueryKey } from '@tanstack/react-query';

import type { Schema } from './api';
import type { InvoiceSearch, ListSearch, EventSearch, WorkSearch } from './search';

// Every key under which an answer of the API is cached. Whoever adds one has to say how its
// answer stays true, because the live feed reads that from here: nothing else lists keys.

/** What the feed says changed. */
export type Change = Schema['EntryView']['type'];

/** How the answer under a key stays true. */
type Freshness =
  | 'live' // the feed makes it be read again: details, sums, counts
  | 'still' // the feed says nothing of it: it has a clock of its own, or a mutation invalidates it
  | Change; // a list of these objects: rows on screen change in place, new ones wait behind a button

interface Definition<Parts extends unknown[]> {
  freshness: Freshness;
  parts?: Parts; // never set: it carries the type of the key's parts
}

const live = <Parts extends unknown[]>(): Definition<Parts> => ({ freshness: 'live' });
const still = <Parts extends unknown[]>(): Definition<Parts> => ({ freshness: 'still' });
const rowsOf = <Parts extends unknown[]>(change: Change): Definition<Parts> => ({ freshness: change });

type Tenant = string;

const definitions = {
  clinic: still<[Tenant]>(),
  connection: still<[Tenant]>(),
  connectionChecks: still<[Tenant, state: string]>(),
  connectionTraffic: still<[Tenant]>(),
  webhookReport: still<[Tenant]>(),
  comparisons: still<[Tenant, operation: string]>(),
  operation: still<[id: string]>(),
  operations: still<[Tenant, kind: string]>(),

  glance: live<[Tenant]>(),
  sums: live<[Tenant, noun: 'invoices' | 'checkouts' | 'anticipations', query: object]>(),
  newRows: live<[Tenant, list: string, filter: unknown, firstId: string]>(),

  invoices: rowsOf<[Tenant, InvoiceSearch]>('invoice.updated'),
  invoice: live<[Tenant, id: string]>(),
  invoiceEvents: live<[Tenant, asaasId: string, version: number]>(),
  paletteSearch: still<[Tenant, text: string]>(),
  payerNames: still<[Tenant, ids: (string | null)[]]>(),

  disputes: live<[Tenant, query: object]>(),

  checkouts: rowsOf<[Tenant, ListSearch]>('checkout.updated'),
  checkout: live<[Tenant, id: string]>(),
  checkoutInvoices: live<[Tenant, asaasId: string, version: number]>(),
  checkoutEvents: live<[Tenant, asaasId: string, version: number]>(),

  anticipations: rowsOf<[Tenant, ListSearch]>('anticipation.updated'),

  events: still<[Tenant, EventSearch]>(), // the feed reports objects, not events; newRows polls for these
  event: live<[Tenant, id: string]>(),
  eventSummary: live<[Tenant, filter: object]>(),
  eventEffect: still<[Tenant, id: string, appliedAt: string | null]>(),
  eventPayload: still<[Tenant, id: string, reveal: boolean]>(), // each read is audited, so none is made unasked
  relatedEvents: live<[Tenant, entity: string | null]>(),

  ledgerEntries: still<[Tenant, query?: object]>(),
  ledgerPeriod: still<[Tenant, query?: object]>(),
  ledgerDifferences: still<[Tenant, query?: object]>(),

  agenda: live<[Tenant, WorkSearch]>(),

  workItems: still<[Tenant, WorkSearch]>(),
  workItem: still<[Tenant, id: string]>(),

  sessions: still<[]>(),
  factors: still<[]>(),
  factorRule: still<[Tenant]>(),
  calendars: still<[]>(),
  users: still<[Tenant, cursor: string]>(),
  serviceTokens: still<[Tenant, cursor: string]>(),
  audit: still<[Tenant, cursor: string]>(),

  fleet: still<[query: object]>(),
  fleetOverview: still<[]>(),
  fleetOperations: still<[state: string]>(),
  fleetActions: still<[id: string]>(),
  fleetAlarms: still<[query: object]>(),
  unclaimed: still<[]>(),
  platformAudit: still<[cursor: string]>(),

  endpoints: still<[Tenant, cursor: string]>(),
  endpoint: still<[Tenant, id: string]>(),
  endpointDeliveries: still<[Tenant, id: string, state: 'all' | 'failed', cursor: string]>(),
};

type Definitions = typeof definitions;

type Keys = {
  [Name in keyof Definitions]: Definitions[Name] extends Definition<infer Parts>
    ? (...parts: Partial<Parts>) => readonly [Name, ...Partial<Parts>]
    : never;
};

/** The keys by name. With fewer parts than it has, a key names all that begin with those. */
export const queryKeys = Object.fromEntries(
  Object.keys(definitions).map((name) => [name, (...parts: unknown[]) => [name, ...parts]]),
) as unknown as Keys;

function freshnessOf(key: QueryKey): Freshness | undefined {
  return definitions[String(key[0]) as keyof Definitions]?.freshness;
}

/** Whether what is cached under key is to be read again when the feed reports a change. */
export const isLive = (key: QueryKey): boolean => freshnessOf(key) === 'live';

/** The key of the lists whose rows are the objects that changed; null for a change that we have not met. */
export function listKeyOf(change: string): QueryKey | null {
  const name = Object.entries(definitions).find(([, definition]) => definition.freshness === change)?.[0];
  return name === undefined || change === 'live' || change === 'still' ? null : [name];
}
