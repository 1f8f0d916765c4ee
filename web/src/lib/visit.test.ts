// @vitest-environment node
import { beforeEach, expect, test, vi } from 'vitest';

const kept = new Map<string, string>();
vi.stubGlobal('sessionStorage', {
  getItem: (name: string) => kept.get(name) ?? null,
  setItem: (name: string, value: string) => kept.set(name, value),
  removeItem: (name: string) => kept.delete(name),
});

let subject = 'usr_1';
vi.mock('./session', () => ({ session: { me: () => ({ subject }) } }));

beforeEach(() => {
  vi.useFakeTimers();
  vi.resetModules();
  kept.clear();
  subject = 'usr_1';
});

test('a visit ends by itself after half an hour, and says so', async () => {
  const { visit } = await import('./visit');
  const heard = vi.fn();
  visit.subscribe(heard);
  visit.begin('vis_1', 'ten_1', 'Vida', '  chamado 4711 da clínica ');
  expect(visit.current()).toMatchObject({ tenant: 'ten_1', reason: 'chamado 4711 da clínica' });
  vi.advanceTimersByTime(30 * 60_000 - 1);
  expect(visit.current()).not.toBeNull();
  vi.advanceTimersByTime(1);
  expect(visit.current()).toBeNull();
  expect(heard).toHaveBeenCalledTimes(2);
  expect(kept.size).toBe(0);
});

test('a visit outlives a reload of the page and no change of the person', async () => {
  (await import('./visit')).visit.begin('vis_1', 'ten_1', 'Vida', 'chamado 4711');
  vi.resetModules();
  const { visit } = await import('./visit');
  expect(visit.current()?.tenant).toBe('ten_1');
  subject = 'usr_2';
  expect(visit.current()).toBeNull();
});
