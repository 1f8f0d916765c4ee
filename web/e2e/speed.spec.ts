import { execFileSync } from 'node:child_process';

import type { Page } from '@playwright/test';

import {
  api,
  connect,
  expect,
  hundredThousand,
  logIn,
  newClinic,
  open,
  openFilters,
  order,
  paste,
  play,
  ready,
  test,
} from './world';

// The only browser tests that assert times. They are a project of their own (playwright.config.ts)
// and run one after the other: a time that other busy pages stretch is no property of one.
test.describe.configure({ mode: 'default' });

// A telephone on what Chromium's tools call fast 4G.
async function throttled(page: Page) {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Network.enable');
  await cdp.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: 165,
    downloadThroughput: (8.1 * 1024 * 1024) / 8,
    uploadThroughput: (1.35 * 1024 * 1024) / 8,
  });
}

/** When the largest thing of the page was painted, in milliseconds after the request. */
const largest = (page: Page) =>
  page.evaluate(
    () =>
      new Promise<number>((resolve) =>
        new PerformanceObserver((list) => resolve(list.getEntries().at(-1)!.startTime)).observe({
          type: 'largest-contentful-paint',
          buffered: true,
        }),
      ),
  );

/** The best of five openings: a machine that is busy for a while is no property of the page. */
async function best(open: () => Promise<number>, enough = 2_000): Promise<number> {
  let best = Infinity;
  for (let i = 0; i < 5 && best >= enough; i++) best = Math.min(best, await open());
  return best;
}

test('the login is there in two seconds on a telephone, with nothing kept from before', async ({ browser, page }) => {
  await page.goto(ready().url + '/app/entrar'); // so that nothing but the page is measured
  const took = await best(async () => {
    const context = await browser.newContext();
    const fresh = await context.newPage();
    await throttled(fresh);
    await fresh.goto(ready().url + '/app/entrar');
    await expect(fresh.getByRole('button', { name: 'Entrar' })).toBeVisible({ timeout: 30_000 });
    const at = await largest(fresh);
    await context.close();
    return at;
  });
  console.log(`login: ${Math.round(took)} ms`);
  expect(took).toBeLessThan(2_000);
});

test('the first page is there in two seconds on a telephone that has been here before', async ({ page }) => {
  const clinic = await newClinic();
  await connect(clinic);
  await play(clinic, 'pix', { reference: 'orc-1' });
  await page.goto(ready().url + '/app');
  await logIn(page, clinic);
  await expect(page.getByTestId('kpi-available')).toHaveText(/^R\$/);
  await throttled(page);
  const took = await best(async () => {
    await page.reload();
    await expect(page.getByTestId('kpi-available')).toHaveText(/^R\$/, { timeout: 30_000 });
    return largest(page);
  });
  console.log(`first page: ${Math.round(took)} ms`);
  expect(took).toBeLessThan(2_000);
});

