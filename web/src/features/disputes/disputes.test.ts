import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

import { deadlineOf } from './deadline';
import { reasonWords, whatToSend } from './reasons';

test('a deadline counts days of the server, is urgent near its end, and is never comforting when it is not known', () => {
  const today = '2026-11-29';
  expect(deadlineOf('2026-12-09', today, false)).toEqual(['Faltam 10 dias, até 09/12/2026', 'warning']);
  expect(deadlineOf('2026-11-30', today, false)).toEqual(['Falta 1 dia, até 30/11/2026', 'danger']);
  expect(deadlineOf('2026-11-29', today, false)).toEqual(['Último dia: responda hoje, 29/11/2026', 'danger']);
  expect(deadlineOf('2026-11-28', today, false)).toEqual(['Prazo encerrado em 28/11/2026', 'neutral']);
  expect(deadlineOf(null, today, false)[1]).toBe('danger');
  expect(deadlineOf('2026-11-30', today, true)[1]).toBe('info');
});

test('a reason is words, and each has what to send; one that we have not met stands as it came', () => {
  expect(reasonWords('ABSENT_CARD_FRAUD')).toMatch(/não fez a compra/);
  expect(reasonWords('BLESSED_REASON')).toBe('BLESSED_REASON');
  expect(reasonWords(null)).toBeNull();
  const known = [...readFileSync('src/features/disputes/reasons.ts', 'utf8').matchAll(/^ {2}([A-Z_]+): \[/gm)].map(
    (m) => m[1]!,
  );
  expect(known).toHaveLength(32); // what Asaas documents
  for (const code of known) {
    expect(reasonWords(code)).not.toMatch(/[A-Z_]{6,}/);
    expect(whatToSend(code)).toMatch(/^Envie/);
  }
});
