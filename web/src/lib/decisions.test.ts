import { beforeEach, expect, test } from 'vitest';

import type { Schema } from './api';
import { Decisions, undoWindow, type Decision } from './decisions';

// The window before a clock that stands still: a test says when it closes.

const item = { id: 'wki_1', version: 3 } as Schema['WorkItemView'];
const answer = { outcome: 'income', note: 'Consulta paga no balcão.' } as const;

let sent: { decision: Decision; leaving: boolean }[];
let settled: (Schema['WorkItemView'] | null)[];
let close: (() => void) | null;
let refusal: Error | null;
let decisions: Decisions;

beforeEach(() => {
  sent = [];
  settled = [];
  close = refusal = null;
  decisions = new Decisions({
    send: async (decision, leaving) => {
      sent.push({ decision, leaving });
      if (refusal) throw refusal;
      return { ...item, state: 'resolved' };
    },
    settled: (_, done) => settled.push(done),
    after: (milliseconds, then) => {
      expect(milliseconds).toBe(undoWindow);
      close = then;
      return () => (close = null);
    },
  });
});

/** Lets the answers arrive. */
const answered = () => new Promise<void>((done) => setTimeout(done));

test('a decision is sent when its window closes, and not before', async () => {
  decisions.decide(item, answer);
  expect(sent).toEqual([]);
  close!();
  await answered();
  expect(sent.map((s) => [s.decision.answer, s.leaving])).toEqual([[answer, false]]);
  expect(settled.map((w) => w?.state)).toEqual(['resolved']);
  expect(decisions.all().size).toBe(0);
});

test('a decision that is taken back is never sent', async () => {
  decisions.decide(item, answer);
  expect(decisions.undo(item.id)).toBe(true);
  expect(close).toBeNull();
  await decisions.flush(true);
  expect(sent).toEqual([]);
});

test('a page that goes away sends what waits, once', async () => {
  decisions.decide(item, answer);
  const closing = close!;
  await Promise.all([decisions.flush(true), decisions.flush(true)]);
  closing();
  await answered();
  expect(sent.map((s) => s.leaving)).toEqual([true]);
});

test('a decision that was refused stays with its words until it is decided anew or dropped', async () => {
  refusal = new Error('Alguém já resolveu.');
  decisions.decide(item, answer);
  close!();
  await answered();
  expect(decisions.all().get(item.id)).toMatchObject({ state: 'failed', answer, error: refusal });
  expect(settled).toEqual([null]);
  refusal = null;
  decisions.decide({ ...item, version: 4 }, answer);
  close!();
  await answered();
  expect(sent.map((s) => s.decision.item.version)).toEqual([3, 4]);
  expect(new Set(sent.map((s) => s.decision.key)).size).toBe(2);
  expect(decisions.all().size).toBe(0);
});

test('what is under way cannot be taken back', () => {
  decisions.decide(item, answer);
  close!();
  expect(decisions.undo(item.id)).toBe(false);
});
