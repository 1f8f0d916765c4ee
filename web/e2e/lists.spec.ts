import { readFileSync } from 'node:fs';

import {
  everyWay,
  expect,
  newClinic,
  connect,
  firstCheckDone,
  open,
  openFilters,
  order,
  pause,
  play,
  ready,
  test,
} from './world';

test('a clinic that is not connected sees one card, which leads to the key', async ({ page }) => {
  await open(page, '/app', await newClinic());
  await expect(page.getByTestId('connect-card')).toBeVisible();
  await expect(page.getByText('Precisa de atenção')).toHaveCount(0);
  await everyWay(page, 'home-disconnected');
  await page.getByRole('link', { name: 'Conectar agora' }).click();
  await expect(page.getByTestId('api-key')).toBeVisible();
});

test('payments become rows, details, events and a statement that adds up', async ({ page }) => {
  const clinic = await newClinic();
  await connect(clinic);
  await play(clinic, 'pix', { amountCents: 123456, reference: 'orc-pix' });
  await play(clinic, 'boleto_late', { amountCents: 31000, reference: 'orc-atrasado' });
  await play(clinic, 'refund_partial', { amountCents: 10000, reference: 'orc-estorno' });
  await play(clinic, 'checkout_paid');
  await play(clinic, 'anticipation_credited');

  await open(page, '/app', clinic);
  await expect(page.getByTestId('kpi-available')).toHaveText(/^R\$/);
  await everyWay(page, 'home');
  const balance = await page.getByTestId('kpi-available').textContent();

  await page.getByRole('navigation', { name: 'Principal' }).getByRole('link', { name: 'Faturas' }).click();
  await expect(page.getByTestId('invoice-row').filter({ hasText: 'orc-pix' })).toContainText('R$ 1.234,56');
  await everyWay(page, 'invoices');
  const first = await page.getByTestId('invoice-row').first().boundingBox();
  expect(first!.y, 'the first row stands above the fold').toBeLessThanOrEqual(300);
  await expect(page.getByTestId('filtered-sum')).toContainText(/^\d faturas · R\$.* · líquido R\$/);
  await page.getByRole('button', { name: 'Valor' }).click();
  await expect(page.getByRole('columnheader', { name: 'Valor' })).toHaveAttribute('aria-sort', 'descending');
  await expect(page.getByTestId('invoice-row').first()).toContainText('orc-pix');
  await page.getByTestId('invoice-row').first().getByRole('link').first().focus();
  await page.keyboard.press('ArrowDown');
  await expect(page.getByTestId('invoice-row').nth(1).getByRole('link').first()).toBeFocused();
  await openFilters(page);
  await page.getByLabel('Situação', { exact: true }).selectOption('received');
  await expect(page).toHaveURL(/status=received/);
  await page.reload();
  await expect(page.getByRole('button', { name: 'Tirar filtro: Situação: Recebida' })).toBeVisible();
  await openFilters(page);
  await page.getByLabel('Valor de').fill('1,234.56');
  await page.getByLabel('Valor de').blur();
  await expect(page.getByText('Use vírgula para os centavos: 1.234,56.')).toBeVisible();
  await page.getByLabel('Valor de').fill('1.234,56');
  await page.getByLabel('Valor de').blur();
  await expect(page.getByTestId('invoice-row')).toHaveCount(1);
  await page.keyboard.press('Escape');
  const rows = page.waitForEvent('download');
  await page.getByTestId('export-csv').click();
  const text = readFileSync((await (await rows).path())!, 'utf8');
  expect(text.trim().split('\r\n'), 'a heading and the one row of the filter').toHaveLength(2);
  expect(text).toContain('1234,56');

  await page.getByTestId('invoice-row').getByRole('link').first().click();
  await expect(page.getByTestId('invoice-state')).toHaveText('Recebida');
  await expect(page.getByTestId('sum-box')).toContainText(
    /Valor brutoR\$\s1\.234,56− Taxa do AsaasR\$\s1,99= LíquidoR\$\s1\.232,57/,
  );
  await page.getByTestId('reconcile').click();
  await expect(page.getByText(/Conferido às \d\d:\d\d: igual\./).first()).toBeVisible();
  await everyWay(page, 'invoice');
  await page.goBack();
  await expect(page).toHaveURL(/valorDe=/);

  await page.keyboard.press('Control+k');
  await page.getByLabel('Ir para').fill('orc-atrasado');
  await expect(page.getByText('Cliente: suas faturas')).toBeVisible();
  await page.getByRole('button', { name: /^orc-atrasado/ }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Fatura orc-atrasado' })).toBeVisible();

  await page.goto(ready().url + '/app/checkouts');
  await expect(page.getByTestId('checkout-row').first()).toBeVisible();
  await expect(page.getByText(/^\d checkouts? · R\$\s/)).toBeVisible();
  await everyWay(page, 'checkouts');
  await page.getByTestId('checkout-row').getByRole('link').first().click();
  await expect(page.getByRole('heading', { name: 'Itens', exact: true })).toBeVisible();
  await everyWay(page, 'checkout');

  await page.goto(ready().url + '/app/antecipacoes');
  await expect(page.getByTestId('antic-cost').first()).toContainText('a.m.');
  await expect(page.getByText(/^\d antecipaç(ão|ões) · R\$\s/)).toBeVisible();
  await everyWay(page, 'anticipations');

  await page.goto(ready().url + '/app/extrato');
  await expect(page.getByTestId('balance')).toBeVisible();
  await expect(page.getByTestId('period-opening')).toHaveText(/^R\$\s0,00$/);
  await everyWay(page, 'ledger');
  const file = page.waitForEvent('download');
  await page.getByTestId('export-csv').click();
  expect((await file).suggestedFilename()).toBe('extrato.csv');
  expect(balance).toMatch(/^R\$/);
});

test('an event tells what it did, how it came and what it carried, masked', async ({ page }) => {
  const clinic = await newClinic();
  await connect(clinic);
  await play(clinic, 'pix', { reference: 'orc-1' });
  await open(page, '/app/eventos', clinic);
  await expect(page.getByTestId('event-row').filter({ hasText: 'PAYMENT_RECEIVED' })).toContainText(
    'Pagamento recebido',
  );
  await everyWay(page, 'events');

  const before = await page.getByTestId('event-row').count();
  await play(clinic, 'pix', { reference: 'orc-2' });
  const newRows = page.getByRole('button', { name: /Mostrar \d+ novos?/ });
  await expect(newRows).toBeVisible();
  expect(await page.getByTestId('event-row').count()).toBe(before);
  await newRows.click();
  await expect(page.getByTestId('event-row').filter({ hasText: 'orc-2' }).first()).toBeVisible();

  await page.getByTestId('event-row').filter({ hasText: 'PAYMENT_RECEIVED' }).getByRole('link').first().click();
  await expect(page.getByTestId('lane-asaas')).toContainText('respondemos 200');
  await expect(page.getByTestId('lane-ours')).toContainText('Processamos em');
  await page.getByRole('button', { name: 'Ver conteúdo' }).click();
  await expect(page.getByTestId('payload')).toContainText('PAYMENT_RECEIVED');
  await everyWay(page, 'event');
});

test('what a payload says is text: no markup of it runs and no address of it is a link unasked', async ({ page }) => {
  const clinic = await newClinic();
  await connect(clinic);
  for (const evil of [
    '<img src=x onerror=alert(1)>',
    '"><script>alert(2)</script>',
    "javascript:alert('3')",
    '{{constructor.constructor("alert(4)")()}}',
    '\u202Egnp.exe',
  ]) {
    await play(clinic, 'pix', { reference: evil });
  }
  await open(page, '/app/faturas', clinic);
  await expect(page.getByTestId('invoice-row').filter({ hasText: '<img src=x onerror=alert(1)>' })).toBeVisible();
  await page.goto(ready().url + '/app/eventos');
  await expect(page.getByTestId('event-row').first()).toBeVisible();
  expect(await page.locator('a[href^="javascript:"], img[src="x"], main script').count()).toBe(0);
});

// One after the other: each moves the clock, and the first waits for what a minute forbids.
test.describe('a paused queue', () => {
  test.describe.configure({ mode: 'default' });

  test('a queue that somebody else reactivates first shows their steps', async ({ page }) => {
    const clinic = await newClinic();
    await connect(clinic);
    await firstCheckDone(clinic);
    const at = `${ready().url}/v1/tenants/${clinic.id}`;
    const ours = { Authorization: `Bearer ${ready().adminToken}`, 'Content-Type': 'application/json' };
    const before = await fetch(at + '/connection', { headers: ours });
    const paused = { ...(await before.json()), state: 'paused', since: new Date().toISOString() };
    // The page keeps what it saw last, because it gets nothing newer.
    await page.route('**/v1/tenants/*/connection', (route) => route.fulfill({ json: paused }));
    await open(page, '/app/configuracoes/webhooks/asaas/saude', clinic);
    await pause(clinic);
    await fetch(at + '/connection/webhook/reactivate', {
      method: 'POST',
      headers: { ...ours, 'If-Match': before.headers.get('ETag')!, 'Idempotency-Key': clinic.id },
    }); // refused only if the connection monitor was first
    const theirs = async () =>
      (await (await fetch(at + '/operations', { headers: ours })).json()).data.find(
        (o: any) => o.kind === 'connection.reactivate',
      )?.state;
    await expect.poll(theirs).toBe('done');
    await page.getByTestId('reactivate').click();
    await page.unrouteAll();
    await expect(page.getByTestId('reactivate-step-5')).toBeVisible();
    await expect(page.getByTestId('connection-state')).toHaveText('Funcionando');
  });

  test('a paused queue is told with its date of loss, and one button ends it', async ({ page }) => {
    const clinic = await newClinic();
    await connect(clinic);
    await firstCheckDone(clinic);
    await open(page, '/app/configuracoes/webhooks/asaas/saude', clinic);
    await expect(page.getByTestId('connection-state')).toHaveText('Funcionando');
    await expect(page.getByTestId('checks-in-order').getByTestId('check-queue')).toBeAttached();
    await everyWay(page, 'health');
    // Other tests move the server's clock: a click may come a minute after the last check, and the next one is refused.
    await expect(async () => {
      await page.getByTestId('check-all').click();
      await expect(page.getByText('Já verificamos há menos de um minuto.')).toBeVisible({ timeout: 10_000 });
    }).toPass();
    await pause(clinic);
    await order(`/admin/accounts/${clinic.account.id}/flows/pix`);
    await expect(async () => {
      await order('/admin/clock', { advance: '61s' });
      await page.getByTestId('check-all').click();
      await expect(page.getByTestId('connection-state')).toHaveText('Fila pausada no Asaas', { timeout: 20_000 });
    }).toPass();
    const loss = new Date(Date.now() + 14 * 86_400_000).toLocaleDateString('pt-BR', { timeZone: 'America/Sao_Paulo' });
    await expect(page.getByTestId('paused')).toContainText(`serão apagados em 14 dias (${loss})`);
    await everyWay(page, 'health-paused');
    await page.getByRole('link', { name: 'Início', exact: true }).first().click();
    await expect(page.getByTestId('todo-connection')).toBeVisible();
    await expect(page.getByText('Tudo em dia por aqui.')).toHaveCount(0);
    await page.getByTestId('todo-connection').click();
    await page.getByTestId('reactivate').click();
    await expect(page.getByTestId('reactivate-step-5')).toBeVisible();
    await expect(page.getByTestId('connection-state')).toHaveText('Funcionando');
  });
});
