import type { Page, Request } from '@playwright/test';

import { clock } from './door';
import { api, calm, connect, expect, newClinic, open, play, ready, test, type Clinic } from './world';

/** Opens the invoices and waits until the feed flows. */
async function openFlowing(page: Page, clinic: Clinic): Promise<Request> {
  const stream = page.waitForResponse((r) => r.url().endsWith('/feed/stream') && r.ok());
  await open(page, '/app/faturas', clinic);
  return (await stream).request();
}

test('a new payment waits behind “Mostrar 1 novo”, by the feed and without polling', async ({ page }) => {
  const clinic = await newClinic();
  await connect(clinic);
  await play(clinic, 'pix', { reference: 'orc-antes' });
  const stream = await openFlowing(page, clinic);
  expect(await stream.headerValue('authorization')).toMatch(/^Bearer /);
  expect(stream.url()).not.toContain('eyJ');
  await expect(page.getByTestId('invoice-row')).toHaveCount(1);
  await expect(page.getByTestId('invoice-state')).toHaveText('Recebida');
  await expect(page.getByTestId('invoice-row'), 'the name of the payer, which is read apart').not.toContainText('cus_');
  // Asaas's confirmation may come at any time, and changes the row in place.
  const rowText = async () =>
    (await page.getByTestId('invoice-row').first().textContent())!.replace(' Ainda não conferida no Asaas', '');
  const row = await rowText();
  const asked: string[] = [];
  page.on('request', (r) => /\/invoices\?/.test(r.url()) && !r.url().includes('fields=') && asked.push(r.url()));
  const newest = async () => (await api(clinic, 'GET', '/feed?limit=0')).newest as number;
  const before = await newest();

  await play(clinic, 'pix', { reference: 'orc-depois' });
  await expect(page.getByRole('button', { name: 'Mostrar 1 novo', exact: true })).toBeVisible();
  await calm(page);
  expect(asked.length, 'the list was asked only when the feed reported a change').toBeLessThanOrEqual(
    (await newest()) - before,
  );
  expect(await page.getByTestId('invoice-row').count()).toBe(1);
  expect(await rowText()).toBe(row);
  await expect(page.getByTestId('live-region')).toHaveText('Mostrar 1 novo');
  await page.getByRole('button', { name: 'Mostrar 1 novo' }).click();
  await expect(page.getByTestId('invoice-row')).toHaveCount(2);
  await expect(page.getByTestId('new-rows')).toHaveCount(0);
});

test('what changes on an open page changes in place: the row, the detail and the sums', async ({ page }) => {
  const clinic = await newClinic();
  await connect(clinic);
  const { payments } = await play(clinic, 'boleto_open', { amountCents: 12345, reference: 'orc-boleto' });
  await openFlowing(page, clinic);
  await expect(page.getByTestId('invoice-state')).toHaveText('Aguardando pagamento');
  await expect(page.getByTestId('kpi-waiting')).toHaveText(/123,45/);
  const headers = { access_token: clinic.account.apiKey, 'Content-Type': 'application/json', 'User-Agent': 'e2e' };
  const cash = { paymentDate: clock().slice(0, 10), value: 123.45 };
  const done = await fetch(`${ready().simulatorUrl}/v3/payments/${payments[0]}/receiveInCash`, {
    method: 'POST',
    headers,
    body: JSON.stringify(cash),
  });
  expect(done.status).toBe(200);
  await expect(page.getByTestId('invoice-state')).toHaveText('Recebida em dinheiro');
  await expect(page.getByTestId('kpi-waiting')).toHaveText(/0,00/);
  await expect(page.getByTestId('kpi-month')).toHaveText(/123,45/);
});

test('a broken stream is made up for by polling, and mended', async ({ page }) => {
  const clinic = await newClinic();
  await connect(clinic);
  await page.route('**/feed/stream', (route) => route.abort());
  await open(page, '/app/faturas', clinic);
  await expect(page.getByTestId('empty')).toBeVisible();
  await play(clinic, 'pix', { reference: 'orc-sem-linha' });
  await expect(page.getByTestId('new-rows')).toHaveText('Mostrar 1 novo');
  const stream = page.waitForResponse((r) => r.url().endsWith('/feed/stream') && r.ok());
  await page.unroute('**/feed/stream');
  await stream;
});

test('a place that is no longer kept makes the page read anew', async ({ page }) => {
  const clinic = await newClinic();
  await connect(clinic);
  const sums: string[] = [];
  page.on('request', (r) => r.url().includes('/invoices/summary') && sums.push(r.url()));
  const read = page.waitForResponse((r) => r.url().includes('/invoices/summary') && r.ok());
  let gone = 0;
  await page.route('**/feed/stream', async (route) => {
    if (gone++ > 0) return route.continue();
    await read; // the page is there, and what it asked for
    await calm(page);
    await route.fulfill({ status: 410, json: { code: 'cursor_expired', title: 'x', status: 410 } });
  });
  await open(page, '/app/faturas', clinic);
  await expect.poll(() => gone).toBeGreaterThan(1);
  const readOnce = () => [...new Set(sums)].filter((url) => sums.filter((other) => other === url).length === 1);
  await expect.poll(readOnce, 'sums that were not read anew').toEqual([]);
});
