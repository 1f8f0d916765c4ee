import { readFileSync } from 'node:fs';

import { clock, door, payment, eventsProcessed } from './door';
import { api, everyWay, expect, newClinic, open, openFilters, ready, test } from './world';

test('duplicate, late and unknown events show their badge, change nothing, and are found by what people type', async ({
  page,
}) => {
  const clinic = await newClinic();
  const post = await door(clinic);
  const paid = {
    status: 'RECEIVED',
    paymentDate: clock().slice(0, 10),
    clientPaymentDate: clock().slice(0, 10),
    creditDate: clock().slice(0, 10),
  };
  await post({ event: 'PAYMENT_CREATED', dateCreated: clock(-60), payment: payment('pay_um') });
  await eventsProcessed(clinic, 1);
  const received = await post({ event: 'PAYMENT_RECEIVED', dateCreated: clock(-30), payment: payment('pay_um', paid) });
  await eventsProcessed(clinic, 2);
  await post({ event: 'PAYMENT_RECEIVED', dateCreated: clock(-20), payment: payment('pay_um', paid) });
  await post({ event: 'PAYMENT_UPDATED', dateCreated: clock(-50), payment: payment('pay_um', { value: 1 }) });
  await post({ event: 'PET_BLESSED', dateCreated: clock(-10), pet: { id: 'pet_1', name: 'Rex' } });
  await post({ id: received, event: 'PAYMENT_RECEIVED', dateCreated: clock(-30), payment: payment('pay_um', paid) });
  await post({ event: 'PAYMENT_CREATED', payment: payment('pay_dois', { customer: 'cus_000000000002', value: 50 }) });
  await eventsProcessed(clinic, 6);

  await open(page, '/app/eventos', clinic);
  // The connection monitor may read these payments from Asaas at any time; its reads are rows of their own.
  const fromAsaas = page.getByTestId('event-row').filter({ hasNotText: 'Consulta ao Asaas' });
  const row = (text: string) => fromAsaas.filter({ hasText: text });
  await expect(row('PAYMENT_UPDATED').getByTestId('event-state')).toHaveText('Fora de ordem');
  await expect(row('PAYMENT_UPDATED')).toContainText('chegou atrasado; situação mantida');
  await expect(row('PET_BLESSED')).toContainText('Evento do Asaas');
  await expect(row('PET_BLESSED').getByTestId('event-state')).toHaveText('Sem tratamento');
  await expect(page.getByTestId('event-state').filter({ hasText: 'Já tratado' })).toHaveCount(1);
  await expect(fromAsaas).toHaveCount(6);
  await expect(page.getByTestId('event-summary')).toContainText('Recebidos6');
  await expect(page.getByTestId('chart-eventos')).toContainText(/6 avisos, 0 falhas, atraso mediano /);
  await page.getByTestId('chart-eventos').getByRole('button', { name: 'Ver como tabela' }).click();
  await expect(page.getByTestId('chart-table-eventos')).toHaveCount(1);

  const search = page.getByLabel('Buscar');
  for (const [typed, n] of [
    ['pay_um', 4],
    [received, 1],
    ['cus_000000000002', 1],
    ['R$ 1.234,56', 4],
    ['1.234,56', 4],
    ['orc-dois', 1],
    ['pay_ninguem', 0],
  ] as const) {
    await search.fill(typed);
    await search.press('Enter');
    await expect(fromAsaas, typed).toHaveCount(n);
  }
  await search.fill('Maria da Silva');
  await search.press('Enter');
  await expect(page.getByTestId('empty')).toContainText('Nenhum evento neste período.');
  await search.fill(new Date().toLocaleDateString('pt-BR', { timeZone: 'America/Sao_Paulo' }));
  await search.press('Enter');
  await expect(page.getByLabel('Período')).toHaveValue('tudo');
  // The simulator's clock may have gone past midnight.
  await expect(fromAsaas.or(page.getByTestId('empty')).first()).toBeVisible();
  await page.getByRole('button', { name: 'Limpar filtros' }).first().click();

  const reads = async () => (await api(clinic, 'GET', '/events?source=api')).data.length;
  await expect.poll(reads, 'a payment is read from Asaas').toBeGreaterThan(0);
  await page.getByRole('button', { name: 'Nossas consultas' }).click();
  await expect(page.getByTestId('event-row').first()).toContainText('Consulta ao Asaas');
  await expect(fromAsaas).toHaveCount(0);
  await page.getByRole('button', { name: 'Sem tratamento' }).click();
  await expect(fromAsaas).toHaveCount(1);
  await page.getByRole('button', { name: 'Fora de ordem' }).click();
  await expect(page.getByTestId('event-row')).toHaveCount(1);
  await openFilters(page);
  await page.getByLabel('Período').selectOption('7');
  await page.getByLabel('Tipo').selectOption('PAYMENT_UPDATED');
  await expect(page).toHaveURL(/visao=atrasados/);
  await page.keyboard.press('Escape');
  await page.reload();
  await expect(page.getByLabel('Período')).toHaveValue('7');
  await expect(page.getByTestId('event-row')).toHaveCount(1);
  await page.goBack();
  await expect(page.getByLabel('Tipo')).toHaveValue('');
  await page.getByRole('button', { name: 'Limpar filtros' }).first().click();
  await expect(fromAsaas).toHaveCount(6);
  await everyWay(page, 'events-badges');

  const file = page.waitForEvent('download');
  await page.getByTestId('export-csv').click();
  const text = readFileSync((await (await file).path())!, 'utf8');
  expect(text.startsWith('\ufeff')).toBe(true);
  expect(text.trim().split('\r\n').length, 'a heading and at least what Asaas sent').toBeGreaterThanOrEqual(7);
  expect(text).toContain(';pay_um;');

  await row('orc-um').filter({ hasText: 'PAYMENT_RECEIVED' }).last().getByRole('link').first().click();
  await expect(page.getByTestId('event-effect')).toHaveText('Situação: Aguardando pagamento → Recebida');
  await expect(page.getByTestId('delivery-state')).toHaveText('Duplicado');
  await expect(page.getByTestId('lane-asaas')).toContainText('já tratado; nada mudou');
  await page.goto(`${ready().url}/app/faturas/pay_um`);
  await expect(page.getByTestId('invoice-state')).toHaveText('Recebida');
  await expect(page.getByRole('heading', { name: 'R$ 1.234,56' })).toBeVisible();
});

