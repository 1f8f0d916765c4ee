import type { Locator, Page } from '@playwright/test';

import {
  arrive,
  connect,
  expect,
  fits,
  newClinic,
  open,
  play,
  processed,
  ready,
  test,
  type Clinic,
  openFilters,
} from './world';

/** A payer with a name of their own, who pays one invoice by Pix. */
async function paidBy(clinic: Clinic, name: string, reference: string): Promise<void> {
  const headers = { access_token: clinic.account.apiKey, 'Content-Type': 'application/json', 'User-Agent': 'e2e' };
  const send = async (path: string, body: unknown) => {
    const answer = await fetch(ready().simulatorUrl + path, { method: 'POST', headers, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  };
  const customer = await send('/v3/customers', { name, cpfCnpj: '24971563792' });
  await send('/v3/payments', {
    customer: customer.id,
    billingType: 'PIX',
    value: 129.9,
    dueDate: new Date(Date.now() + 5 * 86_400_000).toISOString().slice(0, 10),
    externalReference: reference,
  });
  await processed(clinic);
}

/** Waits until the row has its payer's name. The page asks for late names for 18 seconds, so it is opened again. */
async function untilNamed(page: Page, row: Locator, name: string): Promise<void> {
  await expect(async () => {
    await page.reload();
    await expect(row.getByTestId('payer')).toContainText(name, { timeout: 20_000 });
  }).toPass();
}

test('payers have names in the list, the detail and both searches', async ({ page }) => {
  const clinic = await newClinic();
  await connect(clinic);
  await paidBy(clinic, "Quitéria D'Ávila Nóbrega", 'orc-quiteria');
  await play(clinic, 'pix', { reference: 'orc-outro' });

  await open(page, '/app/faturas', clinic);
  const row = page.getByTestId('invoice-row').filter({ hasText: 'orc-quiteria' });
  await untilNamed(page, row, "Quitéria D'Ávila Nóbrega");
  await expect(page.getByTestId('invoice-row')).toHaveCount(2);

  await page.getByLabel('Buscar').fill('quiteria avi');
  await page.getByLabel('Buscar').press('Enter');
  await expect(page.getByTestId('invoice-row')).toHaveCount(1);
  await expect(row).toBeVisible();
  await page.getByLabel('Buscar').fill('');
  await page.getByLabel('Buscar').press('Enter');
  await expect(page.getByTestId('invoice-row')).toHaveCount(2);

  await openFilters(page);
  await page.getByLabel('Cliente', { exact: true }).fill('Nó');
  await page.getByLabel('Cliente', { exact: true }).press('Enter');
  await expect(page.getByText('Digite ao menos 3 letras do nome.')).toBeVisible();
  await page.getByLabel('Cliente', { exact: true }).fill('Nóbrega');
  await page.getByLabel('Cliente', { exact: true }).press('Enter');
  await expect(page).toHaveURL(/cliente=/);
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('invoice-row')).toHaveCount(1);
  await row.getByRole('link').first().click();
  await expect(page.getByTestId('payer')).toHaveText("Quitéria D'Ávila Nóbrega");

  await page.goto(ready().url + '/app/eventos');
  await expect(page.getByTestId('event-row').filter({ hasText: 'orc-outro' }).first()).toBeVisible();
  await page.getByLabel('Buscar').fill("d'avila");
  await page.getByLabel('Buscar').press('Enter');
  await expect(page.getByTestId('event-row').filter({ hasText: 'orc-outro' })).toHaveCount(0);
  await expect(page.getByTestId('event-row').filter({ hasText: 'orc-quiteria' }).first()).toBeVisible();
});

test('a hostile name is text, and no wider than the page', async ({ page }) => {
  const clinic = await newClinic();
  await connect(clinic);
  await paidBy(clinic, `<img src=x onerror=alert(1)>${'W'.repeat(200)}`, 'orc-hostil');
  await open(page, '/app/faturas', clinic);
  await untilNamed(page, page.getByTestId('invoice-row'), '<img src=x onerror=alert(1)>WWW');
  for (const width of [1280, 320]) {
    await page.setViewportSize({ width, height: 900 });
    await fits(page);
  }
  await page.getByTestId('invoice-row').getByRole('link').first().click();
  await expect(page.getByTestId('payer')).toContainText('<img src=x');
  await fits(page);
});

test('Leitura sees no name and finds by none', async ({ page }) => {
  const clinic = await newClinic();
  await connect(clinic);
  await paidBy(clinic, 'Quitéria Nóbrega', 'orc-leitura');
  await arrive(page, clinic, 'reader', '/app/faturas');
  await expect(page.getByTestId('invoice-row')).toContainText('cus_');
  await expect(page.getByTestId('payer')).toHaveCount(0);
  await openFilters(page);
  await page.getByLabel('Cliente', { exact: true }).fill('Quitéria');
  await page.getByLabel('Cliente', { exact: true }).press('Enter');
  await expect(page.getByText('Seu perfil não mostra nomes de clientes. Use o ID cus_….')).toBeVisible();
  await page.goto(ready().url + '/app/eventos?q=Quit%C3%A9ria');
  await expect(
    page.getByText(
      'Seu perfil não mostra nomes de clientes. Busque pelo ID do cliente (cus_…), pela referência ou pelo valor.',
    ),
  ).toBeVisible();
});
