import { accessible, calm, connect, expect, fits, newClinic, open, openFilters, test } from './world';

// A date reads dd/mm/aaaa in every language of the browser: a native field reads mm/dd/yyyy in this one.
test.use({ locale: 'en-US' });

test('days are typed or chosen by keyboard, and read the same in an English browser', async ({ page }) => {
  const clinic = await newClinic();
  await connect(clinic);
  await open(page, '/app/faturas', clinic);
  await openFilters(page);
  const from = page.getByLabel('Vencimento de', { exact: true });
  const to = page.getByLabel('Vencimento até', { exact: true });
  await from.pressSequentially('5/1/26');
  await from.press('Tab');
  await expect(from).toHaveValue('05/01/2026');
  await expect(page).toHaveURL(/vencimentoDe=2026-01-05/);
  await expect(page.getByRole('button', { name: 'Tirar filtro: Vencimento: desde 05/01/2026' })).toBeVisible();

  await to.fill('12/20/2026'); // the American order is no date, and filters by nothing
  await to.press('Tab');
  await expect(to).toHaveAccessibleDescription(/Digite uma data que exista/);
  await expect(page).not.toHaveURL(/vencimentoAte/);

  await to.fill('20/12/2026'); // whole, it counts at once
  await expect(page).toHaveURL(/vencimentoAte=2026-12-20/);
  await expect(to).toHaveAccessibleDescription('');
  await page.setViewportSize({ width: 320, height: 800 });
  await page.getByRole('button', { name: 'Calendário de Vencimento até' }).press('Enter');
  await expect(page.getByRole('button', { name: '20 de dezembro de 2026' })).toBeFocused();
  await fits(page);
  await accessible(page);
  await page.emulateMedia({ colorScheme: 'dark' });
  await accessible(page, ['color-contrast']);
  if (process.env.SHOTS) await page.screenshot({ path: process.env.SHOTS + '/dates-320.png' });
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  await expect(to).toBeFocused();
  await expect(to).toHaveValue('21/12/2026');
  await expect(page).toHaveURL(/vencimentoAte=2026-12-21/);

  await to.fill('04/01/2026');
  await expect(to).toHaveAccessibleDescription('O fim vem antes do começo.');
  await page.getByRole('group', { name: 'Período de Vencimento' }).getByRole('button', { name: 'Este mês' }).click();
  await expect(page).toHaveURL(/vencimentoDe=\d{4}-\d\d-01&vencimentoAte=\d{4}-\d\d-(28|29|30|31)/);
  await calm(page);
});
