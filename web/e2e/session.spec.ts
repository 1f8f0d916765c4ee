import type { Route } from '@playwright/test';

import { calm, everyWay, expect, fits, everyWayIfPictured, logIn, newClinic, open, ready, test } from './world';

test('two minutes before its end a session asks, and one button keeps it', async ({ page }) => {
  const clinic = await newClinic();
  await page.clock.install();
  await open(page, '/app/perfil', clinic);
  await expect(page.getByRole('heading', { level: 1, name: 'Meu perfil' })).toBeVisible();
  const warning = page.getByRole('dialog', { name: 'Sua sessão está terminando' });
  await page.clock.fastForward(27 * 60_000);
  await expect(warning).toHaveCount(0);
  await page.clock.fastForward(61_000);
  await expect(warning).toBeVisible();
  await everyWay(page, 'session-warning');
  await warning.getByRole('button', { name: 'Continuar conectado' }).click();
  await expect(warning).toHaveCount(0);
  await page.clock.fastForward(10 * 60_000);
  await expect(warning).toHaveCount(0);
  await expect(page.getByRole('dialog', { name: 'Sua sessão terminou' })).toHaveCount(0);
});

test('a session that nobody answered for ends, and the half-filled form is there after the next login', async ({
  page,
}) => {
  const clinic = await newClinic();
  await page.clock.install();
  await open(page, '/app/perfil', clinic);
  await page.getByLabel('Nome').fill('Ana Quase Pronta');
  await page.clock.fastForward(31 * 60_000);
  const over = page.getByRole('dialog', { name: 'Sua sessão terminou' });
  await expect(over).toBeVisible();
  await page.clock.fastForward(60_000); // what the page asks by itself does not bring the session back
  await expect(over).toBeVisible();
  await everyWayIfPictured(page, 'session-over');
  await over.getByLabel('Senha', { exact: true }).fill(clinic.password);
  await over.getByRole('button', { name: 'Entrar' }).click();
  await expect(over).toHaveCount(0);
  await expect(page.getByLabel('Nome')).toHaveValue('Ana Quase Pronta');
  await page.getByRole('button', { name: 'Salvar nome' }).click();
  await expect(page.getByText('Salvo.').first()).toBeVisible();
});

test('lists that look for news by themselves do not keep a session alive', async ({ page }) => {
  const clinic = await newClinic();
  await page.clock.install();
  await open(page, '/app', clinic);
  await expect(page.getByTestId('connect-card')).toBeVisible();
  for (let i = 0; i < 4; i++) await page.clock.fastForward(7 * 60_000); // each time the connection is asked for anew
  await page.clock.fastForward(2 * 60_000 + 5_000);
  await expect(page.getByRole('dialog', { name: 'Sua sessão terminou' })).toBeVisible();
});

test('a page that is left while its session is renewed leaves the session to the next page', async ({ page }) => {
  const clinic = await newClinic();
  await open(page, '/app/perfil', clinic);
  // The server exchanges the cookie, and the browser does not hear of it.
  let answered = 0;
  const lost = async (route: Route) => {
    const asked = route.request();
    const answer = await fetch(asked.url(), { method: 'POST', headers: await asked.allHeaders() });
    if (answer.ok) answered++;
    await route.abort();
  };
  await page.route('**/v1/auth/refresh', lost, { times: 1 });
  await page.reload({ waitUntil: 'commit' });
  await expect.poll(() => answered).toBe(1);
  await page.goto(ready().url + '/app/perfil');
  await expect(page.getByRole('heading', { level: 1, name: 'Meu perfil' })).toBeVisible();
});

test('a page that is opened while the server fails asks again by itself', async ({ page }) => {
  const clinic = await newClinic();
  await open(page, '/app/perfil', clinic);
  await page.route('**/v1/auth/refresh', (route) => route.fulfill({ status: 503, json: {} }), { times: 2 });
  await page.reload();
  await expect(page.getByRole('heading', { level: 1, name: 'Meu perfil' })).toBeVisible();
});

test('without the internet what was not sent is said, and sent afterwards', async ({ page, context }) => {
  const clinic = await newClinic();
  await open(page, '/app/perfil', clinic);
  await page.getByLabel('Nome').fill('Ana Offline');
  await context.setOffline(true);
  await page.getByRole('button', { name: 'Salvar nome' }).click();
  await expect(page.getByRole('alert')).toContainText('Sem internet. Suas alterações não foram enviadas.');
  await everyWayIfPictured(page, 'offline');
  await context.setOffline(false);
  await page.getByRole('button', { name: 'Salvar nome' }).click();
  await expect(page.getByText('Salvo.').first()).toBeVisible();
  await expect(page.getByRole('alert')).toHaveCount(0);
});

