import { api, connect, everyWay, expect, firstCheckDone, newClinic, open, play, test } from './world';

test('a dispute says why, until when, how much is at risk and what to send', async ({ page }) => {
  const clinic = await newClinic();
  await connect(clinic);
  await firstCheckDone(clinic);
  await play(clinic, 'chargeback_open', { amountCents: 45000, reference: 'orc-disputa' });
  const { data } = await api(clinic, 'GET', '/invoices?status=disputed');
  expect(data).toHaveLength(1);
  await open(page, '/app', clinic);
  await page.getByTestId('action-dispute').click();
  await expect(page).toHaveURL(/\/app\/disputas/);
  const row = page.getByTestId('dispute-row');
  await expect(row).toHaveCount(1);
  await expect(row).toContainText(/R\$\s450,00/);
  await expect(row).not.toContainText(/[A-Z_]{6,}/);
  await expect(page.getByTestId('dispute-deadline')).toContainText(
    /Faltam? \d+ dias?|Último dia|não informou o prazo|Documentos enviados/,
  );
  await expect(page.getByText(/1 disputa · R\$\s450,00/)).toBeVisible();
  await everyWay(page, 'disputes');
  await row.getByRole('link').first().click();
  await expect(page.getByRole('heading', { level: 1, name: 'Fatura orc-disputa' })).toBeVisible();
});