test('two hundred thousand events: the first page in half a second, and each search finds its few', async ({
  page,
}) => {
  const clinic = await newClinic();
  await connect(clinic);
  execFileSync(
    'psql',
    ['-qv', 'ON_ERROR_STOP=1', '-v', 'clinic=' + clinic.name, '-f', 'e2e/many-events.sql', ready().databaseUrl],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  await page.goto(ready().url + '/app');
  await logIn(page, clinic);
  const rows = page.getByTestId('event-row');
  const took = await best(async () => {
    await page.getByRole('link', { name: 'Início' }).first().click();
    await expect(page.getByTestId('kpi-available')).toBeVisible();
    const begun = await page.evaluate(() => performance.now());
    await page.getByRole('link', { name: 'Eventos' }).first().click();
    await expect(rows).toHaveCount(50);
    return page.evaluate((b) => performance.now() - b, begun);
  }, 500);
  console.log(`200,000 events: ${Math.round(took)} ms`);
  expect(took).toBeLessThan(500);
  await expect(page.getByTestId('event-total')).toContainText('ou mais');

  const finds = async (text: string, n: number) => {
    await page.getByLabel('Buscar').fill(text);
    await page.getByLabel('Buscar').press('Enter');
    await expect(page.getByTestId('event-total')).toHaveText(new RegExp(`^${n} avisos?$`), { timeout: 2_000 });
    await expect(rows).toHaveCount(Math.min(n, 50));
  };
  await finds('pay_muitos777', 4);
  await expect(rows.first()).toContainText('orc-muitos777');
  await finds('cus_muitos77', 100); // 25 payments of one payer
  await finds('R$ 17,77', 4);
  await finds('orc-muitos41000', 4);
  const day = new Date(Date.now() - 40 * 86_400_000).toISOString().slice(0, 10);
  await page.getByLabel('Buscar').fill('');
  await page.goto(`${ready().url}/app/eventos?periodo=datas&de=${day}&ate=${day}`);
  await expect(page.getByTestId('event-total')).toHaveText(/^2\.27[34] avisos$|ou mais/, { timeout: 5_000 });
});

test('100,000 invoices: the list and a filter in an order within a second, a search in three tenths', async ({
  page,
}) => {
  const clinic = await newClinic();
  await connect(clinic);
  hundredThousand(clinic);
  await open(page, '/app', clinic);
  const rows = page.getByTestId('invoice-row');
  const note = page.getByTestId('filtered-sum');
  const home = async () => {
    await page.getByRole('link', { name: 'Início' }).first().click();
    await expect(page.getByTestId('attention')).toBeVisible();
  };
  /** Milliseconds, the page's own, from an action to what it leads to. */
  const took = async (act: () => Promise<unknown>, shown: () => Promise<void>) => {
    const begun = await page.evaluate(() => performance.now());
    await act();
    await shown();
    return page.evaluate((b) => performance.now() - b, begun);
  };
  const list = () => page.getByRole('link', { name: 'Faturas' }).first().click();
  const times = {
    list: await best(async () => {
      await home();
      return took(list, () => expect(rows).toHaveCount(50));
    }, 1_000),
    filter: await best(async () => {
      await home();
      await list();
      await openFilters(page);
      await page.getByLabel('Situação', { exact: true }).selectOption('overdue');
      await page.keyboard.press('Escape');
      await expect(rows.first()).toContainText('Vencida');
      const heads = page.getByRole('button', { name: 'Valor' });
      return took(
        () => heads.click(),
        () => expect(rows.first()).toContainText('1.009,98'),
      );
    }, 1_000),
    search: await best(async () => {
      await home();
      await list();
      await expect(rows).toHaveCount(50);
      await page.getByLabel('Buscar').fill('orc-muitas777');
      return took(
        () => page.getByLabel('Buscar').press('Enter'),
        () => expect(note).toContainText(/^1 fatura/),
      );
    }, 300),
  };
  console.log(`100,000 invoices: ${JSON.stringify(times)}`);
  expect(times.list).toBeLessThan(1_000);
  expect(times.filter).toBeLessThan(1_000);
  expect(times.search).toBeLessThan(300);
});

test('a new payment is offered within three seconds after it was processed', async ({ page }) => {
  const clinic = await newClinic();
  await connect(clinic);
  const stream = page.waitForResponse((r) => r.url().endsWith('/feed/stream') && r.ok());
  await open(page, '/app/faturas', clinic);
  await stream;
  await play(clinic, 'pix');
  const begun = Date.now();
  await expect(page.getByTestId('new-rows')).toHaveText('Mostrar 1 novo');
  expect(Date.now() - begun).toBeLessThan(3_000);
});

test('a pasted key and one click connect a clinic in under a minute', async ({ page }) => {
  const clinic = await newClinic();
  await open(page, '/app/configuracoes/webhooks/asaas', clinic);
  const begun = Date.now();
  await paste(page, 'api-key', clinic.account.apiKey);
  await page.getByTestId('webhook-ensure').click();
  await expect(page.getByTestId('connection-state')).toHaveText('Funcionando');
  expect(Date.now() - begun).toBeLessThan(60_000);
});

test('another token in the panel of Asaas is reported within three seconds', async ({ page }) => {
  const clinic = await newClinic();
  await open(page, '/app/configuracoes/webhooks/asaas', clinic);
  await paste(page, 'api-key', clinic.account.apiKey);
  await page.getByRole('button', { name: 'Prefiro configurar no painel do Asaas' }).click();
  const webhook = {
    name: 'PataPay – Faturas',
    url: ready().webhookUrl,
    token: 'Xk29fLmQzR7wTnB4vHsJ8dPcYgE3aUo6iKtNqWxMbZrLfSvD',
  };
  await order(`/admin/accounts/${clinic.account.id}/webhooks`, webhook);
  await page.getByRole('button', { name: 'Já configurei' }).click();
  await expect(page.getByTestId('other-token')).toBeVisible();
  const { data } = await api(clinic, 'GET', '/operations');
  const test = data.find((o: any) => o.code === 'other_token');
  expect(test.steps.at(-1).millis, 'milliseconds from the checkout to the report').toBeLessThan(3_000);
});