test('who only read is not told that something was not sent', async ({ page, context }) => {
  const { login, password } = ready().clinics[0]!;
  await open(page, '/app/faturas', { login, password });
  await calm(page);
  await context.setOffline(true);
  await page.getByLabel('Buscar').fill('orc-lido');
  await page.getByLabel('Buscar').press('Enter');
  await expect(page.getByRole('alert').first()).toContainText('Sem internet. Esta página volta quando ela voltar.');
  await expect(page.locator('main')).not.toContainText('Suas alterações');
  await context.setOffline(false);
  await page.getByRole('button', { name: 'Tentar de novo' }).first().click();
  await expect(page.getByRole('alert')).toHaveCount(0);
});

const pages = [
  '/app',
  '/app/faturas',
  '/app/checkouts',
  '/app/antecipacoes',
  '/app/extrato',
  '/app/eventos',
  '/app/configuracoes',
  '/app/configuracoes/webhooks',
  '/app/configuracoes/webhooks/asaas',
  '/app/configuracoes/webhooks/asaas/saude',
  '/app/configuracoes/usuarios',
  '/app/configuracoes/tokens',
  '/app/configuracoes/auditoria',
  '/app/perfil',
  '/app/agenda',
  '/app/pendencias',
  '/app/ajuda',
];

test('a server that is gone is told, and each page recovers by its button', async ({ page }) => {
  const { login, password } = ready().clinics[1]!;
  await open(page, '/app/ajuda', { login, password });
  for (const path of process.env.SHOTS
    ? pages.filter((p) => !['/app/ajuda', '/app/perfil', '/app/configuracoes'].includes(p))
    : ['/app/configuracoes/webhooks/asaas/saude', '/app/configuracoes/usuarios', '/app/pendencias']) {
    await page.route('**/v1/tenants/**', (route) => route.abort());
    await page.goto(ready().url + path);
    await expect(page.getByRole('alert').first(), path).toContainText('Não conseguimos falar com o PataPay.');
    await page.unroute('**/v1/tenants/**');
    await expect(async () => {
      for (const again of await page.getByRole('button', { name: 'Tentar de novo' }).all())
        await again.click({ timeout: 2_000 }).catch(() => undefined);
      await expect(page.getByRole('alert')).toHaveCount(0, { timeout: 3_000 });
    }, path).toPass();
  }
});

test('at twice the size every page keeps all it has', async ({ page }) => {
  const { login, password } = ready().clinics[0]!;
  await page.setViewportSize({ width: 640, height: 450 }); // 1280 × 900 at 200 %
  await page.goto(ready().url + '/app');
  await logIn(page, { login, password });
  for (const path of pages) {
    await page.setViewportSize({ width: 1280, height: 900 });
    await page.goto(ready().url + path);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    await calm(page);
    const named = () =>
      page
        .locator('main')
        .evaluate(
          (main) =>
            [...main.querySelectorAll('a, button, input, select, h1, h2')]
              .map((e) => e.getAttribute('aria-label') ?? e.textContent ?? '')
              .filter((t) => t.trim()).length,
        );
    const wide = await named();
    await page.setViewportSize({ width: 640, height: 450 });
    await fits(page);
    expect(await named(), path).toBeGreaterThanOrEqual(wide - 1); // the filters' own fold adds, nothing goes
    if (process.env.SHOTS)
      await page.screenshot({ path: `${process.env.SHOTS}/zoom${path.replaceAll('/', '-')}.png`, fullPage: true });
  }
});

test('open sessions are shown, and another one is ended from here', async ({ page, browser }) => {
  const clinic = await newClinic();
  const other = await (await browser.newContext({ locale: 'pt-BR', timezoneId: 'America/Sao_Paulo' })).newPage();
  await open(other, '/app/perfil', clinic);
  await open(page, '/app/perfil', clinic);
  const rows = page.getByTestId('session-row');
  await expect(rows).not.toHaveCount(0);
  await expect(rows.filter({ hasText: 'esta sessão' })).toHaveCount(1);
  await page.getByRole('button', { name: 'Encerrar as outras sessões' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Encerrar as outras sessões' }).click();
  await expect(rows).toHaveCount(1);
  await other.getByLabel('Nome').fill('Outra Ana');
  await other.getByRole('button', { name: 'Salvar nome' }).click();
  await expect(other.getByRole('dialog', { name: 'Sua sessão terminou' })).toBeVisible();
  await other.context().close();
});
