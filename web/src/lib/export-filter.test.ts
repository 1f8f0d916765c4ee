import { expect, test } from 'vitest';

import { exportFilter } from './export-filter';

test('a file has the filters of its list and nothing that only says how a page is shown', () => {
  const query = {
    limit: 50,
    cursor: 'abc',
    include: 'count',
    sort: '-dueDate',
    status: ['paid', 'received'],
    q: 'orc',
    'amountCents[gte]': 100,
    customer: undefined,
  };
  expect(exportFilter(query)).toEqual({ status: 'paid,received', q: 'orc', 'amountCents[gte]': '100' });
});
