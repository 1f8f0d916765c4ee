import { createHmac } from 'node:crypto';

import type { Locator, Page } from '@playwright/test';

/** What an authenticator app shows for a secret, so many steps of 30 s from now (RFC 6238). */
export function codeOf(secret: string, steps = 0): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = [...secret].map((c) => alphabet.indexOf(c).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g)!.map((b) => parseInt(b, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps));
  const sum = createHmac('sha1', key).update(counter).digest();
  const at = sum[19]! & 15;
  return String((sum.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

/** Sets an authenticator app up in `place`, and returns its secret. The recovery codes are put away unread. */
export async function setUpFactor(page: Page, place: Locator, password: string): Promise<string> {
  await place.getByLabel('Sua senha', { exact: true }).fill(password);
  await place.getByRole('button', { name: 'Continuar' }).click();
  const secret = (await page.getByTestId('value-factor-secret').textContent())!.trim();
  await place.getByLabel('Código que o aplicativo mostra').fill(codeOf(secret));
  await place.getByRole('button', { name: 'Ligar segundo fator' }).click();
  await place.getByRole('button', { name: 'Já guardei' }).click();
  return secret;
}
