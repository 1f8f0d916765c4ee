import { expect, test } from 'vitest';

import { isLive, listKeyOf, queryKeys, type Change } from './query-keys';

test('a key begins with its name, and with fewer parts it names all that begin with those', () => {
  expect(queryKeys.invoice('ten_1', 'pay_1')).toEqual(['invoice', 'ten_1', 'pay_1']);
  expect(queryKeys.invoice('ten_1')).toEqual(['invoice', 'ten_1']);
  expect(queryKeys.invoice()).toEqual(['invoice']);
});

test('the feed makes details, sums and counts be read again, and neither lists nor what is audited', () => {
  const live = Object.entries(queryKeys)
    .filter(([, key]) => isLive(key()))
    .map(([name]) => name);
  expect(live).toEqual([
    'glance',
    'sums',
    'newRows',
    'invoice',
    'invoiceEvents',
    'disputes',
    'checkout',
    'checkoutInvoices',
    'checkoutEvents',
    'event',
    'eventSummary',
    'relatedEvents',
    'agenda',
  ]);
  expect(isLive(['nobody knows this'])).toBe(false);
});

test('each change that the feed reports has its list', () => {
  const lists: Record<Exclude<Change, `deadline.${string}` | `work_item.${string}` | 'connection.changed'>, unknown> = {
    'invoice.updated': ['invoices'],
    'checkout.updated': ['checkouts'],
    'anticipation.updated': ['anticipations'],
  };
  for (const [change, key] of Object.entries(lists)) expect(listKeyOf(change), change).toEqual(key);
  // The agenda and the work items have no list of their own rows: they are short, and read again.
  const others = ['deadline.opened', 'deadline.changed', 'deadline.closed', 'work_item.opened', 'connection.changed'];
  for (const unknown of ['pet.blessed', 'live', 'still', ...others]) expect(listKeyOf(unknown), unknown).toBeNull();
});
