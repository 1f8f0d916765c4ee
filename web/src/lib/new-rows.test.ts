import { expect, test, vi } from 'vitest';

vi.stubGlobal('location', { origin: 'http://patapay.example' }); // the client of the API needs an address
const { newRowCount } = await import('./new-rows');

const rows = (...ids: string[]) => ids.map((id) => ({ id }));

test('rows that stand before the first row on screen are new', () => {
  expect(newRowCount(rows('c', 'b', 'a'), { id: 'a' })).toBe(2);
  expect(newRowCount(rows('a'), { id: 'a' })).toBe(0);
});

test('in a list that was empty every row is new', () => {
  expect(newRowCount(rows('b', 'a'), undefined)).toBe(2);
  expect(newRowCount([], undefined)).toBe(0);
});

test('when the first row on screen is out of reach, all that was read is new', () => {
  expect(newRowCount(rows('z', 'y', 'x'), { id: 'a' })).toBe(3);
});

test('before anything was read nothing is new', () => {
  expect(newRowCount([], { id: 'a' })).toBe(0);
});
