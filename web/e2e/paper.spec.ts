import type { Page } from '@playwright/test';

import { calm, connect, expect, fits, newClinic, open, play, processed, ready, test, type Clinic } from './world';

// The two hardest pieces of paper: a phone of 320 px with the longest names and amounts, and a printed page.

const longName = 'Clínica Veterinária Hospital São Francisco de Assis e Nossa Senhora da Conceição'.padEnd(80, 'o');
const longPayer = 'Maria Aparecida Wanderleia Figueiredo de Albuquerque Cavalcanti Sobrinha Montenegro'.slice(0, 80);
const great = 123456789; // R$ 1.234.567,89

/** A clinic with a long name, and one of everything at R$ 1.234.567,89, for a payer with a long name. */
async function crowded(): Promise<Clinic> {
  const clinic = await newClinic(longName);
  await connect(clinic);
  for (const flow of ['pix', 'card', 'boleto_overdue', 'anticipation_credited', 'checkout_paid'])
    await play(clinic, flow, { amountCents: great, reference: 'orcamento-numero-20261129-0001' });
  const headers = { access_token: clinic.account.apiKey, 'Content-Type': 'application/json', 'User-Agent': 'e2e' };
  const send = async (path: string, body: unknown) => {
    const answer = await fetch(ready().simulatorUrl + path, { method: 'POST', headers, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  };
  const customer = await send('/v3/customers', { name: longPayer, cpfCnpj: '24971563792' });
  const dueDate = new Date(Date.now() + 5 * 86_400_000).toISOString().slice(0, 10);
  await send('/v3/payments', { customer: customer.id, billingType: 'PIX', value: great / 100, dueDate });
  await processed(clinic);
  return clinic;
}

/** What is cut off, or stands out of its card; the months of the statement are a row that one scrolls. */
const cutOff = (page: Page) =>
  page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>('main .card *, main td *, header *')]
      .filter((e) => e.checkVisibility() && !e.closest('.sr, [aria-hidden], .mantine-Input-wrapper, svg, .months'))
      .filter((e) => {
        const card = e.closest('.card, td, header')!.getBoundingClientRect();
        const box = e.getBoundingClientRect();
        return box.right > card.right + 1 || box.left < card.left - 1;
      })
      .map((e) => e.outerHTML.slice(0, 120)),
  );

test('on a phone nothing is cut off, however long the names and amounts are', async ({ page }) => {
  expect([longName.length, longPayer.length]).toEqual([80, 80]);
  const clinic = await crowded();
  await open(page, '/app', clinic);
  for (const path of ['', '/faturas', '/checkouts', '/antecipacoes', '/extrato', '/eventos', '/pendencias']) {
    await page.setViewportSize({ width: 1280, height: 900 });
    await page.goto(ready().url + '/app' + path);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    await calm(page);
    for (const width of [375, 320]) {
      await page.setViewportSize({ width, height: 900 });
      await fits(page);
      await expect.poll(() => cutOff(page), `${path} at ${width} px`).toEqual([]);
      if (process.env.SHOTS)
        await page.screenshot({
          path: `${process.env.SHOTS}/long${path.replace('/', '-')}-${width}.png`,
          fullPage: true,
        });
    }
  }
});

test('the bar at the bottom of a phone leads to the money', async ({ page }) => {
  const clinic = await newClinic();
  await connect(clinic);
  await page.setViewportSize({ width: 375, height: 800 });
  await open(page, '/app', clinic);
  const bar = page.getByRole('navigation', { name: 'Atalhos' });
  await expect(bar.locator('> *')).toHaveText(['Início', 'Faturas', 'Extrato', 'Menu']);
  await bar.getByRole('link', { name: 'Extrato' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Extrato' })).toBeVisible();
  await bar.getByRole('button', { name: 'Menu' }).click();
  await page.getByRole('navigation', { name: 'Menu completo' }).getByRole('link', { name: 'Eventos' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Eventos' })).toBeVisible();
});

test('a printed page says whose it is, of which days, and which of how many', async ({ page }) => {
  const clinic = await newClinic();
  await connect(clinic);
  await play(clinic, 'pix', { amountCents: 12990 });
  await open(page, '/app/extrato', clinic);
  await expect(page.getByTestId('ledger-row').first()).toBeVisible();
  await expect(page.getByTestId('printed-header')).toBeHidden();
  await page.emulateMedia({ media: 'print' });
  const header = page.getByTestId('printed-header');
  await expect(header).toContainText(clinic.name);
  await expect(header).toContainText(/CNPJ \d\d\.\d{3}\.\d{3}\/\d{4}-\d\d/);
  await expect(header).toContainText(/Impresso em \d\d\/\d\d\/\d{4} às \d\d:\d\d:\d\d/);
  await expect(page.getByText(/Período: de \d\d\/\d\d\/\d{4} a \d\d\/\d\d\/\d{4}/)).toBeVisible();
  await expect(page.getByRole('navigation').first()).toBeHidden();
  const rules = await page.evaluate(() =>
    [...document.styleSheets].flatMap((sheet) => [...sheet.cssRules].map((rule) => rule.cssText)).join('\n'),
  );
  expect(rules).toMatch(/@page[^}]*counter\(page\)|@bottom-right[^}]*counter\(page\)/);
  if (process.env.SHOTS) await page.pdf({ path: `${process.env.SHOTS}/printed.pdf`, format: 'A4' });
});
