import { codeOf } from './authenticator';
import { everyWay, expect, logIn, newClinic, open, ready, test } from './world';

const profile = '/app/perfil';

test('a person sets a second factor up, and is asked for it at the next login', async ({ page, browser }) => {
  const clinic = await newClinic();
  await open(page, profile, clinic);
  const card = page.getByTestId('factors');
  await card.getByRole('button', { name: 'Ligar segundo fator' }).click();
  await card.getByRole('button', { name: 'Continuar' }).click();
  await expect(card.getByText('Informe a senha.')).toBeVisible();
  await card.getByLabel('Sua senha', { exact: true }).fill(clinic.password);
  await card.getByRole('button', { name: 'Continuar' }).click();
  await expect(card.getByRole('img', { name: 'Código QR' })).toBeVisible();
  const secret = (await page.getByTestId('value-factor-secret').textContent())!.trim();
  await everyWay(page, 'factor-set-up');
  await card.getByLabel('Código que o aplicativo mostra').fill(codeOf(secret));
  await card.getByRole('button', { name: 'Ligar segundo fator' }).click();
  const shown = page.getByTestId('recovery-codes').getByRole('listitem');
  await expect(shown).toHaveCount(10);
  const codes = await shown.allTextContents();
  await everyWay(page, 'recovery-codes');
  await card.getByRole('button', { name: 'Já guardei' }).click();
  await expect(page.getByTestId('factor-row')).toHaveCount(1);
  await expect(page.getByText(codes[0]!)).toHaveCount(0);

  const other = await (await browser.newContext({ locale: 'pt-BR', timezoneId: 'America/Sao_Paulo' })).newPage();
  await other.goto(ready().url + profile);
  await logIn(other, clinic);
  await expect(other.getByTestId('code-step')).toBeVisible();
  await everyWay(other, 'code-step');
  await other.getByLabel('Código do aplicativo').fill('000000');
  await other.getByRole('button', { name: 'Confirmar' }).click();
  await expect(other.getByText('Código incorreto ou vencido.')).toBeVisible();
  await other.getByRole('button', { name: 'Usar um código de recuperação' }).click();
  await other.getByLabel('Código de recuperação').fill(codes[0]!);
  await other.getByRole('button', { name: 'Confirmar' }).click();
  await expect(other.getByTestId('factors')).toContainText('que ainda valem: 9');
  await other.context().close();
});
