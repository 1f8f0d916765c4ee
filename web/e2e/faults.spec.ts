import { api, connect, expect, logIn, newClinic, open, paste, ready, test } from './world';

const integration = '/app/configuracoes/webhooks/asaas';

test('a session that ends under an open page keeps what was typed', async ({ page, context }) => {
  const clinic = await newClinic();
  await open(page, integration, clinic);
  await page.getByTestId('api-key').fill('meia-chave');
  await context.clearCookies();
  await page.route('**/v1/tenants/**', (route) =>
    route.fulfill({ status: 401, json: { code: 'unauthenticated', title: 'x', status: 401 } }),
  );
  await expect(page.getByRole('dialog', { name: 'Sua sessão terminou' })).toBeVisible();
  await page.unroute('**/v1/tenants/**');
  await page.getByRole('dialog').getByLabel('Senha', { exact: true }).fill(clinic.password);
  await page.getByRole('dialog').getByRole('button', { name: 'Entrar' }).click();
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await expect(page.getByTestId('api-key')).toHaveValue('meia-chave');
});

test('a server that does not answer is told, and the page recovers', async ({ page }) => {
  const { login, password } = ready().clinics[1]!;
  await page.route('**/v1/tenants/*/invoices?limit=50**', (route) => route.abort());
  await open(page, '/app/faturas', { login, password });
  await expect(page.getByRole('alert').getByText('Não conseguimos falar com o PataPay.').first()).toBeVisible();
  await page.unroute('**/v1/tenants/*/invoices?limit=50**');
  await page.getByRole('button', { name: 'Tentar de novo' }).click();
  await expect(page.getByTestId('empty').or(page.getByTestId('invoice-row').first())).toBeVisible();
});

test('an agenda of which nobody knows whether it is up to date does not say that nothing is due', async ({ page }) => {
  const clinic = await newClinic();
  await connect(clinic);
  await page.route('**/v1/tenants/*/glance', (route) => route.abort());
  await open(page, '/app/agenda', clinic);
  await expect(page.getByText('Ainda não sabemos se há prazos.')).toBeVisible();
  await expect(page.locator('main')).not.toContainText('Nenhum prazo em aberto');
});

test('who saves what somebody else changed just now is told so, not of versions', async ({ page }) => {
  const clinic = await newClinic();
  await api(clinic, 'POST', '/users', { name: 'Bia Leitora', email: `bia-${clinic.login}`, role: 'reader' });
  await open(page, '/app/configuracoes/usuarios', clinic);
  await page.route('**/v1/tenants/*/users/*', (route) =>
    route.fulfill({
      status: 412,
      json: { code: 'precondition_failed', title: 'Versão diferente', status: 412, requestId: 'req_1' },
    }),
  );
  await page
    .getByRole('row', { name: /Bia Leitora/ })
    .getByRole('button')
    .first()
    .click();
  await page.getByRole('button', { name: 'Salvar perfil' }).click();
  await expect(page.getByRole('alert')).toHaveText(
    'Alguém alterou isto agora. Confira o que está na tela e salve de novo.',
  );
});

test('what Asaas does not answer is told with the key still in its field', async ({ page }) => {
  await open(page, integration, await newClinic());
  await page.route('**/v1/tenants/*/connection', (route) =>
    route.request().method() === 'PUT' ? route.abort() : route.continue(),
  );
  await paste(page, 'api-key', '$aact_hmlg_qualquer');
  await expect(page.getByTestId('key-message')).toContainText('Tentar de novo');
  await expect(page.getByTestId('api-key')).toHaveValue('$aact_hmlg_qualquer');
});

test('by keyboard alone: in, past the menu, through the filters, into a row and back', async ({ page }) => {
  const { login, password } = ready().clinics[0]!;
  await page.goto(ready().url + '/app/faturas');
  await page.getByLabel('E-mail').focus();
  await page.keyboard.type(login);
  await page.keyboard.press('Tab');
  await page.keyboard.type(password);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1, name: 'Faturas' })).toBeVisible();
  await page.evaluate(() => (document.activeElement as HTMLElement).blur());
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Pular para o conteúdo' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.locator('main')).toBeFocused();
  await page.keyboard.press('Tab');
  const outline = await page.evaluate(() => getComputedStyle(document.activeElement!).outlineWidth);
  expect(outline).toBe('3px');
});

test("another clinic's object is not there", async ({ page }) => {
  const { login, password } = ready().clinics[0]!;
  await open(page, '/app', { login, password });
  await page.goto(ready().url + '/app/faturas/pay_de_outra_clinica');
  await expect(page.getByRole('alert')).toBeVisible();
});

test('no page is left without its policy, and none is broken by it', async ({ page }) => {
  const refused: string[] = [];
  page.on('console', (m) => m.text().includes('Content Security Policy') && refused.push(m.text()));
  await page.goto(ready().url + '/app');
  await logIn(page, { login: ready().clinics[0]!.login, password: ready().clinics[0]!.password });
  for (const path of [
    '',
    '/faturas',
    '/checkouts',
    '/antecipacoes',
    '/extrato',
    '/eventos',
    '/configuracoes/webhooks',
    '/configuracoes/webhooks/asaas',
    '/configuracoes/webhooks/asaas/saude',
  ]) {
    const answer = await page.goto(ready().url + '/app' + path);
    expect(answer!.headers()['content-security-policy']).toMatch(/style-src 'self' 'nonce-\w+'/);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  }
  expect(refused).toEqual([]);
});
