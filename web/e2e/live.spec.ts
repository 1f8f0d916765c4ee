import { connect, expect, newClinic, open, play, ready, test } from './world';

test('a new payment waits behind “Mostrar 1 novo” within three seconds, by the feed and without polling', async ({
  page,
}) => {
  const clinic = await newClinic();
  await connect(clinic);
  await play(clinic, 'pix', { reference: 'orc-antes' });
  const asked: string[] = [];
  page.on('request', (r) => /\/invoices\?/.test(r.url()) && asked.push(r.url()));
  const stream = page.waitForRequest((r) => r.url().endsWith('/feed/stream'));
  await open(page, '/app/faturas', clinic);
  expect(await (await stream).headerValue('authorization')).toMatch(/^Bearer /);
  expect((await stream).url()).not.toContain('eyJ');
  await expect(page.getByTestId('invoice-row')).toHaveCount(1);
  await (await stream).response(); // it flows
  await expect(page.getByTestId('payer')).toBeVisible({ timeout: 30_000 }); // the name, once a worker has read it
  const before = asked.length;
  const row = await page.getByTestId('invoice-row').first().textContent();

  await play(clinic, 'pix', { reference: 'orc-depois' });
  const begun = Date.now();
  await expect(page.getByRole('button', { name: 'Mostrar 1 novo', exact: true })).toBeVisible();
  expect(Date.now() - begun).toBeLessThan(3_000);
  expect(asked.length - before, 'the list was asked only when the feed told').toBeLessThanOrEqual(4);
  expect(await page.getByTestId('invoice-row').count()).toBe(1);
  expect(await page.getByTestId('invoice-row').first().textContent()).toBe(row);
  await expect(page.getByTestId('live-region')).toHaveText('Mostrar 1 novo');
  await page.getByRole('button', { name: 'Mostrar 1 novo' }).click();
  await expect(page.getByTestId('invoice-row')).toHaveCount(2);
  await expect(page.getByTestId('new-rows')).toHaveCount(0);
});

test('what changes on an open page changes in place: the row, the detail and the sums', async ({ page }) => {
  const clinic = await newClinic();
  await connect(clinic);
  const { payments } = await play(clinic, 'boleto_open', { amountCents: 12345, reference: 'orc-boleto' });
  await open(page, '/app/faturas', clinic);
  await expect(page.getByTestId('invoice-state')).toHaveText('Aguardando pagamento');
  await expect(page.getByTestId('kpi-waiting')).toHaveText(/123,45/);
  const headers = { access_token: clinic.account.apiKey, 'Content-Type': 'application/json', 'User-Agent': 'e2e' };
  const cash = { paymentDate: new Date().toISOString().slice(0, 10), value: 123.45 };
  const done = await fetch(`${ready().simulatorUrl}/v3/payments/${payments[0]}/receiveInCash`, {
    method: 'POST',
    headers,
    body: JSON.stringify(cash),
  });
  expect(done.status).toBe(200);
  await expect(page.getByTestId('invoice-state')).toHaveText('Recebida em dinheiro', { timeout: 20_000 });
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
  await expect(page.getByTestId('new-rows')).toHaveText('Mostrar 1 novo', { timeout: 15_000 });
  const stream = page.waitForResponse((r) => r.url().endsWith('/feed/stream') && r.ok(), { timeout: 60_000 });
  await page.unroute('**/feed/stream');
  await stream;
});

test('a place that is no longer kept makes the page read anew', async ({ page }) => {
  const clinic = await newClinic();
  await connect(clinic);
  let gone = 0;
  await page.route('**/feed/stream', (route) =>
    gone++ === 0
      ? route.fulfill({ status: 410, json: { code: 'cursor_expired', title: 'x', status: 410 } })
      : route.continue(),
  );
  const sums: string[] = [];
  page.on('request', (r) => r.url().includes('/invoices/summary') && sums.push(r.url()));
  await open(page, '/app/faturas', clinic);
  await expect.poll(() => gone, { timeout: 20_000 }).toBeGreaterThan(1);
  expect(new Set(sums).size, 'each sum was read twice').toBeLessThan(sums.length);
});
