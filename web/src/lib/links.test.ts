import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

import { asaasLink } from './links';

test("only Asaas's own addresses become links", () => {
  for (const good of [
    'https://www.asaas.com/i/1',
    'https://www.asaas.com/000/i/1_a1B2c3D4e5F6g7',
    'https://sandbox.asaas.com/002/b/pdf/1_a1B2c3D4e5F6g7',
    'https://sandbox.asaas.com/checkoutSession/show/1',
    'https://asaas.com/b/pdf/1',
  ])
    expect(asaasLink(good)).toBe(good);
  for (const bad of [
    null,
    '',
    'www.asaas.com/i/1',
    'http://www.asaas.com/i/1',
    'https://asaas.com.evil.example/',
    'https://www.asaas.com@evil.example/',
    'https://a@www.asaas.com/',
    'https://www.asaas.com:8443/',
  ])
    expect(asaasLink(bad)).toBeNull();
});

test('of the hostile corpus nothing becomes a link to anybody else', () => {
  const corpus = JSON.parse(readFileSync(new URL('../../e2e/hostile.json', import.meta.url), 'utf8')) as string[];
  expect(corpus).toHaveLength(200);
  for (const text of corpus) {
    const link = asaasLink(text);
    if (link) expect(new URL(link).hostname).toMatch(/^(www\.|sandbox\.)?asaas\.com$/);
  }
});
