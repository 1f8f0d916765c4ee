import type { Page } from '@playwright/test';

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

test('a passkey stands in place of a code, at the next login and for what asks again', async ({ page, browser }) => {
  const clinic = await newClinic();
  const device = await virtualDevice(page);
  await open(page, profile, clinic);
  const card = page.getByTestId('factors');
  await card.getByRole('button', { name: 'Adicionar chave de acesso' }).click();
  await everyWay(page, 'passkey-set-up');
  await card.getByLabel('Nome da chave').fill('Notebook');
  await card.getByLabel('Sua senha', { exact: true }).fill(clinic.password);
  await card.getByRole('button', { name: 'Criar chave de acesso' }).click();
  await expect(page.getByTestId('recovery-codes').getByRole('listitem')).toHaveCount(10);
  await card.getByRole('button', { name: 'Já guardei' }).click();
  await expect(page.getByTestId('factor-row')).toContainText('Chave de acesso');
  const [made] = (await device.send('WebAuthn.getCredentials', { authenticatorId: device.id })).credentials;
  expect(made!.rpId).toBe(new URL(ready().url).hostname);

  const other = await (await browser.newContext({ locale: 'pt-BR', timezoneId: 'America/Sao_Paulo' })).newPage();
  const synced = await virtualDevice(other);
  await synced.send('WebAuthn.addCredential', { authenticatorId: synced.id, credential: made! });
  await other.goto(ready().url + profile);
  await logIn(other, clinic);
  await other.getByTestId('code-step').getByRole('button', { name: 'Usar chave de acesso' }).click();
  await expect(other.getByTestId('factor-row')).toHaveCount(1);

  await other.getByRole('button', { name: 'Remover' }).click();
  const dialog = other.getByRole('dialog');
  await dialog.getByLabel('Sua senha', { exact: true }).fill(clinic.password);
  await dialog.getByRole('button', { name: 'Usar chave de acesso' }).click();
  await expect(other.getByRole('button', { name: 'Entrar' })).toBeVisible();
  await logIn(other, clinic); // the password alone again
  await expect(other.getByTestId('factors').getByRole('button', { name: 'Ligar segundo fator' })).toBeVisible();
  await other.context().close();
});

/** A device with a verified person behind it, as Chromium makes one for tests. */
async function virtualDevice(page: Page) {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('WebAuthn.enable');
  const { authenticatorId: id } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return { id, send: cdp.send.bind(cdp) };
}