test('a replay shows before what it does, and does what it showed', async ({ page }) => {
  const clinic = await newClinic();
  const post = await door(clinic);
  for (const n of [1, 2, 3]) await post({ event: 'PAYMENT_CREATED', payment: payment('pay_' + n) });
  await eventsProcessed(clinic, 3);
  // The first comparison asks Asaas for these payments, which it does not know: what its answers change is no replay's doing.
  const denied = async () =>
    (await api(clinic, 'GET', '/invoices?limit=10')).data.filter((i: any) => i.flags.includes('not_found_at_asaas'))
      .length;
  await expect.poll(denied).toBe(3);
  await open(page, '/app/eventos', clinic);
  await page.getByTestId('bulk-replay').click();
  await page.getByTestId('bulk-preview').click();
  await expect(page.getByTestId('bulk-changes')).toContainText('3 eventos.');
  await expect(page.getByTestId('bulk-changes')).toContainText('Se reprocessar: nada muda.');
  await expect(page.getByTestId('bulk-confirm'), 'there is nothing to confirm').toHaveCount(0);
  await page.getByTestId('bulk-changes').getByRole('button', { name: 'Fechar' }).click();

  const ofAll = { dryRun: true, changes: 1, events: [], objects: [] };
  await page.route('**/replays', async (route) => {
    if (!route.request().postDataJSON().dryRun) return route.continue();
    const answer = await route.fetch();
    return route.fulfill({ response: answer, json: { ...(await answer.json()), preview: ofAll } });
  });
  await page.getByTestId('bulk-replay').click();
  await page.getByTestId('bulk-preview').click();
  await page.getByTestId('bulk-confirm').click();
  await expect(page.getByTestId('bulk-result')).toContainText('3 eventos reprocessados: nada mudou.');
  await page.getByRole('button', { name: 'Fechar' }).last().click();

  await page.getByTestId('event-row').filter({ hasText: 'PAYMENT_CREATED' }).getByRole('link').first().click();
  await page.getByTestId('replay').click();
  await expect(page.getByTestId('replay-preview')).toContainText('Se reprocessar: nada muda.');
  await expect(page.getByTestId('replay-confirm'), 'there is nothing to confirm').toHaveCount(0);
  await page.getByTestId('replay-preview').getByRole('button', { name: 'Fechar' }).click();
  await expect(page.getByTestId('replay-preview')).toHaveCount(0);

  // What a difference looks like; that the preview is the replay, rolled back, is the API's to prove.
  const fields = [
    { field: 'Status', before: 'overdue', after: 'received' },
    { field: 'NetValue', before: null, after: 123257 },
  ];
  const object = {
    kind: 'payment',
    asaasId: 'pay_3',
    fromVersion: 1,
    toVersion: 2,
    fields,
    texts: false,
    bookings: [],
  };
  await page.route('**/replay', async (route) => {
    const { dryRun } = route.request().postDataJSON();
    await route.fulfill({ json: { dryRun, changes: 1, events: [], objects: [object] } });
  });
  await page.getByTestId('replay').click();
  const diff = page.getByTestId('replay-diff');
  await expect(diff).toContainText('Situação: Vencida → Recebida');
  await expect(diff).toContainText(/Líquido: — → R\$\s1\.232,57/);
  const preview = await diff.textContent();
  await everyWay(page, 'event-replay');
  await page.getByTestId('replay-confirm').click();
  await expect(page.getByTestId('replay-result')).toContainText('Evento reprocessado: 1 objeto mudou.');
  expect(await diff.textContent()).toBe(preview);
});

test('a reader exports nothing, replays nothing and reveals nothing', async ({ page }) => {
  const clinic = await newClinic();
  const post = await door(clinic);
  await post({ event: 'PAYMENT_CREATED', payment: payment('pay_1') });
  await eventsProcessed(clinic, 1);
  await page.route('**/v1/auth/me', async (route) => {
    const answer = await route.fetch();
    const me = await answer.json();
    await route.fulfill({
      response: answer,
      json: { ...me, role: 'reader', scopes: me.scopes.filter((s: string) => !/:write$|replay|personal/.test(s)) },
    });
  });
  await open(page, '/app/eventos', clinic);
  const row = page.getByTestId('event-row').filter({ hasText: 'PAYMENT_CREATED' });
  await expect(row).toHaveCount(1);
  await expect(page.getByTestId('export-csv')).toHaveCount(0);
  await expect(page.getByTestId('bulk-replay')).toHaveCount(0);
  await row.getByRole('link').first().click();
  await page.getByRole('button', { name: 'Ver conteúdo' }).click();
  await expect(page.getByTestId('payload')).toContainText('"•••"');
  await expect(page.getByRole('button', { name: 'Revelar' })).toHaveCount(0);
  await expect(page.getByTestId('replay')).toHaveCount(0);
});
