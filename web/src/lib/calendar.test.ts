import { readFileSync } from 'node:fs';
import ICAL from 'ical.js';
import { expect, test } from 'vitest';

import { deadlineKindWords } from './object-words';

// The file that the server's own test holds it to, read by a parser that is not the writer's.

const text = readFileSync('../api/calendar/testdata/agenda.ics', 'utf8');

test('a calendar program reads every kind of deadline as a whole day', () => {
  const calendar = new ICAL.Component(ICAL.parse(text));
  const events = calendar.getAllSubcomponents('vevent').map((e) => new ICAL.Event(e));
  expect(events).toHaveLength(Object.keys(deadlineKindWords).length);
  expect(events[0]!.summary).toBe('Contestação: enviar documentos — ver no PataPay');
  expect(new Set(events.map((e) => e.uid)).size).toBe(events.length);
  events.forEach((event, n) => {
    expect(event.startDate.isDate, event.uid).toBe(true);
    expect(event.startDate.toString()).toBe(n === 0 ? '2026-11-30' : `2026-12-${String(n).padStart(2, '0')}`);
    expect(event.duration.days).toBe(1);
    expect(event.summary).toMatch(/ — ver no PataPay$/); // long lines are folded, and read whole
  });
});

test('every line of it is at most 75 bytes and ends as RFC 5545 asks', () => {
  for (const line of text.split('\r\n')) expect(Buffer.byteLength(line), line).toBeLessThanOrEqual(75);
  expect(text.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
});
