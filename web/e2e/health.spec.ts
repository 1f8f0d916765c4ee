import {
  api,
  connect,
  everyWay,
  expect,
  everyWayIfPictured,
  firstCheckDone,
  newClinic,
  open,
  order,
  paste,
  pause,
  play,
  ready,
  sql,
  test,
  webhook,
  type Clinic,
} from './world';

const page3 = '/app/configuracoes/webhooks/asaas/saude';

/**
 * A connected clinic. Its first comparison is over, so that the connection monitor leaves its queue alone for half an
 * hour.
 */
async function connectedClinic(): Promise<Clinic> {
  const clinic = await newClinic();
  await connect(clinic);
  await firstCheckDone(clinic);
  return clinic;
}

test('a paused queue shows by itself within a minute, and one button ends with nothing different', async ({ page }) => {
  const clinic = await connectedClinic();
  await page.clock.install();
  await open(page, page3, clinic);
  await expect(page.getByTestId('check-queue')).toBeAttached(); // in order: behind one line
  await expect(page.getByTestId('connection-state')).toHaveText('Funcionando');
  const at = `${ready().url}/v1/tenants/${clinic.id}/connection`;
  const read = async (path: string) =>
    (await fetch(at + path, { headers: { Authorization: `Bearer ${ready().adminToken}` } })).json();
  const { checkedAt } = await read('/checks'); // of a check that saw the queue run
  await pause(clinic);
  await order(`/admin/accounts/${clinic.account.id}/flows/pix`);
  await expect(async () => {
    await order('/admin/clock', { advance: '61s' }); // a minute of the server's clock, and one of the page's
    await page.clock.fastForward(60_000);
    await expect(page.getByTestId('connection-state')).toHaveText('Fila pausada no Asaas', { timeout: 20_000 });
  }).toPass(); // the first minute does it, unless the page was just asking
  await expect(page.getByTestId('paused')).toContainText(
    /O Asaas parou de enviar avisos às \d\d:\d\d\. Pausada manualmente no Asaas\./,
  );
  const { lossAt, since } = await read('');
  const stopped = Date.parse(lossAt) - 14 * 86_400_000; // the queue stopped after that check, and before this one
  expect(stopped).toBeGreaterThanOrEqual(Date.parse(checkedAt) - 1_000);
  expect(stopped).toBeLessThanOrEqual(Date.parse(since) + 1_000);
  const date = new Date(lossAt).toLocaleDateString('pt-BR', { timeZone: 'America/Sao_Paulo' });
  await expect(page.getByTestId('paused')).toContainText(`dias (${date}).`);
  await everyWay(page, 'health-paused-by-itself');
  await page.clock.resume();
  await page.getByTestId('reactivate').click();
  await expect(page.getByTestId('reactivated')).toContainText(
    /^Fila reativada\. \d+ avisos? recebidos?, \d+ faturas? atualizadas?, nenhuma diferença\.$/,
  );
  await expect(page.getByTestId('connection-state')).toHaveText('Funcionando');
  for (const step of [1, 2, 3, 4, 5])
    await expect(page.getByTestId(`reactivate-step-${step}`)).toContainText('concluído');
  await everyWayIfPictured(page, 'health-reactivated');
});

test('the last day is a strip with its sentence and an equal table', async ({ page }) => {
  const clinic = await connectedClinic();
  await play(clinic, 'pix');
  await open(page, page3, clinic);
  const strip = page.getByTestId('chart-traffic');
  await expect(strip).toContainText(/Nas últimas 24 h: [1-9]\d* avisos?, 0 recusados, \d+ lentos?\./);
  const total = Number((await strip.textContent())!.match(/24 h: (\d+)/)![1]);
  await strip.getByRole('button', { name: 'Ver como tabela' }).click();
  const cells = await page.getByTestId('chart-table-traffic').locator('td:nth-child(2)').allTextContents();
  expect(cells.reduce((n, c) => n + Number(c), 0)).toBe(total);
  await everyWayIfPictured(page, 'health-strip');
});

