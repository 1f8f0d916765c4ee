import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

import { auditActionWords } from './audit-words';

/** Where the server writes that somebody did something: the first text of such a call, or the field, is the action. */
const written =
  /(?:AuditEntry|entryOf|RecordAccess|precondition|setState)\([^"]*(?:"suspended", |"active", )?"([a-z_.]+)"|\bAction: "([a-z_.]+)"/g;

/** The actions that the server's sources write whole, by where they are; what ends in a dot is put together there. */
function actionsWritten(): string[] {
  const found = new Set<string>();
  for (const folder of ['api', 'cmd', 'jobs', 'tenants'])
    for (const name of readdirSync(join('..', folder), { recursive: true, encoding: 'utf8' })) {
      if (!name.endsWith('.go') || /(_test|\.gen)\.go$/.test(name)) continue;
      const source = readFileSync(join('..', folder, name), 'utf8');
      for (const [, called, field] of source.matchAll(written)) found.add(called ?? field!);
    }
  return [...found].filter((action) => /^[a-z_]+(\.[a-z_]+)+$/.test(action));
}

// “export.create” and fifteen others stood in a clinic's audit as the server calls them.
test('every action of the audit has a word', () => {
  const all = actionsWritten();
  expect(all.length).toBeGreaterThan(30);
  expect(all.filter((action) => !auditActionWords[action])).toEqual([]);
});
