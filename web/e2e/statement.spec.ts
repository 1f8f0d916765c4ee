import { readFileSync } from 'node:fs';

import { clock } from './door';
import {
  api,
  connect,
  everyWay,
  expect,
  firstCheckDone,
  newClinic,
  open,
  openFilters,
  play,
  processed,
  ready,
  test,
} from './world';

// The statement answers an accountant: what came in a month, net, and whether that equals Asaas.

test('what came in a month, net, and whether it equals Asaas: two clicks from the first page', async ({ page }) => {
  const clinic = await newClinic();
  await connect(clinic);
  await firstCheckDone(clinic); // the ledger is open, and the balance compared
  await play(clinic, 'pix', { amountCents: 12990, reference: 'orc-extrato' });
  await api(clinic, 'POST', '/ledger/match');
  const balance = (await api(clinic, 'GET', '/ledger/balance')).available.amountCents;
  expect(balance).toBe(12791);
  await open(page, '/app', clinic);
  let clicks = 0;
  const click = async (name: string, within = 'Principal') => {
    clicks += 1;
    await page.getByRole('navigation', { name: within }).getByRole('link', { name, exact: true }).click();
  };
  await click('Extrato');
  const month = new Date(clock() + 'Z').toLocaleDateString('pt-BR', { month: 'long', timeZone: 'UTC' }).slice(0, 3);
  await click(`${month} de ${clock().slice(0, 4)}`, 'Período');
  await expect(page.getByRole('link', { name: 'Tudo', exact: true })).not.toHaveAttribute('aria-current');
  expect(clicks).toBeLessThanOrEqual(2);
  await expect(page.getByTestId('period-in')).toHaveText(/^R\$\s127,91$/);
  await expect(page.getByTestId('balance')).toHaveText(/^R\$\s127,91$/);
  await expect(page.getByTestId('compared')).toHaveAttribute('data-tone', 'success');
  await expect(page.getByTestId('compared')).toContainText(/Confere com o Asaas: R\$\s0,00 de diferença/);
  await page.getByRole('button', { name: 'Ver por dia' }).click();
  await expect(page.getByTestId('compared-day')).toContainText('Igual');
  await everyWay(page, 'ledger-month');
});

test('the statement stands by date, narrows by kind, and its file has just those lines', async ({ page }) => {
  const clinic = await newClinic();
  await connect(clinic);
  await firstCheckDone(clinic);
  await play(clinic, 'pix', { amountCents: 5000, reference: 'orc-um' });
  await play(clinic, 'card', { amountCents: 20000, reference: 'orc-dois' });
  await open(page, '/app/extrato', clinic);
  await expect(page.getByTestId('ledger-row')).not.toHaveCount(0);
  const days = await page
    .getByTestId('ledger-row')
    .locator('time')
    .evaluateAll((all) => all.map((e) => e.getAttribute('datetime')!));
  expect(days, 'the newest day first').toEqual([...days].sort().reverse());
  await page.getByTestId('ledger-row').first().getByRole('link').click();
  await expect(page.getByRole('heading', { level: 1, name: /^Fatura/ })).toBeVisible();
  await page.goBack();
  const all = await page.getByTestId('ledger-row').count();
  await openFilters(page);
  await page.getByLabel('Tipo').selectOption('statement');
  await page.keyboard.press('Escape');
  await expect(page).toHaveURL(/tipo=statement/);
  await expect(page.getByText('Nenhum lançamento aqui.')).toBeVisible();
  await page.getByRole('button', { name: /^Tirar filtro: Tipo/ }).click();
  await expect(page.getByTestId('ledger-row')).toHaveCount(all);
  const saved = page.waitForEvent('download');
  await page.getByTestId('export-csv').click();
  const lines = readFileSync((await (await saved).path())!, 'utf8')
    .trim()
    .split('\r\n');
  expect(lines, 'a heading, the balance before, and the lines of the page').toHaveLength(all + 2);
  const balance = (await page.getByTestId('balance').textContent())!.replace(/[^\d,]/g, '');
  expect(lines.at(-1)).toContain(balance);
  const imported = page.waitForEvent('download');
  await page.getByTestId('export-ofx').click();
  expect((await imported).suggestedFilename()).toBe('extrato.ofx');
  const ofx = readFileSync((await (await imported).path())!, 'latin1');
  expect(ofx.match(/<STMTTRN>/g), 'the lines of the page').toHaveLength(all);
  expect(ofx).toContain(`<BALAMT>${balance.replace(',', '.')}\r\n`);
  for (const width of [375, 320]) {
    await page.setViewportSize({ width, height: 900 });
    const places = await page.getByTestId(/^export-/).evaluateAll((all) => all.map((b) => b.getBoundingClientRect().y));
    expect(places, 'the exports on one line of a phone').toEqual([places[0], places[0]]);
  }
});

test('on a phone, where the columns have no heads, what went out of the statement has its minus', async ({ page }) => {
  const clinic = await newClinic();
  await connect(clinic);
  await firstCheckDone(clinic);
  // Given back now: the refund that is played begins two hours ago, and just after midnight that is before the ledger was
  // opened.
  const { payments } = await play(clinic, 'pix', { amountCents: 12990, reference: 'orc-estorno' });
  const refund = await fetch(`${ready().simulatorUrl}/v3/payments/${payments[0]}/refund`, {
    method: 'POST',
    headers: { access_token: clinic.account.apiKey, 'Content-Type': 'application/json', 'User-Agent': 'e2e' },
    body: '{}',
  });
  expect(refund.status, await refund.text()).toBe(200);
  await processed(clinic);
  await page.setViewportSize({ width: 375, height: 900 });
  await open(page, '/app/extrato', clinic);
  const out = page.getByTestId('ledger-row').filter({ hasText: 'Estorno' }).locator('td[data-label="Saída"] > div');
  await expect(out).toHaveText(/^R\$\s[\d,]+$/);
  const before = await out.evaluate((e) => getComputedStyle(e, '::before').content);
  expect(before).toBe('"−"');
});
