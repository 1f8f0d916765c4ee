import { expect, test } from 'vitest';

import type { Endpoint } from './queries';
import { stateOf } from './words';

const endpoint = (parts: Partial<Endpoint>): Endpoint =>
  ({ state: 'active', failures: 0, waiting: 0, succeededAt: '2026-11-29T12:00:00Z', ...parts }) as Endpoint;

test('green is only a system that took all there was, and whose last delivery arrived', () => {
  expect(stateOf(endpoint({}))).toEqual(['Recebendo', 'success']);
  for (const [parts, words] of [
    [{ waiting: 3 }, 'Enviando (3)'],
    [{ failures: 2, waiting: 3 }, 'Falhando (2 em seguida)'],
    [{ succeededAt: null }, 'Ainda nada foi enviado'],
    [{ state: 'paused', reason: 'by_request' }, 'Parado por alguém'],
    [{ state: 'paused', reason: 'new_epoch' }, 'Parado: nossos dados foram restaurados; ele deve ler tudo de novo'],
    [{ state: 'paused', reason: 'gone' }, 'Parado: respondeu que não quer mais receber'],
  ] as const) {
    const [said, tone] = stateOf(endpoint(parts));
    expect(said).toBe(words);
    expect(tone).not.toBe('success');
  }
});
