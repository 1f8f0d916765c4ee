import { expect, test } from 'vitest';

import { statusSum } from './status-sum';

const sums = [
  { key: 'paid', count: 2, value: { amountCents: 30000 } },
  { key: 'active', count: 1, value: { amountCents: 500 } },
];
const counted = (total: number, capped = false) => ({ total, capped });

test('a sum stands beside the count of the same rows, and of no others', () => {
  expect(statusSum(counted(3), sums, {})).toMatch(/R\$\s305,00$/);
  expect(statusSum(counted(2), sums, { status: 'paid' })).toMatch(/R\$\s300,00$/);
  expect(statusSum(counted(4), sums, {}), 'a row came between the two reads').toBe('');
  expect(statusSum(counted(10_000, true), sums, {}), 'counted in part').toBe('');
  expect(statusSum(counted(0), [], {}), 'no row').toBe('');
  expect(statusSum(counted(3), undefined, {}), 'not known yet').toBe('');
});