test('a comparison can be asked for and leaves its line', async ({ page }) => {
  const clinic = await connectedClinic();
  await open(page, page3, clinic);
  const rows = page.getByTestId('comparison-row');
  await expect(rows.first()).toBeVisible();
  const before = await rows.count();
  await page.getByTestId('compare-now').click();
  await expect.poll(() => rows.count()).toBeGreaterThan(before);
  await expect(rows.first()).toContainText('Nenhuma diferença');
});

test('a key that Asaas refuses is a danger with one action', async ({ page }) => {
  const clinic = await connectedClinic();
  await open(page, page3, clinic);
  await order('/admin/keys', { apiKey: clinic.account.apiKey, behaviour: 'revoked' });
  await expect(async () => {
    await order('/admin/clock', { advance: '61s' }); // the page may have checked in the last minute by itself
    await page.getByTestId('check-all').click();
    await expect(page.getByTestId('connection-state')).toHaveText('Chave recusada', { timeout: 20_000 });
  }).toPass();
  await everyWay(page, 'health-key-refused');
  await page.getByRole('main').getByRole('link', { name: 'Substituir chave' }).first().click();
  await expect(page.getByRole('heading', { level: 1, name: 'Asaas' })).toBeVisible();
});

test('a key lacks permissions, its last day is typed, and what a disabled webhook missed is read back', async ({
  page,
}) => {
  const clinic = await newClinic();
  await open(page, '/app/configuracoes/webhooks/asaas', clinic);
  const lacks = ['PAYMENT:READ', 'ANTICIPATION:READ', 'FINANCIAL_TRANSACTION:READ'];
  const lacking = await order(`/admin/accounts/${clinic.account.id}/keys`, { behaviour: 'no_permission', lacks });
  await paste(page, 'api-key', lacking.apiKey);
  const named = 'Cobranças (ler), Antecipações (ler), Financeiro (ler)'; // all at once, in the words of Asaas's panel
  await expect(page.getByTestId('key-message')).toContainText(named);
  const { now } = await (await fetch(ready().simulatorUrl + '/admin/clock')).json();
  const last = new Date(Date.parse(now) + 20 * 86_400_000).toISOString().slice(0, 10);
  await page.getByTestId('key-expires-on').fill(last);
  await paste(page, 'api-key', clinic.account.apiKey);
  await page.getByTestId('webhook-ensure').click();
  await expect(page.getByTestId('connection-state')).toHaveText('Atenção'); // twenty days are left
  await firstCheckDone(clinic);
  const dated = async () => (await api(clinic, 'GET', '/deadlines')).data.map((d: any) => d.kind);
  await expect.poll(dated).toContain('key_expiry');

  await webhook(clinic, { enabled: false });
  const { payments } = await order(`/admin/accounts/${clinic.account.id}/flows/pix`); // of which no event is ever made
  sql(clinic, `UPDATE connection_checks SET checked_at = checked_at - interval '30 minutes' WHERE clinic_id = :c`);
  await page.goto(ready().url + page3);
  await order('/admin/clock', { advance: '61s' }); // sessions of tests beside this one are not to end
  await page.getByTestId('check-all').click();
  const found = async () =>
    (await api(clinic, 'GET', `/invoices?q=${payments[0]}`)).data.map((i: any) => i.status).join();
  let minutes = 0;
  await expect(async () => {
    if (minutes < 4) await order('/admin/clock', { advance: `${(minutes += 1) && 60}s` });
    expect(await found()).toBe('received');
  }).toPass();
  await page.reload();
  await expect(page.getByTestId('comparison-row').first()).toContainText('1');
  await page.goto(`${ready().url}/app/faturas?q=${payments[0]}`);
  await expect(page.getByRole('main')).toContainText('Recebida');
});
