import { api, connect, everyWay, expect, firstCheckDone, newClinic, open, openFilters, play, test } from './world';

test('a refused card is told on the invoice, in its timeline, and found by a filter', async ({ page }) => {
  const clinic = await newClinic();
  await connect(clinic);
  await firstCheckDone(clinic);
  await play(clinic, 'risk_reproved', { amountCents: 8900, reference: 'orc-recusado' });
  await play(clinic, 'pix', { amountCents: 5000, reference: 'orc-aceito' });
  const { data } = await api(clinic, 'GET', '/invoices?refusedSince=2000-01-01T00:00:00Z');
  expect(data.map((v: any) => [v.externalReference, v.lastRefusal.kind])).toEqual([['orc-recusado', 'risk_analysis']]);
  await open(page, '/app/faturas', clinic);
  await expect(page.getByTestId('invoice-row')).toHaveCount(2);
  await openFilters(page);
  await page.getByLabel('Cartão recusado').selectOption('7');
  await page.keyboard.press('Escape');
  await expect(page).toHaveURL(/recusado=/);
  await expect(page.getByTestId('invoice-row')).toHaveCount(1);
  await expect(page.getByRole('button', { name: 'Tirar filtro: Cartão recusado: nos últimos 7 dias' })).toBeVisible();
  await page.getByTestId('invoice-row').getByRole('link').first().click();
  await expect(page.getByTestId('last-refusal')).toContainText(/Cartão .*recus|Cartão .*reprov/);
  await expect(page.getByTestId('last-refusal')).toContainText('O cliente pode tentar de novo');
  await expect(page.getByText(/análise de risco/i).first()).toBeVisible();
  await everyWay(page, 'invoice-refused');
  await page.goBack();
  await page.getByRole('button', { name: 'Tirar filtro: Cartão recusado: nos últimos 7 dias' }).click();
  await expect(page.getByTestId('invoice-row')).toHaveCount(2);
});
